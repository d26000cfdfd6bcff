"""Claims on a baseline, from table to answer."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sigstats as ss
from sigstats.errors import OptionError, SignatureError, TableError
from sigstats.studies.baseline.defence import ComparisonTeller

EXAMPLES = Path(__file__).parents[3] / "examples"
SEEDS = range(6)
BASE = [10.1, 9.6, 10.4, 9.9, 10.2, 9.8]
NOISE = [0.10, -0.05, 0.02, -0.08, 0.06, -0.05]


def runs(**shifts: float) -> pd.DataFrame:
    """Return six paired runs of a baseline, and of a condition for each shift."""
    rows = [("base", seed, BASE[seed]) for seed in SEEDS]
    for place, (name, shift) in enumerate(shifts.items()):
        rows += [(name, seed, BASE[seed] + shift + NOISE[(seed + place) % 6]) for seed in SEEDS]
    return pd.DataFrame(rows, columns=["condition", "seed", "metric"])


def fresh(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with labels of their own."""
    return frame.assign(seed=frame["condition"] + frame["seed"].astype(str))


def items(n_runs: int = 4, n_items: int = 30, *, gain: float = 0.3, runs_sd: float = 0.05) -> pd.DataFrame:
    """Return scores of runs on items, in a baseline and a new condition."""
    rng = np.random.default_rng(5)
    level = rng.normal(size=n_items)
    parts = []
    for name, shift in (("base", 0.0), ("new", gain)):
        run = rng.normal(0, runs_sd, n_runs)
        score = (
            shift + run[:, None] + level + rng.normal(0, 0.2, n_items) + rng.normal(0, 0.3, (n_runs, n_items))
        )
        parts.append(
            pd.DataFrame(
                {
                    "condition": name,
                    "seed": np.repeat([f"{name}{run}" for run in range(n_runs)], n_items),
                    "question": np.tile(np.arange(n_items), n_runs),
                    "metric": score.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("claim", "shift", "options", "status", "reason"),
    [
        ("higher", 0.5, {}, "present", None),
        ("higher", -0.5, {}, "absent", "opposite"),
        ("higher", 0.0, {}, "inconclusive", "underpowered"),
        ("higher", 0.0, {"min_effect": 0.3}, "absent", "below_min_effect"),
        ("higher", 0.2, {"min_effect": 0.5}, "partial", "weak"),
        ("higher", 0.47, {"min_effect": 0.5}, "inconclusive", "size_unresolved"),
        ("lower", -0.5, {}, "present", None),
        ("lower", 0.5, {}, "absent", "opposite"),
        ("equivalent", 0.0, {"min_effect": 0.3}, "present", None),
        ("equivalent", 0.6, {"min_effect": 0.3}, "absent", "not_equivalent"),
        ("equivalent", -0.6, {"min_effect": 0.3}, "absent", "not_equivalent"),
        ("equivalent", 0.3, {"min_effect": 0.3}, "inconclusive", "underpowered"),
        ("not_worse", 0.0, {"min_effect": 0.3}, "present", None),
        ("not_worse", 5.0, {"min_effect": 0.3}, "present", None),
        ("not_worse", -0.6, {"min_effect": 0.3}, "absent", "worse"),
        ("not_worse", 0.6, {"min_effect": 0.3, "better": "lower"}, "absent", "worse"),
    ],
)
def test_what_is_said_of_each_claim(claim, shift, options, status, reason) -> None:
    """Every claim has its denial, and is left open in between."""
    found = ss.compare(runs(new=shift), baseline="base", claim=claim, **options)
    assert found.status == status
    assert found.reasons == (() if reason is None else (reason,))


def test_a_card_says_the_same(tmp_path) -> None:
    """A signature with a baseline is the same question, and is read back from its card."""
    signature = ss.Signature(shape="higher", baseline="base", min_effect="2%")
    assert 'baseline = "base"' in signature.to_toml()
    assert 'min_effect = "2%"' in signature.to_toml()
    (tmp_path / "card.toml").write_text(signature.to_toml())
    again = ss.Signature.from_toml(tmp_path / "card.toml")
    assert again == signature
    one, other = ss.compare(runs(new=0.5), again), ss.compare(runs(new=0.5), baseline="base", min_effect="2%")
    assert one.rows == other.rows
    assert one.to_dict()["signature"]["min_effect"] == "2%"


def test_a_share_of_the_baseline_is_no_number() -> None:
    """Two per cent are not 0.02 in units of the metric."""
    assert ss.Signature(shape="higher", baseline="b", min_effect="2%") != ss.Signature(
        shape="higher", baseline="b", min_effect=0.02
    )


@pytest.mark.parametrize(("share", "status"), [("2%", "present"), ("4%", "inconclusive"), ("10%", "partial")])
def test_a_relative_margin_follows_the_ratio(share, status) -> None:
    """A gain of 4 % against margins below, at and above it."""
    found = ss.compare(runs(new=0.38), baseline="base", min_effect=share)
    assert found.status == status
    assert found.rows[0].margin == pytest.approx(10.0 * float(share[:-1]) / 100)


def test_the_test_of_a_relative_margin_is_fiellers() -> None:
    """A margin at the upper end of the interval of the ratio is ruled out at exactly alpha."""
    frame = fresh(runs(new=0.3))
    end = ss.compare(frame, baseline="base").rows[0].ratio.high
    found = ss.compare(frame, baseline="base", min_effect=f"{100 * (end - 1):.12f}%")
    assert found.rows[0].pvalue_small == pytest.approx(0.05, rel=0.02)


def test_a_relative_margin_on_nothing_has_no_size() -> None:
    """Where the baseline's mean may be 0, a part of it is no margin, and nothing is ruled out."""
    frame = runs(new=0.0)
    found = ss.compare(frame.assign(metric=frame["metric"] - 10.0), baseline="base", min_effect="2%")
    assert found.status == "inconclusive"
    assert "no_relative_margin" in {note.code for note in found.notes}


def test_one_run_each_gives_numbers_and_no_verdict() -> None:
    """A pair of single runs is described."""
    frame = runs(new=0.5)
    found = ss.compare(frame[frame["seed"] == 0], baseline="base", claim="equivalent", min_effect=1.0)
    assert found.reasons == ("too_few_seeds",)
    assert found.rows[0].difference.value == pytest.approx(0.6)
    assert "nothing is claimed from fewer than 3 runs ('new' has 1 and 'base' has 1)" in " ".join(
        found.summary(full=True).split()
    )


def test_pairs_are_found_by_their_labels() -> None:
    """'auto' pairs labels that recur; True insists on it, and False does not."""
    frame = runs(new=0.5)
    assert ss.compare(frame, baseline="base").rows[0].pairing == "paired"
    assert ss.compare(frame, baseline="base", paired=False).rows[0].pairing == "independent"
    assert ss.compare(fresh(frame), baseline="base").rows[0].pairing == "independent"
    with pytest.raises(SignatureError, match="not in both 'new' and 'base'"):
        ss.compare(fresh(frame), baseline="base", paired=True)
    lacking = frame[~((frame["condition"] == "new") & (frame["seed"] == 0))]
    found = ss.compare(lacking, baseline="base")
    assert found.rows[0].pairing == "partly paired"
    assert "partly_paired" in {note.code for note in found.notes}


def test_several_treatments_are_corrected() -> None:
    """Holm's correction by default; each treatment has an answer, and all together have one."""
    frame = runs(good=0.5, same=0.0, bad=-0.5)
    found = ss.compare(frame, baseline="base", min_effect=0.3)
    assert [(row.condition, row.status) for row in found.rows] == [
        ("bad", "absent"),
        ("good", "present"),
        ("same", "absent"),
    ]
    assert (found.status, found.reasons) == ("partial", ("some_conditions",))
    alone = ss.compare(frame, treatment="good", baseline="base").rows[0].pvalue
    corrected = {row.condition: row.pvalue for row in ss.compare(frame, baseline="base").rows}
    assert corrected["good"] == pytest.approx(3 * alone)
    plain = ss.compare(frame, baseline="base", correction="none")
    assert {row.condition: row.pvalue for row in plain.rows}["good"] == pytest.approx(alone)


@pytest.mark.parametrize("paired", [True, False])
def test_dunnetts_correction(paired) -> None:
    """Dunnett's p-values lie between the uncorrected and Bonferroni's of the pooled variance."""
    found = ss.compare(runs(a=0.1, b=0.2), baseline="base", correction="dunnett", paired=paired)
    assert found.correction == "dunnett"
    assert all(0 < row.pvalue < 1 for row in found.rows)
    assert "Dunnett's correction for 2 treatments" in found.summary(full=True)


def test_a_control_must_gain_less() -> None:
    """A placebo that gains as much makes an artifact, one that gains nothing does not."""
    assert ss.compare(runs(new=0.5, placebo=0.0), baseline="base", control="placebo").status == "present"
    found = ss.compare(runs(new=0.5, placebo=0.6), baseline="base", control="placebo")
    assert (found.status, found.reasons) == ("absent", ("artifact",))
    found = ss.compare(runs(new=0.5, placebo=0.34), baseline="base", control="placebo")
    assert found.reasons == ("unspecific",)
    assert found.rows[0].contrast.value == pytest.approx(0.16, abs=0.01)


def test_items_and_whom_the_answer_speaks_about() -> None:
    """The same table answers for new runs, for new items, and for both."""
    frame = items()
    found = {
        over: ss.compare(frame, baseline="base", item="question", over=list(over))
        for over in (("seed",), ("item",), ("seed", "item"))
    }
    populations = [each.population for each in found.values()]
    assert populations == ["runs", "items", "both"]
    widths = [each.rows[0].difference.high - each.rows[0].difference.low for each in found.values()]
    assert widths[2] >= max(widths[:2])
    assert "this speaks about new items, with these runs" in found["item",].summary(full=True)
    assert "twice the" in found["seed", "item"].summary(full=True)
    mean = frame.groupby("condition")["metric"].mean()
    assert found["seed",].rows[0].difference.value == pytest.approx(mean["new"] - mean["base"])


def test_new_runs_average_their_items_first() -> None:
    """Over new runs the answer is that of the runs' means."""
    frame = items()
    means = frame.groupby(["condition", "seed"], as_index=False)["metric"].mean()
    one = ss.compare(frame, baseline="base", item="question").rows[0]
    other = ss.compare(means, baseline="base").rows[0]
    assert one.pvalue == pytest.approx(other.pvalue)


def test_one_run_on_many_items_speaks_of_this_run() -> None:
    """One run each is too few for new runs, and enough for new items with these runs."""
    frame = items(n_runs=1)
    assert ss.compare(frame, baseline="base", item="question").reasons == ("too_few_seeds",)
    assert ss.compare(frame, baseline="base", item="question", over=["seed", "item"]).reasons == (
        "too_few_seeds",
    )
    assert ss.compare(frame, baseline="base", item="question", over="item").status == "present"


def test_what_more_runs_and_more_items_would_do() -> None:
    """An open question over both says how many runs, or items, would settle it."""
    frame = items(n_runs=3, gain=0.05, runs_sd=0.1)
    found = ss.compare(frame, baseline="base", item="question", over=["seed", "item"], min_effect=0.3)
    assert found.status == "inconclusive"
    assert found.rows[0].needed.runs > 3
    assert "runs per condition with these 30 items (now 3)" in " ".join(found.summary(full=True).split())


def test_binary_items_and_repeats() -> None:
    """Items that are solved or not are averaged over repeats, and compared as numbers."""
    frame = items()
    solved = frame.assign(metric=frame["metric"] > 0.2)
    twice = pd.concat([solved, solved.assign(metric=~solved["metric"])])
    assert ss.compare(solved, baseline="base", item="question").status in ("present", "inconclusive")
    found = ss.compare(twice, baseline="base", item="question")
    assert "repeats_averaged" in {note.code for note in found.notes}
    assert found.reasons == ("zero_variance",)


def test_items_that_some_run_lacks_are_left_out() -> None:
    """A few missing items are left out everywhere, and told."""
    frame = items()
    found = ss.compare(frame.drop(index=[0, 1]), baseline="base", item="question", over=["seed", "item"])
    assert found.rows[0].n_items == 28
    assert "Left out 2 items of 30 that some run lacks." in " ".join(note.message for note in found.notes)


def test_a_run_on_other_items_is_refused() -> None:
    """A run whose items the others lack is named."""
    frame = items()
    other = frame["seed"] == "new2"
    frame.loc[other, "question"] += 1000
    with pytest.raises(TableError, match="run 'new2' of 'new' has least in common"):
        ss.compare(frame, baseline="base", item="question")


def test_nested_items_count_by_their_run() -> None:
    """Where every item belongs to one run, runs count by their means, whatever the population."""
    frame = items()
    nested = frame.assign(question=frame["seed"] + "/" + frame["question"].astype(str))
    found = ss.compare(nested, baseline="base", item="question", over=["seed", "item"])
    assert "items_nested" in {note.code for note in found.notes}
    assert found.rows[0].pvalue == pytest.approx(
        ss.compare(frame, baseline="base", item="question").rows[0].pvalue
    )
    with pytest.raises(SignatureError, match="items cannot be told from runs"):
        ss.compare(nested, baseline="base", item="question", over="item")


def test_one_item_is_too_few_for_new_items() -> None:
    """A single item says nothing of others."""
    frame = items(n_items=1, gain=3.0)
    assert ss.compare(frame, baseline="base", item="question", over=["seed", "item"]).reasons == (
        "too_few_items",
    )
    assert ss.compare(frame, baseline="base", item="question").status == "present"


def test_items_taken_for_runs_are_told() -> None:
    """Many "seeds" in each of which a column of runs recurs give a note; real seeds do not."""
    frame = items(n_runs=3).rename(columns={"seed": "run"}).assign(run=lambda f: f["run"].str[-1])
    found = ss.compare(frame, baseline="base", seed="question", aggregate="mean")
    note = next(note for note in found.notes if note.code == "items_as_seeds")
    assert "the run is seed='run' then" in note.message
    proper = ss.compare(frame, baseline="base", seed="run", item="question")
    assert "items_as_seeds" not in {note.code for note in proper.notes}


def test_several_rows_of_a_run_need_a_reason() -> None:
    """Repeated rows name the way out: the column of items, or a way to combine them."""
    with pytest.raises(TableError, match=r"item='question'.*Columns without a role: 'question'"):
        ss.compare(items(), baseline="base")


@pytest.mark.parametrize("convert", [lambda frame: frame, pl.from_pandas])
def test_hints_are_given_for_any_frame_and_filter(convert) -> None:
    """Columns without a role are named for other libraries too, and for the rows that a filter keeps."""
    with pytest.raises(TableError, match="Columns without a role: 'question'"):
        ss.compare(convert(items()), baseline="base", where={"question": {"max": 20}})


@pytest.mark.long
def test_real_runs_dealt_at_random_do_not_differ() -> None:
    """Published runs of one recipe, dealt into two groups, are called different in at most 5 % of the deals."""
    records = pd.read_csv(EXAMPLES / "shapes" / "optimiser_records.csv").query(
        "condition == 'contra_soft_muon'"
    )
    rng = np.random.default_rng(16)
    n_deals, found = 300, 0
    for _ in range(n_deals):
        dealt = records.sample(10, random_state=rng).assign(side=np.repeat(["base", "new"], 5))
        answer = ss.compare(
            dealt,
            metric="val_loss",
            seed="run",
            condition="side",
            baseline="base",
            claim="lower",
            paired=False,
        )
        found += answer.status == "present"
    assert found / n_deals <= 0.05 + 3.29 * (0.05 * 0.95 / n_deals) ** 0.5


def test_copies_are_told() -> None:
    """A run that repeats another on every item, and a condition that repeats another, give a note."""
    frame = items()
    first = frame[frame["seed"] == "new0"].assign(seed="new9")
    found = ss.compare(pd.concat([frame, first]), baseline="base", item="question")
    assert "identical_runs" in {note.code for note in found.notes}
    twin = runs(new=0.5)
    twin = pd.concat([twin, twin[twin["condition"] == "new"].assign(condition="twin")])
    assert "identical_conditions" in {note.code for note in ss.compare(twin, baseline="base").notes}


@pytest.mark.parametrize("constant", [0.0, 3.5])
def test_constant_runs_cannot_be_tested(constant) -> None:
    """Nothing varies: inconclusive, never a verdict."""
    frame = runs(new=0.0).assign(metric=constant)
    for claim in ("higher", "equivalent", "not_worse"):
        found = ss.compare(frame, baseline="base", claim=claim, min_effect=1.0)
        assert found.reasons == ("zero_variance",)


def test_nothing_depends_on_the_order_of_rows() -> None:
    """Shuffled rows, another frame library and renamed labels give the same numbers."""
    frame = runs(a=0.3, b=0.1)
    shuffled = frame.sample(frac=1.0, random_state=3)
    one, other = ss.compare(frame, baseline="base"), ss.compare(shuffled, baseline="base")
    third = ss.compare(pl.from_pandas(frame), baseline="base")
    assert one.to_dict()["rows"] == other.to_dict()["rows"] == third.to_dict()["rows"]
    assert one.provenance.data_hash == other.provenance.data_hash


@pytest.mark.long
def test_every_format() -> None:
    """Text, JSON, Markdown, LaTeX, page, table and figure."""
    found = ss.compare(runs(a=0.3, b=0.1), baseline="base", min_effect="3%")
    assert json.loads(found.to_json())["schema"] == 1
    for said in (
        found.summary(full=True),
        found.to_markdown(),
        found.to_latex(),
        found.to_html(),
        found._repr_html_(),
    ):
        assert "base" in said
    assert list(found.table()["treatment"]) == ["a", "b"]
    found.plot()
    ss.compare(items(), baseline="base", item="question").plot()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"claim": "better"}, OptionError, "claim"),
        ({"claim": "equivalent"}, SignatureError, "needs a margin"),
        ({"baseline": None}, SignatureError, "compares with a baseline"),
        ({"baseline": "bass"}, SignatureError, "Did you mean 'base'"),
        ({"treatment": "base"}, SignatureError, "which is the `baseline`"),
        ({"over": "item"}, SignatureError, "no column of items"),
        ({"over": "runs"}, SignatureError, "generalises over"),
        ({"paired": "yes"}, OptionError, "paired"),
        ({"better": "lower"}, OptionError, "not_worse"),
        ({"min_effect": "-2%"}, SignatureError, "min_effect"),
        ({"claim": "equivalent", "min_effect": 1.0, "control": "new"}, SignatureError, "takes none"),
        ({"metric": "loss"}, TableError, "MISSING_COLUMN"),
    ],
)
def test_what_makes_no_sense_is_refused(options, error, said) -> None:
    """Every wrong option has a message of its own."""
    with pytest.raises(error, match=said):
        ss.compare(runs(new=0.1), **({"baseline": "base"} | options))


