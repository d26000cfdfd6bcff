"""A shape is one class and one entry: a toy shape is picked up by everything that asks something of shapes."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from sigstats import Card, Signature, SweepTable, compare_shapes, detect, robustness
from sigstats.cli.main import main
from sigstats.errors import CardError, OptionError, SignatureError
from sigstats.shapes import SHAPES, Clause, ScoreContext, Scores, Shape, Weights
from sigstats.studies.robustness.choices import default_choices
from sigstats.studies.robustness.synthetic_controls import synthetic_controls

LEVELS = np.arange(8.0)
TABLES = Path(__file__).parents[2] / "docs" / "tables.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zigzag(Shape):
    """The metric goes up and down from level to level, and stays where it is on the whole."""

    name: ClassVar[str] = "zigzag"
    claim: ClassVar[str] = "goes up and down along the knob"
    clauses: ClassVar[tuple[Clause, ...]] = (
        Clause(
            name="swings",
            kind="primary",
            says="swings from level to level",
            refuted="opposite",
            null="mean swing over seeds <= 0",
            noun="swing",
            measures="mean of every second level minus mean of the others",
        ),
        Clause(
            name="steady",
            kind="required",
            says="stays where it is on the whole",
            refuted="wanders",
            unresolved="steadiness_open",
            null="the slope is at least the allowed part of the swing",
            sides=2,
            noun="steadiness",
            measures="allowed part of the swing minus the slope",
        ),
    )
    opposes: ClassVar[frozenset[str]] = frozenset({"linear"})
    free_scores: ClassVar[bool] = True

    allowed: float = 0.5

    def contrasts(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights of the swing, and those of what is left of the allowed slope."""
        odd = np.arange(x.size) % 2
        swing = odd / odd.sum() - (1 - odd) / (1 - odd).sum()
        slope = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
        return swing[None], np.stack([self.allowed * swing - slope, self.allowed * swing + slope])

    def score(self, curves: np.ndarray, context: ScoreContext) -> Mapping[str, Scores]:
        """Return the contrasts of each seed."""
        swing, room = self.contrasts(context.x)
        return {"swings": Scores(parts=curves @ swing.T), "steady": Scores(parts=curves @ room.T)}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:
        """Return the contrasts of level means."""
        swing, room = self.contrasts(context.x)
        return {
            "swings": Weights(weights=swing, offsets=np.zeros(1)),
            "steady": Weights(weights=room, offsets=np.zeros(2)),
        }


@pytest.fixture(autouse=True)
def entered(monkeypatch):
    monkeypatch.setitem(SHAPES, "zigzag", Zigzag)


def sweep(slope=0.0, spread=0.0, n_seeds=6):
    """Return a sweep whose treatment swings by 2 and has a slope that differs between seeds, and a flat control."""
    rng = np.random.default_rng(4)
    noise = 0.05 * rng.standard_normal((2, n_seeds, LEVELS.size))
    slopes = slope + spread * np.linspace(-1.0, 1.0, n_seeds)[:, None]
    curve = np.resize((-1.0, 1.0), LEVELS.size) + slopes * LEVELS / LEVELS[-1]
    return SweepTable.from_matrices(LEVELS, {"treatment": curve + noise[0], "control": noise[1]})


CLAIM = {"shape": "zigzag", "control": "control"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "status", "reasons", "said"),
    [
        (sweep(), "present", (), "goes up and down along knob"),
        (sweep(slope=4.0), "partial", ("wanders",), "stays where it is on the whole is refuted"),
        (
            sweep(slope=0.5, spread=2.0),
            "inconclusive",
            ("steadiness_open",),
            "the whole is neither shown nor refuted",
        ),
    ],
    ids=["there", "refuted", "unresolved"],
)
def test_a_verdict_gives_the_reasons_of_its_clauses(table, status, reasons, said):
    verdict = detect(table, **CLAIM)
    assert (verdict.status, verdict.reasons) == (status, reasons)
    assert said in verdict.summary(full=True)
    assert verdict.to_dict()["reasons"] == list(reasons)
    assert said in verdict.to_html()


