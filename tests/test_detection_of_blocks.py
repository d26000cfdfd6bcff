"""Many tables at once have the verdicts that each of them has on its own."""

from dataclasses import fields, replace

import numpy as np
import pytest

from sigstats.data.table.block import CellBlock
from sigstats.detection import verdict_on
from sigstats.detection.blocks import verdicts_on_block
from sigstats.shapes import Custom
from sigstats.signature.signature import Signature
from sigstats.studies.screen.judging import judge_block
from sigstats.studies.screen.rows import UNKNOWN, row_of

N_TABLES = 14
CURVES = (
    lambda x: 0 * x,
    lambda x: x,
    lambda x: (x > 0.5) * 1.0,
    lambda x: np.maximum(x - 0.5, 0) * 2,
    lambda x: 1 - 4 * (x - 0.5) ** 2,
    lambda x: np.minimum(2 * x, 1),
    lambda x: 1 / (1 + np.exp(-12 * (x - 0.5))),
)
SHAPES = {
    "increasing": {},
    "decreasing": {},
    "flat": {"min_effect": 0.5},
    "linear": {},
    "step": {"shape": {"name": "threshold", "form": "step"}},
    "hinge": {"shape": {"name": "threshold", "form": "hinge"}},
    "peak": {},
    "valley": {},
    "saturating": {"min_effect": 0.3},
    "above": {"shape": {"name": "above", "value": 0.5}},
    "below": {"shape": {"name": "below", "value": 2.5}},
    "sigmoid": {},
    "convex": {},
    "concave": {},
    "power_law": {},
    "flat by contrast": {"shape": {"name": "flat", "by": "contrast"}, "min_effect": 0.5},
    "hinge at a level": {"shape": {"name": "threshold", "onset": 1.5}},
    "step at a level": {"shape": {"name": "threshold", "form": "step", "onset": 1.5}},
    "exponent in a range": {"shape": {"name": "power_law", "exponent": (0.2, 2.0)}},
    "negative exponent": {"shape": {"name": "power_law", "exponent": (-2.0, -0.2)}},
    "contrast": {"shape": {"name": "ordered", "weights": (-1, -1, -1, 0, 1, 1, 1)}},
    "custom": {
        "shape": Custom(function=lambda levels, values: float(np.dot(levels - levels.mean(), values)))
    },
}
DESIGNS = {
    "one control": {},
    "shared seeds": {"shared": True},
    "many seeds": {"shared": True, "n_seeds": 8},
    "two controls": {"controls": 2, "shared": True},
    "two treatments": {"treatments": 2, "controls": 0},
    "both": {"treatments": 2},
    "fresh runs": {"independent": True},
}
WITHOUT_CONTROL = {"flat", "flat by contrast", "above", "below"}