def test_each_verb_points_to_the_other() -> None:
    """A claim along a knob is not for `compare`, and one on a baseline not for `detect`."""
    with pytest.raises(SignatureError, match=r"Use sigstats\.detect"):
        ss.compare(runs(new=0.1), ss.Signature(shape="increasing"))
    with pytest.raises(SignatureError, match=r"sigstats\.compare"):
        ss.detect(runs(new=0.1), ss.Signature(shape="higher", baseline="base"))
    with pytest.raises(SignatureError, match="runs along a knob"):
        ss.Signature(shape="increasing", baseline="base")
    with pytest.raises(SignatureError, match="has no knob"):
        ss.Signature(shape="higher", baseline="base", knob="width")
    with pytest.raises(SignatureError, match="does not have"):
        ss.Signature(shape="increasing", min_effect="2%")


@pytest.mark.parametrize(
    ("values", "code"), [([1.0, float("inf")], "METRIC_INFINITE"), (["1", "x"], "METRIC_IS_TEXT")]
)
def test_a_metric_that_is_none_is_refused(values, code) -> None:
    """Text and infinity are errors that name the column; numbers as text are read."""
    frame = pd.DataFrame({"condition": ["a", "base"], "seed": [0, 0], "metric": values})
    with pytest.raises(TableError, match=code):
        ss.compare(frame, baseline="base")
    spelled = runs(new=0.5).astype({"metric": str})
    assert ss.compare(spelled, baseline="base").status == "present"


