"""Where a signature holds: cells, statements after correction, boundaries."""

import json

import numpy as np
import pandas as pd
import pytest

from sigstats import Signature, SweepTable, detect, scope
from sigstats.errors import OptionError, SignatureError, TableError
from sigstats.stats import adjust
from sigstats.studies.answers.pvalues import denied_pvalue, present_pvalue
from sigstats.studies.scope.boundary import Pattern, boundary_along
from sigstats.studies.scope.record import Unsettled
from sigstats.studies.scope.statements import corrected
from sigstats.verdict.rules import Status

CLAIM = Signature(shape="increasing", min_effect=1.0)


def design(effects, *, by="width", n_seeds=8, noise=0.2, rng=0, control=False):
    """Return a frame with one sweep for each value of a moderator; an effect of None leaves 2 seeds only."""
    generator = np.random.default_rng(rng)
    rows = []
    for value, effect in effects.items():
        for condition in ("treatment", "control") if control else ("treatment",):
            own = 0.0 if condition == "control" else 3.0 if effect is None else effect
            for seed in range(2 if effect is None else n_seeds):
                for level in range(6):
                    metric = own * level / 5 + noise * generator.standard_normal()
                    rows.append((value, condition, seed, level, metric))
    return pd.DataFrame(rows, columns=[by, "condition", "seed", "knob", "metric"])


def at(cells, name="width"):
    return [cell.values[name] for cell in cells]


@pytest.mark.long
def test_cells_are_sorted_into_those_that_show_it_those_that_do_not_and_the_rest():
    frame = design({16: 4.0, 32: 4.0, 64: None, 128: 0.0, 256: 0.0})
    found = scope(frame, CLAIM, ordered="width")
    assert (at(found.holds), at(found.holds_not), at(found.unknown)) == ([16, 32], [128, 256], [64])
    assert found.unknown[0].unsettled is Unsettled.INCONCLUSIVE
    assert [str(each) for each in found.unknown[0].reasons] == ["too_few_seeds"]
    (boundary,) = found.boundaries
    assert (boundary.pattern, boundary.low, boundary.high) == (Pattern.HOLDS_BELOW, 32, 128)
    assert boundary.confidence == pytest.approx(0.9)
    assert "changes over between 32 and 128 (90% interval)" in " ".join(found.summary(full=True).split())


@pytest.mark.long
def test_each_cell_has_the_verdict_on_its_rows_alone():
    frame = design({16: 4.0, 128: 0.0}, control=True)
    claim = Signature(shape="increasing", min_effect=1.0, control="control")
    found = scope(frame, claim, by="width")
    for cell in found.cells:
        alone = detect(frame[frame.width == cell.values["width"]], claim)
        assert cell.verdict.provenance.data_hash == alone.provenance.data_hash
        assert (cell.status, cell.pvalue_holds) == (alone.status, present_pvalue(alone))
        assert cell.pvalue_not == denied_pvalue(alone)
        assert detect(frame, cell.verdict.signature).status is alone.status


@pytest.mark.long
def test_both_kinds_of_statement_are_corrected_by_holm():
    frame = design(dict.fromkeys(range(8), 1.6), noise=1.0, n_seeds=5)
    found = scope(frame, CLAIM, by=["width"])
    own = [cell.pvalue_holds for cell in found.cells]
    assert [cell.adjusted_holds for cell in found.cells] == adjust(own, method="holm").tolist()
    assert any(cell.unsettled is Unsettled.CORRECTED for cell in found.cells)
    for cell in found.cells:
        assert (cell.holds is True) == (cell.adjusted_holds <= 0.05)
        assert not (cell.unsettled is Unsettled.CORRECTED and cell.status is Status.INCONCLUSIVE)


def test_a_declared_end_tests_in_order_and_stops():
    present, absent = [0.01, 0.04, 0.3, 0.001, 1.0], [1.0, 1.0, 0.2, 0.01, 0.03]
    low = corrected(present, absent, [range(5)], "low")
    assert [each.tolist() for each in low] == [[0.01, 0.04, 0.3, 0.3, 1.0], [1.0, 1.0, 0.2, 0.03, 0.03]]
    high = corrected(present, absent, [range(5)], "high")
    assert high[0].tolist() == [1.0, 1.0, 1.0, 1.0, 1.0]
    two = corrected(present[:4], absent[:4], [(0, 1), (2, 3)], "low")
    assert two[0].tolist() == [0.02, 0.08, 0.6, 0.6]