def block_of(
    *,
    treatments: int = 1,
    controls: int = 1,
    n_seeds: int = 5,
    n_levels: int = 7,
    shared: bool = False,
    independent: bool = False,
    seed: int = 3,
) -> CellBlock:
    """Return tables of all kinds of curves, each with noise of its own."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, n_levels)
    height = np.resize([0.0, 0.3, 1.0], N_TABLES)
    curve = np.array([CURVES[at % len(CURVES)](x) for at in range(N_TABLES)]) * height[:, None]
    share = np.resize([0.0, 0.5, 1.0, 0.0, -0.5], N_TABLES)
    cells, labels = [], []
    names = [f"control {at}" for at in range(controls)] + [f"treated {at}" for at in range(treatments)]
    for name in names:
        means = 1.0 + curve * (share[:, None] if name.startswith("control") else 1.0)
        if independent:
            values = np.full((N_TABLES, n_seeds * n_levels, n_levels), np.nan)
            for level in range(n_levels):
                rows = slice(level * n_seeds, (level + 1) * n_seeds)
                values[:, rows, level] = means[:, [level]] + rng.normal(0, 0.15, (N_TABLES, n_seeds))
        else:
            noise = rng.normal(0, 0.15, (N_TABLES, n_seeds, n_levels))
            values = means[:, None, :] + noise + rng.normal(0, 0.1, (N_TABLES, n_seeds, 1))
        cells.append(values)
        labels.append(tuple(f"{at:02d}" if shared else f"{name} {at:02d}" for at in range(values.shape[1])))
    return CellBlock(
        table_of=np.arange(N_TABLES),
        conditions=tuple(names),
        seeds=tuple(labels),
        levels=1.0 + x,
        cells=tuple(cells),
    )


def signature_of(shape: str, block: CellBlock) -> Signature:
    """Return a claim of the shape, with the controls of a block where it is compared with any."""
    controls = [name for name in block.conditions if name.startswith("control")]
    treated = [name for name in block.conditions if name.startswith("treated")]
    given = {"shape": shape, "treatment": treated} | SHAPES[shape]
    return Signature(**given, control=None if shape in WITHOUT_CONTROL else controls or None)


def same_number(found: float, known: float) -> bool:
    return bool(np.isclose(found, known, rtol=1e-9, atol=1e-12, equal_nan=True))


def with_gaps(block: CellBlock, share: float, *, late: bool = False) -> CellBlock:
    """Return the block with cells that are missing in all its tables: any of them, or some at the last level."""
    rng = np.random.default_rng(3)
    cells = []
    for each in block.cells:
        missing = rng.random(each.shape[1:]) < share
        if late:
            missing[:, :-1] = False
        cells.append(np.where(missing, np.nan, each))
    return replace(block, cells=tuple(cells))


def require_same(block: CellBlock, signature: Signature) -> None:
    """Require that every table of a block has the row of its own verdict."""
    rows = judge_block(block, signature)
    for at in range(block.n_tables):
        known = row_of(verdict_on(block.table(at), signature))
        for each in fields(known):
            found, expected = getattr(rows, each.name)[at], getattr(known, each.name)
            same = same_number(found, expected) if isinstance(expected, float) else found == expected
            assert same, (at, each.name, found, expected)


def at_once(block: CellBlock, signature: Signature) -> int:
    return sum(part.tables.size for part in verdicts_on_block(block, signature) if part.at_once)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_table_of_a_block_has_its_own_verdict(shape):
    block = block_of()
    signature = signature_of(shape, block)
    require_same(block, signature)
    assert at_once(block, signature) >= N_TABLES - 2


@pytest.mark.parametrize(
    "shape", ["increasing", "flat", "hinge", "linear", "saturating", "above", "power_law"]
)
def test_blocks_with_missing_cells(shape):
    block = with_gaps(block_of(), 0.1)
    signature = signature_of(shape, block)
    require_same(block, signature)
    assert at_once(block, signature) >= N_TABLES - 4


@pytest.mark.parametrize("shape", ["step", "peak", "sigmoid"])
def test_tables_scored_at_different_cells_are_told_apart(shape):
    block = with_gaps(block_of(), 0.1)
    require_same(block, signature_of(shape, block))


def test_a_definite_answer_that_hangs_on_lost_cells_is_asked_of_each_table():
    block = with_gaps(block_of(n_seeds=8), 0.5, late=True)
    signature = signature_of("increasing", block)
    require_same(block, signature)
    alone = [part for part in verdicts_on_block(block, signature) if not part.at_once]
    asked = [part.verdict.evidence.lost.stands for part in alone if part.verdict is not None]
    assert {True, False} <= set(asked)
    assert at_once(block, signature) > 0


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("shape", ["increasing", "hinge", "flat"])
def test_blocks_of_every_design(shape, design):
    block = block_of(**DESIGNS[design])
    signature = signature_of(shape, block)
    require_same(block, signature)
    assert at_once(block, signature) >= N_TABLES - 4


@pytest.mark.parametrize(
    "options",
    [
        {"across": "each"},
        {"min_effect": 0.3},
        {"min_effect": 0.3, "across": "each"},
        {"metric_scale": "log"},
        {"knob_scale": "log"},
        {"knob_scale": "rank"},
        {"knob_scale": "fraction"},
        {"alpha": 0.01},
        {"bounds": (0.0, 3.0)},
    ],
    ids=str,
)
def test_options_count_in_blocks_as_in_tables(options):
    block = block_of(treatments=2, controls=2, n_seeds=4)
    signature = Signature(
        shape="increasing", treatment=block.conditions[2:], control=block.conditions[:2], **options
    )
    require_same(block, signature)


def test_what_blocks_do_not_know_is_asked_table_by_table():
    block = block_of(shared=True, n_seeds=8)
    signature = Signature(shape="increasing", treatment="treated 0", across_seeds="majority")
    require_same(block, signature)
    assert at_once(block, signature) == 0


@pytest.mark.parametrize("shape", ["step", "hinge", "peak"])
def test_seeds_that_choose_a_place_in_folds_are_asked_table_by_table(shape):
    """With more than 20 seeds the folds depend on the order of seeds, which is that of each table's own values."""
    block = block_of(n_seeds=21).take(slice(3))
    require_same(block, signature_of(shape, block))


def test_turns_in_folds_are_asked_table_by_table():
    block = with_gaps(block_of(n_seeds=52), 0.05).take(slice(2))
    signature = signature_of("increasing", block)
    known = [verdict_on(block.table(at), signature).evidence.reversal for at in range(2)]
    found = {
        int(part.tables[0]): part.verdict.evidence.reversal for part in verdicts_on_block(block, signature)
    }
    assert [found[at].statistic for at in range(2)] == pytest.approx([each.statistic for each in known])


def test_planned_looks_count_in_blocks():
    block = block_of(shared=True, n_seeds=8)
    signature = Signature(shape="increasing", treatment="treated 0", looks=[4, 8])
    require_same(block, signature)
    assert at_once(block, signature) >= N_TABLES - 2


def test_a_table_with_a_copied_seed_or_without_a_scale_is_told_apart():
    block = block_of()
    cells = [each.copy() for each in block.cells]
    cells[1][4, 1] = cells[1][4, 0]
    cells[1][6, 0, 0] = -1.0
    block = CellBlock(
        table_of=block.table_of,
        conditions=block.conditions,
        seeds=block.seeds,
        levels=block.levels,
        cells=tuple(cells),
    )
    signature = Signature(shape="increasing", control="control 0")
    require_same(block, signature)
    logged = Signature(shape="increasing", control="control 0", metric_scale="log")
    rows = judge_block(block, logged)
    assert rows.status[6] == UNKNOWN
    assert "-1" in rows.problem[6]
    assert (np.delete(rows.status, 6) != UNKNOWN).all()


def test_what_is_tolerated_in_every_treatment():
    block = block_of(treatments=2, n_seeds=3, independent=True)
    require_same(block, replace(signature_of("hinge at a level", block), across="each"))