def runs_frame(**conditions):
    """Return a frame of runs by condition, with labels of their own."""
    rows = [
        (name, f"{name}{run}", value)
        for name, values in conditions.items()
        for run, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["condition", "seed", "metric"])


def compared(frame, **options):
    """Return a comparison with the baseline b."""
    given = {"metric": "metric", "seed": "seed", "condition": "condition", "baseline": "b"}
    return ss.compare(frame, **{"claim": "higher", **given, **options})


ALIKE = {"b": [0, 1, 2, 1], "t": [2, 3, 1.4, 3], "u": [1, 2, 2, 1.5]}


@pytest.mark.parametrize("odd", [{"one": [1.0]}, {"wide": [0, 9, -9, 4]}])
def test_where_dunnett_does_not_hold_holm_takes_its_place(odd):
    """A single run, or variances that are not alike, must not leave p-values as they are."""
    frame = runs_frame(**ALIKE, **odd)
    asked, holm = compared(frame, correction="dunnett"), compared(frame, correction="holm")
    assert asked.correction == "holm"
    assert [row.pvalue for row in asked.rows] == pytest.approx([row.pvalue for row in holm.rows], nan_ok=True)
    assert "Holm's correction takes the place of Dunnett's" in asked.summary(full=True)
    assert compared(runs_frame(**ALIKE), correction="dunnett").correction == "dunnett"