@pytest.mark.long
def test_a_declared_end_finds_more_where_it_is_right_and_stops_where_it_is_wrong():
    frame = design(dict.fromkeys(range(6), 1.8) | {9: 0.0}, noise=1.0, n_seeds=5, rng=3)
    plain = scope(frame, CLAIM, ordered="width")
    right = scope(frame, CLAIM, ordered="width", holds_at="low")
    wrong = scope(frame, CLAIM, ordered="width", holds_at="high")
    assert len(right.holds) >= len(plain.holds)
    assert wrong.holds == ()
    assert Unsettled.EARLIER_CELL in {cell.unsettled for cell in wrong.unknown}
    assert "a cell before it in the declared order" in wrong.summary(full=True)


@pytest.mark.parametrize(
    ("holds", "pattern", "ends"),
    [
        ([True, None, False], Pattern.HOLDS_BELOW, (1, 3)),
        ([False, True, True], Pattern.HOLDS_ABOVE, (1, 2)),
        ([True, True, None], Pattern.NO_CHANGE, (None, None)),
        ([False, False, False], Pattern.NO_CHANGE, (None, None)),
        ([True, False, True], Pattern.NOT_MONOTONE, (None, None)),
        ([None, None, None], Pattern.UNKNOWN, (None, None)),
    ],
)
def test_patterns_along_an_order(holds, pattern, ends):
    found = boundary_along("width", {}, [1, 2, 3], holds, alpha=0.05)
    assert (found.pattern, (found.low, found.high)) == (pattern, ends)


@pytest.mark.long
def test_a_pattern_that_is_not_monotone_is_said_as_such():
    found = scope(design({1: 4.0, 2: 0.0, 3: 4.0}), CLAIM, ordered=["width"])
    assert found.boundaries[0].pattern is Pattern.NOT_MONOTONE
    assert "no single boundary: yes at 1, no at 2 and yes at 3" in " ".join(found.summary(full=True).split())


@pytest.mark.long
def test_words_have_the_order_that_is_declared():
    frame = design({"large": 0.0, "small": 4.0, "base": 4.0}, by="size")
    found = scope(frame, CLAIM, ordered={"size": ["small", "base", "large"]})
    assert at(found.cells, "size") == ["small", "base", "large"]
    assert (found.boundaries[0].low, found.boundaries[0].high) == ("base", "large")


@pytest.mark.long
def test_numbers_as_text_are_ordered_as_numbers():
    frame = design({"1e2": 0.0, "16": 4.0, "32": 4.0})
    assert at(scope(frame, CLAIM, ordered="width").cells) == ["16", "32", "1e2"]


def test_days_are_ordered_in_time():
    frame = design({"2024-02-01": 0.0, "2024-01-15": 4.0}, by="day")
    found = scope(frame.assign(day=pd.to_datetime(frame.day)), CLAIM, ordered="day")
    assert [each.day for each in at(found.cells, "day")] == [15, 1]


@pytest.mark.long
def test_several_moderators_have_one_boundary_for_each_combination_of_the_others():
    frames = [design({16: 4.0, 64: 0.0}).assign(game="pong"), design({16: 4.0, 64: 4.0}).assign(game="chess")]
    found = scope(pd.concat(frames), CLAIM, by="game", ordered="width")
    assert [(dict(b.within), b.pattern) for b in found.boundaries] == [
        ({"game": "chess"}, Pattern.NO_CHANGE),
        ({"game": "pong"}, Pattern.HOLDS_BELOW),
    ]
    assert "game 'pong', width 64" in found.summary(full=True)


@pytest.mark.long
def test_a_long_name_in_the_figure_does_not_hide_the_other_moderators():
    frame = design({16: 4.0, 64: 0.0}).assign(game="a game with a name that is longer than any label")
    found = scope(frame, CLAIM, by="game", ordered="width")
    labels = [text.get_text() for text in found.plot().axes[1].get_yticklabels()]
    assert [label.rpartition(", ")[2] for label in labels] == ["width 16", "width 64"]


def test_a_single_settled_value_is_no_pattern():
    found = scope(design({16: 4.0, 64: None}), CLAIM, ordered="width")
    assert "Along width, only 16 is settled, where it holds." in found.summary(full=True)


def test_a_cell_that_cannot_be_analysed_is_unknown_with_its_reason():
    frame = design({16: 4.0, 64: 0.0}, control=True)
    frame = frame[(frame.width != 64) | (frame.condition != "control")]
    found = scope(frame, Signature(shape="increasing", min_effect=1.0, control="control"), by="width")
    (cell,) = found.unknown
    assert (cell.unsettled, cell.status, cell.verdict) == (Unsettled.NOT_ANALYSED, None, None)
    assert "control" in cell.problem
    assert "width 64 could not be analysed" in found.summary(full=True)