def test_a_card_does_not_predict_it_together_with_what_it_opposes(tmp_path):
    path = tmp_path / "card.toml"
    path.write_text(
        "[[signature]]\nshape = 'linear'\n[[signature]]\nshape = { name = 'zigzag', allowed = 0.2 }\n"
    )
    with pytest.raises(CardError, match="predict 'linear' and 'zigzag' of the same rows"):
        Card.from_toml(path)
    card = Card(signatures=[Signature(shape="zigzag"), Signature(shape="increasing")])
    path.write_text(card.to_toml())
    assert Card.from_toml(path) == card


def test_its_name_and_options_are_checked_like_any_other():
    with pytest.raises(SignatureError, match="Did you mean 'zigzag'"):
        Signature(shape="zigzags")
    with pytest.raises(SignatureError, match="Did you mean 'allowed'"):
        Signature(shape={"name": "zigzag", "alowed": 0.2})


@pytest.mark.long
@pytest.mark.parametrize(
    "names",
    [
        ("quiet_fraction", "line"),
        pytest.param(("window", "design", "paired", "quiet_fraction", "line"), marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)
def test_robustness_varies_what_it_leaves_open(names):
    """Some of it, that is; all of it together is slow."""
    claim = Signature(**CLAIM)
    offered = default_choices(sweep(), claim)
    assert {choice.name for choice in offered} == {
        "window",
        "design",
        "paired",
        "quiet_fraction",
        "line",
    }
    some = [choice for choice in offered if choice.name in names]
    found = robustness(sweep(), claim, choices=some, replications=0)
    assert len(found.analyses) > 3
    assert found.joint is not None
    assert {reading.status for reading in (each.reading for each in found.analyses)} >= {"present"}


@pytest.mark.long
@pytest.mark.parametrize(("needs_order", "kinds"), [(True, 2), (False, 1)])
def test_synthetic_controls_break_it_if_it_needs_the_order_of_the_levels(monkeypatch, needs_order, kinds):
    monkeypatch.setattr(Zigzag, "needs_order", needs_order)
    found = synthetic_controls(sweep(), Signature(**CLAIM), replications=10)
    assert len(found.controls) == kinds
    assert [why for _, why in found.skipped] == [
        "a claim of the shape 'zigzag' holds for levels in any order"
    ] * (2 - kinds)


def test_it_is_compared_as_the_form_that_it_names(monkeypatch):
    with pytest.raises(OptionError, match="'zigzag' does not say which form the curve has"):
        compare_shapes(sweep(), **CLAIM)
    monkeypatch.setattr(Zigzag, "fitted_as", "sigmoid")
    assert compare_shapes(sweep(), **CLAIM).declared == "sigmoid"
    with pytest.raises(OptionError, match="Did you mean 'zigzag'"):
        compare_shapes(sweep(), shapes=["zigzak"])


def test_the_tables_of_the_documentation_have_a_row_for_it():
    spec = importlib.util.spec_from_file_location("tables", TABLES)
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    assert (
        "| `zigzag` | goes up and down along the knob | swings from level to level |"
        in tables.shape_clauses()
    )
    assert "| `zigzag` | `allowed=0.5` | 3 |" in tables.shape_options()
    assert "| `wanders` | `zigzag` | shown to be false: stays" in tables.clause_reasons()
    assert "| `steadiness_open` | `zigzag` | neither shown nor refuted: stays" in tables.clause_reasons()


@pytest.mark.long
def test_the_command_line_takes_it(tmp_path, capsys):
    path = tmp_path / "sweep.csv"
    sweep().to_frame().to_csv(path, index=False)
    asked = ["check", str(path), "--shape", "{ name = 'zigzag', allowed = 0.4 }", "--control", "control"]
    assert main(asked) == 0
    assert "goes up and down along knob" in capsys.readouterr().out


def test_a_required_clause_must_name_the_reason_that_leaves_it_unresolved():
    with pytest.raises(SignatureError, match="a required clause names the reason"):
        Clause(name="a", kind="required", says="is so", refuted="not_a", null="it is not")
    with pytest.raises(SignatureError, match="and no other clause does"):
        Clause(name="a", kind="tolerated", says="is so", refuted="not_a", unresolved="b", null="it is not")


def test_the_shape_is_listed_with_a_sketch_of_its_contrast(capsys):
    """No second list is kept: what is said of it comes from its class."""
    assert main(["shapes", "zigzag"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("zigzag  ▁")
    assert "swings (primary): swings from level to level" in said
    assert 'shape = "zigzag"' in said or "allowed = 0.5" in said
