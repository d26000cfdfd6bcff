import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from sigstats import SweepTable, detect
from sigstats.evidence.reason import Reason
from sigstats.verdict.groups import Criterion
from sigstats.verdict.words import names
from sigstats.verdict.words.document import tell


def criterion(name, value, met, *, bound=0.05, relation="<=", condition=None):
    return Criterion(
        name=name if condition is None else f"{name}[{condition}]",
        value=value,
        relation=relation,
        bound=bound,
        met=met,
        kind="pvalue" if "pvalue" in name else "number",
        condition=condition,
    )


def document(verdict):
    return tell(verdict, verdict.plot)


def numbers_of(verdict):
    return {fact.label: fact.said for fact in document(verdict).blocks[0].facts}


def told(samples, *criteria):
    _, checks = document(dataclasses.replace(samples.present(), criteria=criteria)).grounds
    return list(checks.checks)


def test_comparisons_on_which_all_conditions_agree_are_told_once(samples):
    """A hundred conditions with enough seeds are one line, and one without is named."""
    enough = [
        criterion("seeds", 5.0, met=True, bound=3.0, relation=">=", condition=str(at)) for at in range(100)
    ]
    assert told(samples, *enough) == [(True, "seeds[...] >= 3, in all of 100")]
    short = criterion("seeds", 2.0, met=False, bound=3.0, relation=">=", condition="b")
    assert told(samples, enough[0], short) == [(True, "seeds[0] >= 3: 5"), (False, "seeds[b] >= 3: 2")]


def test_bounds_that_differ_are_not_told_as_one(samples):
    """Holm's procedure holds each condition against a bound of its own."""
    family = [criterion("small_pvalue", 0.4, met=False, bound=0.05 / at, condition=str(at)) for at in (1, 2)]
    assert told(samples, *family) == [(False, "small_pvalue[...] <= its Holm bound, in none of 2")]


def test_a_value_is_told_from_its_bound(samples):
    """A comparison that fails by a hair does not look like an equality."""
    assert told(samples, criterion("effect", 0.4999999, met=False, bound=0.5, relation=">=")) == [
        (False, "effect >= 0.5: 0.4999999")
    ]
    assert told(samples, criterion("trend_pvalue", 0.05000001, met=False)) == [
        (False, "trend_pvalue <= 0.05: 0.05000001")
    ]


def test_a_missing_value_is_said_to_be_missing(samples):
    """What could not be computed meets nothing and is not printed as nan."""
    assert told(samples, criterion("trend_pvalue", math.nan, met=False)) == [
        (False, "trend_pvalue <= 0.05: n/a")
    ]


def test_conditions_are_named_in_the_order_a_reader_expects(samples):
    """As declared; else by name, ten after nine; and treatments always first."""
    arms = [samples.arm(f"net {at}", "treatment", samples.curves_of(effect=3.0)) for at in (10, 9, 1)]
    arms.insert(0, samples.arm("base", "control", samples.curves_of(effect=0.1)))
    verdict = samples.verdict_of(arms)
    assert [row[0] for row in document(verdict).tables[0].rows] == ["net 1", "net 9", "net 10", "base"]
    declared = samples.verdict_of(arms, signature={"treatment": ("net 9", "net 10", "net 1")})
    assert names.conditions(declared, "treatment") == "'net 9', 'net 10' and 'net 1'"
    assert list(declared.table()["condition"]) == ["net 9", "net 10", "net 1", "base"]


def test_many_conditions_are_counted(samples):
    """A sentence names the first few."""
    assert names.conditions(samples.many(20, 3), "control").endswith("and 7 more")


def test_a_falling_signature_counts_falls(samples):
    """Effect and ends are named after the predicted direction."""
    numbers = numbers_of(samples.present(signature={"shape": "decreasing"}))
    assert "fall of the fitted line" in numbers["effect"]
    assert "fall from the first level to the last" in numbers["ends"]
    assert "'test' falls by 0.9" in numbers["control"]


def test_the_declared_margin_is_told_even_without_any_test(samples):
    """With too few seeds nothing is computed, but what was declared is known."""
    bare = {"interval": None, "trend": None, "slopes": None, "control": None}
    numbers = numbers_of(samples.present(evidence=bare))
    assert numbers["margin"] == "0.5 return (the declared min_effect)"


def test_a_short_answer_says_what_it_does_without():
    """Rows without a value, and seeds that are too short, are told in the few lines that come first."""
    rows = [(seed, knob, knob + np.sin(7 * seed + 3 * knob)) for seed in range(5) for knob in range(6)]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    frame.loc[[0, 27, 28, 29], "metric"] = np.nan
    short = " ".join(detect(frame, shape="increasing").summary().split())
    assert "Dropped 4 rows without a value of 'metric'" in short
    assert "4 of 5 runs" in short
    assert "Left out, as they have fewer than 3 levels" in short
    assert (
        "Dropped" not in detect(frame.dropna().query("seed > 0 and seed < 4"), shape="increasing").summary()
    )


def sweep(*slopes, levels=6, n_seeds=4):
    """Return conditions 'a', 'b' and so on whose seeds rise by these slopes, with a little noise."""
    rng, x = np.random.default_rng(1), np.arange(1.0, levels + 1)
    curves = {
        name: slope * x + rng.normal(0, 0.1, (n_seeds, levels))
        for name, slope in zip("abc", slopes, strict=False)
    }
    return SweepTable.from_matrices(x, curves)


def first_of(verdict):
    """Return the short answer in one line."""
    return " ".join(verdict.summary().split())


@pytest.mark.parametrize("levels", [2, 3])
def test_a_control_that_was_declared_is_never_said_to_be_missing(levels):
    """Where it cannot be compared, that is what is said."""
    table = sweep(1.0, 0.0, levels=levels)
    declared = first_of(detect(table, shape="peak", control="b"))
    assert "control 'b' was declared, but could not be compared with the treatment" in declared
    assert "none was declared" in first_of(detect(table, shape="peak"))


def test_the_headline_says_that_the_control_has_more():
    """Roles that were swapped show in the first line, whatever the main reason is; a quiet control does not."""
    small = detect(sweep(0.1, 0.765), shape="increasing", min_effect=1.0, control="b")
    assert small.reasons[0] is Reason.WEAK
    share = small.evidence.control.share
    assert share > 5
    assert f"; the control has {share:.0%} of the treatment's effect" in str(small)
    none = detect(sweep(0.0, 0.765), shape="increasing", min_effect=1.0, control="b")
    assert none.reasons == (Reason.BELOW_MIN_EFFECT,)
    assert "; the control has a rise" in str(none)
    quiet = detect(sweep(0.1, 0.0), shape="increasing", min_effect=1.0, control="b")
    assert "the control has" not in str(quiet)


def test_a_treatment_below_the_declared_effect_is_not_said_to_show_it():
    """Each rises; what the seeds are counted by is told of the treatments as well."""
    unclear = detect(sweep(0.18, 0.6), shape="increasing", min_effect=1.0)
    assert unclear.status == "present"
    assert "both treatments rise, but the effect is below the min_effect in 'a'" in str(unclear)
    small = detect(sweep(0.05, 0.6), shape="increasing", min_effect=1.0)
    assert small.reasons == (Reason.SOME_CONDITIONS,)
    assert "smaller than the min_effect in some treatments; both treatments rise)" in str(small)
    assert "both treatments show it" in str(detect(sweep(0.5, 0.6), shape="increasing", min_effect=1.0))