def test_tests_against_a_control_are_corrected_for_the_treatments():
    """Five treatments have five chances to find a control quiet."""
    rng = np.random.default_rng(4)
    values = {name: 2 + rng.normal(0, 1, 5) for name in "stuvw"} | {"b": rng.normal(0, 0.5, 5)}
    frame = runs_frame(**values, placebo=1 + rng.normal(0, 0.5, 5))
    several = compared(frame, control="placebo")
    for row in several.rows:
        alone = compared(
            frame[frame["condition"].isin([row.condition, "b", "placebo"])], control="placebo"
        ).rows[0]
        one, many = ({each.name: each.value for each in found.criteria} for found in (alone, row))
        assert many["control_quiet_pvalue"] >= one["control_quiet_pvalue"]
        assert many["control_responds_pvalue"] >= one["control_responds_pvalue"]
    smallest = min(
        several.rows, key=lambda row: {c.name: c.value for c in row.criteria}["control_quiet_pvalue"]
    )
    alone = compared(
        frame[frame["condition"].isin([smallest.condition, "b", "placebo"])], control="placebo"
    ).rows[0]
    quiet = [{c.name: c.value for c in row.criteria}["control_quiet_pvalue"] for row in (alone, smallest)]
    assert quiet[1] == pytest.approx(min(1.0, 5 * quiet[0]))