def test_an_error_of_every_cell_is_raised():
    with pytest.raises(TableError, match="metrik"):
        scope(design({16: 4.0, 64: 0.0}), Signature(shape="increasing", metric="metrik"), by="width")


@pytest.mark.long
def test_filters_of_the_signature_decide_which_cells_there_are():
    claim = Signature(shape="increasing", min_effect=1.0, where={"width": {"max": 32}})
    assert at(scope(design({16: 4.0, 32: 4.0, 64: 0.0}), claim, by="width").cells) == [16, 32]


def test_claims_without_a_knob_have_a_scope_too():
    rng = np.random.default_rng(0)
    rows = [
        (size, name, seed, rng.normal(3.0 if (name, size) == ("new", "small") else 0.0, 0.3))
        for size in ("small", "large")
        for name in ("old", "new")
        for seed in range(8)
    ]
    frame = pd.DataFrame(rows, columns=["size", "condition", "seed", "metric"])
    claim = Signature(shape="higher", baseline="old", treatment="new", min_effect=1.0)
    found = scope(frame, claim, by="size")
    assert (at(found.holds, "size"), at(found.holds_not, "size")) == (["small"], ["large"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "names no column"),
        ({"by": "widht"}, "Did you mean 'width'?"),
        ({"by": "condition"}, "across='each'"),
        ({"by": ["seed"]}, "is the `seed`"),
        ({"by": 3}, "must be a column or a list of columns"),
        ({"by": "width", "holds_at": "low"}, "names 0 moderators"),
        ({"ordered": "width", "holds_at": "left"}, "it must be one of"),
        ({"ordered": {"width": [16]}}, "without 64"),
        ({"ordered": "size"}, "Declare their order"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    frame = design({16: 4.0, 64: 0.0}).assign(size="small")
    with pytest.raises(OptionError, match=message):
        scope(frame, CLAIM, **options)


def test_what_is_no_signature_or_no_frame_is_refused():
    with pytest.raises(SignatureError, match="must be a Signature"):
        scope(design({16: 4.0}), "increasing", by="width")
    with pytest.raises(OptionError, match="SweepTable"):
        scope(SweepTable.from_matrices([1, 2], {"a": [[0.0, 1.0]]}), CLAIM, by="width")


def test_rows_without_a_value_belong_to_no_cell():
    frame = design({16: 4.0, 64: 0.0})
    frame.loc[0, "width"] = np.nan
    with pytest.raises(TableError, match="MODERATOR_MISSING"):
        scope(frame, CLAIM, by="width")


def test_a_moderator_with_a_value_for_every_run_is_refused():
    frame = design({16: 4.0})
    with pytest.raises(OptionError, match="at most 200"):
        scope(pd.concat([frame.assign(width=at) for at in range(201)]), CLAIM, by="width")


@pytest.mark.long
def test_every_format_says_the_same():
    frame = design({16: 4.0, 32: None, 64: 0.0}).rename(columns={"width": "holds"})
    found = scope(frame, CLAIM, ordered="holds")
    record = json.loads(found.to_json())
    assert record["holds"] == [{"holds": 16}]
    assert record["holds_not"] == [{"holds": 64}]
    assert record["cells"][1]["unsettled"] == "inconclusive"
    assert record["boundaries"][0]["pattern"] == "holds below"
    table = found.table()
    assert table["holds"].tolist() == ["yes", "unknown", "no"]
    assert table["holds_"].tolist() == [16, 32, 64]
    for text in (found.to_markdown(), found.to_html(), found.summary(full=True)):
        assert "does not hold" in text
    assert "tabular" in found.to_latex()
    assert str(found) == "metric rises with knob (holds in 1 of 3 cells, does not in 1 and is not known in 1)"
    labels = [text.get_text() for text in found.plot().axes[1].get_yticklabels()]
    assert labels == ["holds 16", "holds 32", "holds 64"]


@pytest.mark.long
def test_polars_gives_the_same():
    polars = pytest.importorskip("polars")
    frame = design({16: 4.0, 64: 0.0})
    one = scope(frame, CLAIM, ordered="width")
    for other in (polars.from_pandas(frame), polars.from_pandas(frame).lazy()):
        assert scope(other, CLAIM, ordered="width").table().equals(one.table())
