"""One treatment against the baseline: its rule, its sizes and what would resolve it, in units of the metric."""

import numpy as np

from sigstats.signature.share import Share
from sigstats.signature.signature import Signature
from sigstats.stats.comparisons.groups import Group, Split, split
from sigstats.stats.comparisons.sizes import correlation, ratio, standardised
from sigstats.stats.comparisons.unit import Unit
from sigstats.stats.estimate import Estimate
from sigstats.stats.scores.combine import Combination
from sigstats.stats.strength.showing import share_of_pairs, share_within_pairs
from sigstats.studies.baseline.evidence import ControlTests, Question, Tests
from sigstats.studies.baseline.judge import Sides, judge
from sigstats.studies.baseline.needed import what_is_needed
from sigstats.studies.baseline.record import Against, GroupRuns, Pairing
from sigstats.studies.baseline.table import RunsTable
from sigstats.verdict.rules import Status

NAN = float("nan")


def against(
    table: RunsTable,
    question: Question,
    name: str,
    tests: Tests,
    controls: ControlTests | None,
    sides: Sides,
    signature: Signature,
) -> Against:
    """Return the answer for one treatment."""
    one, other = question.pair(name)
    confidence, margin = 1.0 - 2.0 * signature.alpha, _margin(question, tests)
    rule, findings, criteria = judge(
        sides,
        claim=signature.shape.name,
        alpha=signature.alpha,
        n_runs=()
        if question.population == "items"
        else [len(question.groups[each].values) for each in (name, question.baseline, *question.controls)],
        n_items=None if question.population == "runs" else one.values.shape[1],
        gain=tests.gain.estimate,
        margin=margin,
        controlled=bool(question.controls),
    )
    tested = tests.gain.df > 0 and tests.gain.variance > 0

    def estimate(gain: Combination) -> Estimate:
        """Return an oriented sum as a difference with its interval."""
        ends = [table.unit.size(question.orientation * end) for end in gain.interval(confidence)]
        value = table.unit.size(question.orientation * gain.estimate)
        return Estimate(value=value, low=min(ends), high=max(ends), confidence=confidence, unit=table.metric)

    return Against(
        condition=name,
        status=rule.status,
        reasons=rule.reasons(findings),
        rule=rule.number,
        criteria=criteria,
        difference=estimate(tests.gain),
        ratio=_ratio(question, name, confidence) if tested else None,
        standardised=standardised(one, other),
        wins=_wins(one, other, confidence),
        pairing=_pairing(one, other),
        correlation=correlation(one, other) if np.array_equal(one.ids, other.ids) else NAN,
        df=tests.gain.df if tested else NAN,
        pvalue=sides.shown,
        pvalue_against=sides.against,
        pvalue_small=sides.small,
        margin=None if margin is None else table.unit.size(margin),
        control=None if controls is None else estimate(controls.gain),
        contrast=None if controls is None else estimate(controls.contrast),
        n_runs=(len(one.values), len(other.values)),
        n_items=table.n_items,
        split=_split(one, other, table.unit),
        needed=what_is_needed(question, name, tests.gain, margin, signature)
        if rule.status is Status.INCONCLUSIVE
        else None,
    )


def _margin(question: Question, tests: Tests) -> float | None:
    """Return the margin in the unit of the values; None without one, or where a relative one has nothing to go by."""
    if isinstance(question.min_effect, Share) and not tests.gain.df > 0:
        return None
    return question.margin()


def _ratio(question: Question, name: str, confidence: float) -> Estimate | None:
    found = ratio(*question.pair(name), question.population, confidence=confidence)
    if found is None:
        return None
    return Estimate(value=found.value, low=found.low, high=found.high, confidence=confidence, unit="ratio")


def _wins(one: Group, other: Group, confidence: float) -> Estimate:
    """Return the share of runs in which the treatment is higher: of pairs where runs are paired, else of all."""
    share = share_within_pairs if np.array_equal(one.ids, other.ids) else share_of_pairs
    found = share(one.scores, other.scores, tail=(1.0 - confidence) / 2.0)
    return Estimate(
        value=found.share, low=found.low, high=found.high, confidence=confidence, unit="probability"
    )


def _pairing(one: Group, other: Group) -> Pairing:
    """Return how runs belong together."""
    if np.array_equal(one.ids, other.ids):
        return "paired"
    return "partly paired" if np.intersect1d(one.ids, other.ids).size else "independent"


def _split(one: Group, other: Group, unit: Unit) -> Split | None:
    """Return the variance components of the difference, in squared units of the metric."""
    found = split([one, other], [1.0, -1.0])
    if found is None:
        return None
    runs, items, rest = (unit.size(unit.size(part)) for part in (found.runs, found.items, found.rest))
    return Split(runs=runs, items=items, rest=rest)


def group_of(table: RunsTable, name: str, signature: Signature) -> GroupRuns:
    """Return the runs of one condition, with its role."""
    runs = table.conditions[name]
    role = (
        "baseline"
        if name == signature.baseline
        else "control"
        if name in (signature.control or ())
        else "treatment"
    )
    return GroupRuns(
        condition=name,
        role=role,
        seeds=runs.seeds,
        scores=table.unit.restored(runs.values.mean(axis=1)),
        items=table.unit.restored(runs.values.mean(axis=0)) if table.n_items else np.empty(0),
    )