def test_a_claim_about_a_margin_names_it_in_the_headline():
    """Lower in every run, but not by the margin: the headline must not deny what the plot shows."""
    frame = runs_frame(b=[10, 10.1, 9.9, 10.05], t=[9.5, 9.62, 9.4, 9.55])
    found = compared(frame, claim="not_worse", min_effect=1.0)
    assert str(found) == "PRESENT: metric is not lower by 1 or more in 't' than in 'b' (shown)"
    same = compared(frame, claim="equivalent", min_effect="20%")
    assert "metric is equivalent within 20% in 't' and in 'b'" in str(same)


def test_pairs_that_all_differ_by_the_same_are_not_called_constant_runs():
    """The runs vary from 1 to 4; what does not vary is their difference."""
    frame = pd.DataFrame(
        {"condition": ["b"] * 4 + ["t"] * 4, "seed": [*range(4)] * 2, "metric": [1, 2, 3, 4, 2, 3, 4, 5]}
    )
    assert "the differences within pairs do not vary" in compared(frame).summary(full=True)


def test_a_headline_names_the_treatments_for_which_a_claim_is_shown():
    """Not all that were asked about."""
    frame = runs_frame(b=[0, 0.1, 0.2, 0.1], up=[2, 2.1, 1.9, 2.2], down=[-2, -2.1, -1.9, -2.2])
    assert str(compared(frame)).endswith("(shown only for 'up')")


def said(found):
    """Return the summary in one line."""
    return " ".join(found.summary(full=True).split())


def test_a_control_is_told_with_its_own_difference_and_the_gain_beyond_it():
    """The difference in differences stands beside both differences, in text and table."""
    found = ss.compare(runs(new=0.5, placebo=0.1), baseline="base", control="placebo")
    row = found.rows[0]
    assert row.contrast.value == pytest.approx(row.difference.value - row.control.value)
    assert row.control.value == pytest.approx(0.1, abs=1e-9)
    assert "control 'placebo': 0.100 [0.041, 0.159] metric from the baseline" in said(found)
    assert "gain 0.40 [0.29, 0.51] metric beyond the control (difference in differences)" in said(found)
    assert found.table()["gain"][0] == row.contrast.value
    several = ss.compare(runs(a=0.5, b=0.4, placebo=0.1), baseline="base", control="placebo")
    assert "minus control" in several.summary(full=True)
    assert all(len(line) <= 110 for line in several.summary(full=True).splitlines())


def test_a_control_with_one_run_is_named():
    """It is the control that has too few runs, and its numbers are there."""
    frame = runs(new=0.5, placebo=0.1)
    frame = frame[(frame["condition"] != "placebo") | (frame["seed"] == 0)]
    found = ss.compare(frame, baseline="base", control="placebo")
    assert found.reasons == ("too_few_seeds",)
    assert "nothing is claimed from fewer than 3 runs ('placebo' has 1)" in said(found)
    assert "At least 3 runs are needed of 'placebo'" in said(found)
    assert np.isfinite(found.rows[0].control.value)
    assert np.isnan(found.rows[0].control.low)


def test_several_treatments_say_design_and_margin():
    """Paired or not, and at which margin, also where it is not the same for all."""
    frame = runs(a=0.5, b=0.1)
    found = ss.compare(frame, baseline="base", min_effect="3%")
    assert "margin 0.3 metric (3% of the baseline)" in said(found)
    assert "design paired by run: 6 against 6" in said(found)
    mixed = frame.assign(seed=np.where(frame["condition"] == "b", "b", "") + frame["seed"].astype(str))
    assert "'a' paired by run: 6 against 6; 'b' independent runs: 6 against 6" in said(
        ss.compare(mixed, baseline="base")
    )


def test_what_repeats_a_comparison_is_told():
    """Claim, margin, pairing and correction."""
    found = ss.compare(
        runs(a=0.5, b=0.1), baseline="base", claim="not_worse", better="lower", min_effect="3%", paired=False
    )
    assert "claim not_worse (lower is better), min_effect 3%;" in said(found)
    assert "alpha 0.05, over seed, runs not paired, correction holm" in said(found)


@pytest.mark.parametrize(
    ("claim", "shift", "words"),
    [
        (
            "higher",
            0.1,
            "it is not shown to be higher (p = 0.3); that it is higher by 0.1 metric or more is not",
        ),
        (
            "lower",
            0.1,
            "it is not shown to be lower (p = 0.7); that it is lower by 0.1 metric or more is not",
        ),
        (
            "not_worse",
            0.1,
            "that it is worse by 0.1 metric or more is neither ruled out (p = 0.15) nor shown",
        ),
        (
            "equivalent",
            0.1,
            "that they differ by less than 0.1 metric is neither shown (p = 0.5) nor ruled out",
        ),
    ],
)
def test_an_open_question_is_told_plainly(claim, shift, words):
    """What is neither shown nor ruled out, without double negation."""
    found = ss.compare(fresh(runs(new=shift)), baseline="base", claim=claim, min_effect=0.1)
    assert words in said(found)


def test_enough_runs_are_not_asked_for_again():
    """A difference at the margin stays open with runs that usually tell."""
    found = ss.compare(runs(new=0.3), baseline="base", claim="equivalent", min_effect=0.3)
    assert "so many runs usually tell; the difference may lie near the margin" in said(found)


@pytest.mark.parametrize("share", ["2%%", "0%", "%", "nan%"])
def test_a_share_that_is_none_is_explained(share):
    """It says how a part of the baseline's mean is written."""
    with pytest.raises(SignatureError, match='as in "2%"'):
        ss.compare(runs(new=0.1), baseline="base", min_effect=share)


def test_each_of_several_controls_counts_on_its_own():
    """A placebo that gains as much is not made quiet by one that loses as much."""
    found = ss.compare(runs(new=0.5, sham=0.5, other=-0.5), baseline="base", control=["sham", "other"])
    assert (found.status, found.reasons) == ("partial", ("unspecific",))
    met = {each.name for each in found.rows[0].criteria if each.met}
    assert "control_responds_pvalue[sham]" in met
    assert "control_responds_pvalue[other]" not in met
    assert "'sham' (p = " in said(found)
    assert "against the controls 'sham' and 'other'" in said(found)
    quiet = ss.compare(runs(new=0.5, sham=0.0, other=0.02), baseline="base", control=["sham", "other"])
    assert quiet.status == "present"


def test_a_margin_without_a_size_is_not_said_to_be_missed():
    """A part of a mean that may be 0 is no number that an estimate could lie below."""
    frame = runs(new=0.5)
    frame["metric"] -= np.mean(BASE)
    found = ss.compare(frame, baseline="base", min_effect="10%")
    assert found.reasons == ("size_unresolved",)
    assert "lies below" not in said(found)
    assert "the margin of 10% has no size" in said(found)
    for claim in ("equivalent", "not_worse"):
        found = ss.compare(frame, baseline="base", min_effect="10%", claim=claim)
        assert found.reasons == ("underpowered",)
        assert "the margin of 10% has no size" in said(found)
        assert "Declare `min_effect` in units of the metric" in said(found)
        assert "no p-value" not in said(found)


def test_what_would_resolve_it_is_about_what_is_open():
    """No number of runs is no reason to say that so many usually tell; an open control is not resolved by a margin."""
    frame = runs(new=0.04)
    noisy = frame.assign(
        metric=frame["metric"] + np.where(frame["condition"] == "new", frame["seed"] % 3 - 1.0, 0.0)
    )
    wide = ss.compare(noisy, baseline="base", min_effect=0.001)
    assert wide.rows[0].needed.runs is None
    assert "usually tell" not in said(wide)
    assert "no number of runs up to 1000" in said(wide)
    control = ss.compare(runs(new=0.5, placebo=0.24), baseline="base", control="placebo", min_effect=0.1)
    assert control.reasons == ("control_unresolved",)
    assert "would show a difference" not in said(control)
    assert "add runs of 'placebo'" in said(control)


def test_several_treatments_with_several_reasons_are_not_said_to_share_one():
    """What is shown of one treatment is not said of all."""
    found = ss.compare(runs(a=0.1, b=0.0), baseline="base", min_effect=0.12)
    assert [row.reasons for row in found.rows] == [("size_unresolved",), ("below_min_effect",)]
    assert "(the reasons differ by treatment)" in said(found)


@pytest.mark.parametrize("kind", [complex, object])
def test_complex_metrics_are_refused(kind):
    """A part of a complex number is not what was measured."""
    frame = runs(new=0.5)
    frame["metric"] = pd.Series([complex(value, 1.0) for value in frame["metric"]], dtype=kind)
    with pytest.raises(TableError, match="METRIC_NOT_NUMERIC"):
        ss.compare(frame, baseline="base")


def spoilt(column: str, values: dict[int, object]) -> pd.DataFrame:
    """Return runs with other values in some rows of one column."""
    frame = runs(new=0.5)
    frame[column] = pd.Series(
        [values.get(row, value) for row, value in enumerate(frame[column])], dtype=object
    )
    return frame


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (spoilt("seed", {5: "mean", 11: "mean"}), "SUMMARY_SEEDS: .*'mean'"),
        (spoilt("seed", {5: "std"}), "SUMMARY_SEEDS"),
        (spoilt("seed", {5: "#N/A"}), "MISSING_SEED"),
        (spoilt("metric", {5: True}), "METRIC_NOT_NUMERIC: .*True among numbers"),
        (spoilt("metric", {5: "10.1 +- 0.2"}), "MEANS_NOT_SEEDS"),
        (spoilt("metric", {5: pd.Timestamp("2020")}), "METRIC_NOT_NUMERIC: .*Timestamp"),
    ],
)
def test_what_sweeps_refuse_is_refused_here_too(frame: pd.DataFrame, message: str) -> None:
    """A row of means is no run, True is no number; neither may count."""
    with pytest.raises(TableError, match=message):
        ss.compare(frame, baseline="base")


def test_the_remedy_of_text_makes_numbers_of_it() -> None:
    """Converting '10.1%' by force would make every cell missing."""
    frame = runs(new=0.5).assign(metric=lambda each: [f"{value:.2f}%" for value in each["metric"]])
    with pytest.raises(TableError, match="METRIC_IS_TEXT") as error:
        ss.compare(frame, baseline="base")
    assert "coerce" not in str(error.value)


def test_wins_have_the_bounds_of_as_many_trials_as_runs():
    """Six of six pairs: by Clopper and Pearson, the lower bound is the sixth root of 0.05, in every format."""
    frame = runs(good=0.5)
    found = ss.compare(frame, baseline="base")
    wins = found.rows[0].wins
    assert (wins.value, wins.low, wins.high) == pytest.approx((1.0, 0.05 ** (1 / 6), 1.0))
    assert wins.confidence == pytest.approx(0.9)
    assert "higher in 100% [60%, 100%] of runs" in " ".join(found.summary(full=True).split())
    cells = found.table().iloc[0]
    assert (cells["wins"], cells["wins_low"], cells["wins_high"]) == (wins.value, wins.low, wins.high)
    written = json.loads(found.to_json())["rows"][0]["wins"]
    assert (written["value"], written["low"], written["high"]) == pytest.approx((1.0, wins.low, 1.0))


def test_wins_of_runs_without_partners_are_those_of_all_pairs():
    """Of 36 pairs; the bounds are those of six trials."""
    frame = fresh(runs(good=0.237))
    one, other = (frame.loc[frame["condition"] == name, "metric"].to_numpy() for name in ("good", "base"))
    share = (one[:, None] > other[None, :]).mean()
    wins = ss.compare(frame, baseline="base").rows[0].wins
    assert wins.value == pytest.approx(share)
    assert 0 < wins.low < wins.value < wins.high < 1


def test_a_comparison_has_a_methods_section():
    """It is made from its own numbers, as plain text where it is printed."""
    found = ss.compare(runs(new=0.5), baseline="base")
    text = found.methods()
    assert [each.title for each in text.passages] == ["Methods", "Result", "What this does not show"]
    assert "Runs of 'new' and of the baseline are paired by" in str(text)
    assert ComparisonTeller(found).differing(text) == []


def test_seeds_that_only_their_text_tells_apart_are_read_by_it():
    """As every table reads them: sets and lists are no seeds that anybody wants, but no crash either."""
    frame = runs_frame(base=[1.0, 1.1, 0.9], new=[2.0, 2.1, 1.9])
    odd = frame.assign(seed=[{seed} for seed in frame["seed"]])
    assert compared(odd, baseline="base").rows[0].pvalue == compared(frame, baseline="base").rows[0].pvalue
