"""The path from a table to an answer without a knob: runs -> tests -> rule, for each treatment."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from sigstats.data.table.cells import TableNote
from sigstats.detection import signature_stands_alone, versions
from sigstats.errors import OptionError, SignatureError, unknown_option
from sigstats.shapes.against import AGAINST, Better
from sigstats.signature.fields import Aggregate, Correction, MetricScale
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature
from sigstats.stats.comparisons.groups import Group, Population, split
from sigstats.stats.comparisons.sizes import ratio, standardised, wins
from sigstats.stats.estimate import Estimate
from sigstats.stats.scores.combine import Combination
from sigstats.studies.baseline import evidence as evidences
from sigstats.studies.baseline.evidence import ControlTests, Question, Tests
from sigstats.studies.baseline.judge import Sides, judge, together
from sigstats.studies.baseline.needed import what_is_needed
from sigstats.studies.baseline.record import Against, GroupRuns, Pairing
from sigstats.studies.baseline.result import Comparison
from sigstats.studies.baseline.table import RunsTable, read
from sigstats.verdict.decision import Provenance
from sigstats.verdict.rules import Status

NAN = float("nan")
UNTESTED = Combination(estimate=NAN, variance=NAN, df=NAN, n_seeds=0)
DESIGNS: dict[object, str] = {"auto": "auto", True: "repeated", False: "independent"}


@signature_stands_alone
def compare(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows
    signature: Signature | None = None,
    *,
    metric: str | None = None,
    seed: str | None = None,
    condition: str | None = None,
    treatment: object = None,
    baseline: object = None,
    claim: Literal["higher", "lower", "equivalent", "not_worse"] = "higher",
    min_effect: float | str | None = None,
    better: Better = "higher",
    paired: bool | Literal["auto"] = "auto",
    control: object = None,
    item: str | None = None,
    over: object = "seed",
    correction: Correction = "holm",
    metric_scale: MetricScale = "linear",
    quiet_fraction: float = 0.5,
    alpha: float = 0.05,
    where: Mapping[str, Any] | None = None,
    aggregate: Aggregate | None = None,
) -> Comparison:
    """Decide whether treatments are higher or lower than a baseline, equivalent to it, or not worse.

    Parameters
    ----------
    data : data frame
        One row per run, or per run and item: pandas, polars, pyarrow or any other frame that narwhals knows.
    signature : Signature or None
        What was claimed, with ``shape="higher"`` and a `baseline`; instead of the keywords below.
    metric, seed, condition : str or None
        Columns; None means the column that has the word itself as its name.
    treatment : str or list of str or None
        Conditions about which something is claimed; None means all but the baseline and the controls.
    baseline : str
        The condition that they are compared with.
    claim : {"higher", "lower", "equivalent", "not_worse"}
        What is claimed of the mean of each treatment.
    min_effect : float, str or None
        Smallest difference that would matter, in units of the metric, in (0, inf), or as a part of the baseline's mean,
        as in ``"2%"``. The margin of "equivalent" and "not_worse", which need one.
    better : {"higher", "lower"}
        Which values are better, for "not_worse".
    paired : {"auto"} or bool
        Whether runs with one label belong together; "auto" pairs labels that recur.
    control : str or list of str or None
        Conditions that should not differ from the baseline, such as a placebo: the treatment's gain must exceed theirs.
    item : str or None
        Column of what was repeated within a run: test items, prompts, environments, folds.
    over : {"seed", "item"} or both in a list
        What the claim generalises over: new runs on these items, new items with these runs, or both.
    correction : {"holm", "dunnett", "none"}
        Correction for several treatments. "holm" holds whatever the variances are; "dunnett" is exact for normal runs
        of one variance; where sample variances differ by more than a factor of 4, Holm's takes its place, with a note.
    metric_scale : {"linear", "log", "logit"}
        Scale on which the metric is analysed.
    quiet_fraction : float
        Part of the treatment's gain that a quiet control stays below, in (0, 1).
    alpha : float
        Error rate of each one-sided claim, in (0, 0.5).
    where : mapping or None
        Rows to use: values, lists or inclusive ranges by column; never an expression.
    aggregate : {None, "mean", "median", "min", "max"}
        How several rows of one run become one value, where no `item` is named; None refuses them.

    Returns
    -------
    Comparison
        Status, reasons, numbers and reports, for each treatment and together.

    Raises
    ------
    TableError
        If the data cannot be used.
    SignatureError
        If the claim makes no sense or does not fit the table.

    See Also
    --------
    sigstats.detect : Claims along a knob, also one that was only on or off.

    Notes
    -----
    *Method.* Differences of runs that share a label are taken within them, and tested by Student's t; fresh runs by
    Welch's t, with Cochran's degrees of freedom where few runs stand against more. New runs *and* items: crossed random
    effects, the variance by two-way analysis of variance. Margins that are a part of the baseline's mean are tested by
    Fieller's method. Nothing is claimed from fewer than 3 runs (or items, where the claim is about new ones).

    *Assumptions.* Runs are independent of each other, their means near normal below about 6 runs.

    *What would fool it.* Items taken for runs; runs picked after their results were seen; a baseline with less tuning.

    References
    ----------
    .. [1] B. L. Welch, "The generalization of Student's problem when several different population variances are
           involved", Biometrika 34 (1947). https://doi.org/10.1093/biomet/34.1-2.28
    .. [2] D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", Journal of
           Pharmacokinetics and Biopharmaceutics 15 (1987). https://doi.org/10.1007/BF01068419
    .. [3] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
           (1979).

    Examples
    --------
    >>> import pandas as pd
    >>> runs = {"adamw": [0.71, 0.70, 0.73, 0.72], "muon": [0.76, 0.74, 0.78, 0.75]}
    >>> rows = [(name, seed, value) for name, values in runs.items() for seed, value in enumerate(values)]
    >>> frame = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    >>> found = compare(frame, baseline="adamw", claim="higher")
    >>> found.status
    <Status.PRESENT: 'present'>
    >>> round(found.rows[0].difference.value, 4)
    0.0425
    """
    if signature is None:
        if claim not in AGAINST:
            raise OptionError(unknown_option("claim", claim, AGAINST))
        if not any(paired is each or paired == each for each in DESIGNS):
            raise OptionError(f"`paired` is {paired!r}; it must be 'auto', True or False.")
        if better != "higher" and claim != "not_worse":
            raise OptionError(
                f"`better` is {better!r}, which only the claim 'not_worse' needs; {claim!r} says its direction itself."
            )
        signature = Signature(
            metric=metric,
            seed=seed,
            condition=condition,
            shape={"name": claim, "better": better} if claim == "not_worse" else claim,
            treatment=treatment,
            baseline=baseline,
            control=control,
            min_effect=min_effect,
            design=DESIGNS[paired],  # type: ignore[arg-type]
            item=item,
            over=over,
            correction=correction,
            metric_scale=metric_scale,
            quiet_fraction=quiet_fraction,
            alpha=alpha,
            where=where,
            aggregate=aggregate,
        )
    if not signature.shape.against_baseline:
        raise SignatureError(
            f"the shape {signature.shape.name!r} runs along a knob; `compare` decides claims on a baseline "
            f"{tuple(sorted(AGAINST))}. Use sigstats.detect."
        )
    return _compared(read(data, signature), signature)


def _compared(table: RunsTable, signature: Signature) -> Comparison:
    """Return the answer for each treatment, and for all together."""
    others = {signature.baseline, *(signature.control or ())}
    treatments = [name for name in table.conditions if name not in others]
    question = evidences.ask(table, signature, treatments)
    tests = {name: _tests(question, name) for name in treatments}
    correction = _correction(question, signature)
    sides = _sides(question, tests, signature, correction)
    rows = tuple(_row(table, question, name, tests[name], sides[name], signature) for name in treatments)
    status, reasons = together([(row.status, row.reasons) for row in rows])
    return Comparison(
        status=status,
        reasons=reasons,
        notes=(*table.notes, *_notes(question, rows), *_not_dunnett(signature, correction, len(rows))),
        rows=rows,
        groups=tuple(_group(table, name, signature) for name in table.conditions),
        population=question.population,
        correction=correction,
        unit=table.metric,
        signature=signature,
        provenance=Provenance(
            data_hash=table.data_hash, n_rows=table.n_rows, entropy=None, versions=versions()
        ),
    )


def _testable(question: Question, *names: str) -> bool:
    """Return whether groups have what a variance needs: two runs, or two items where these would be new."""
    groups = [question.groups[name] for name in names]
    runs = min(len(group.values) for group in groups)
    items = groups[0].values.shape[1]
    enough: dict[Population, bool] = {"runs": runs >= 2, "items": items >= 2, "both": min(runs, items) >= 2}
    return enough[question.population]


def _tests(question: Question, name: str) -> Tests:
    if _testable(question, name, question.baseline):
        return evidences.tests_of(question, name)
    one, other = question.pair(name)
    estimate = question.orientation * float(one.values.mean() - other.values.mean())
    return Tests(
        gain=replace(UNTESTED, estimate=estimate),
        above_zero=NAN,
        below_zero=NAN,
        below_margin=NAN,
        above_margin=NAN,
        above_minus_margin=NAN,
        below_minus_margin=NAN,
    )


def _sides(
    question: Question, tests: Mapping[str, Tests], signature: Signature, correction: Correction
) -> dict[str, Sides]:
    """Return the corrected p-values of claim, denial and smallness for each treatment."""
    names, claim = list(tests), signature.shape.name
    ask = _dunnett(question, tests, signature) if correction == "dunnett" else _corrected(tests, correction)
    if claim == "equivalent":
        shown = np.maximum(ask("above_minus_margin"), ask("below_margin"))
        against = np.minimum(1.0, 2.0 * np.minimum(ask("above_margin"), ask("below_minus_margin")))
        small = np.full(len(names), NAN)
    elif claim == "not_worse":
        shown, against, small = ask("above_minus_margin"), ask("below_minus_margin"), np.full(len(names), NAN)
    else:
        shown, against, small = ask("above_zero"), ask("below_zero"), ask("below_margin")
    # Dunnett's method is about differences from the baseline; what involves a control is corrected by Holm's.
    of_controls = _of_controls(question, names, "holm" if correction == "dunnett" else correction)
    return {
        name: Sides(
            shown=float(shown[at]), against=float(against[at]), small=float(small[at]), **of_controls[at]
        )
        for at, name in enumerate(names)
    }


def _corrected(tests: Mapping[str, Tests], correction: Correction) -> Callable[[str], Any]:
    """Return the p-values of one hypothesis over all treatments, corrected by Holm's procedure or not at all."""
    return lambda which: np.array(
        evidences.corrected([getattr(each, which) for each in tests.values()], correction)
    )


CONTROL_TESTS = ("specific", "quiet", "responds", "artifact")


def _of_controls(question: Question, names: list[str], correction: Correction) -> list[dict[str, float]]:
    """Return the p-values against the controls for each treatment, corrected for the number of treatments."""
    found = [control_of(question, name) for name in names]
    columns = {
        test: evidences.corrected(
            [NAN if each is None else getattr(each, test) for each in found], correction
        )
        for test in CONTROL_TESTS
    }
    return [{test: columns[test][at] for test in CONTROL_TESTS} for at in range(len(names))]


# Sample variances that differ by more than this factor are not taken for one variance.
ALIKE = 4.0

BOUNDS = {
    "above_zero": (0, True),
    "below_zero": (0, False),
    "below_margin": (1, False),
    "above_margin": (1, True),
    "above_minus_margin": (-1, True),
    "below_minus_margin": (-1, False),
}


def _correction(question: Question, signature: Signature) -> Correction:
    """Return the correction that is made: Holm's where Dunnett's was asked for and its assumptions do not hold."""
    if len(question.treatments) < 2:
        return "none"
    if signature.correction != "dunnett" or question.population != "runs":
        return signature.correction
    if not _testable(question, *question.treatments, question.baseline):
        return "holm"
    variances = [
        question.groups[name].scores.var(ddof=1) for name in (*question.treatments, question.baseline)
    ]
    return "dunnett" if max(variances) <= ALIKE * min(variances) else "holm"


def _not_dunnett(signature: Signature, correction: Correction, n: int) -> list[TableNote]:
    """Return a note where Holm's procedure takes the place of Dunnett's."""
    if signature.correction != "dunnett" or correction == "dunnett" or n < 2:
        return []
    message = (
        "Holm's correction takes the place of Dunnett's, which needs two runs in every condition and variances that "
        f"are alike (the largest at most {ALIKE:g} times the smallest)."
    )
    return [TableNote(code="not_dunnett", message=message, count=n)]


def _dunnett(question: Question, tests: Mapping[str, Tests], signature: Signature) -> Callable[[str], Any]:
    """Return the p-values of one hypothesis over all treatments by Dunnett's method."""
    if isinstance(signature.min_effect, Share):
        raise SignatureError(
            "`correction` is 'dunnett', which takes a margin in units of the metric; `min_effect` is a part of the "
            "baseline's mean. Use correction='holm'."
        )
    found = evidences.dunnett(question)

    def ask(which: str) -> Any:  # noqa: ANN401 - an array
        times, above = BOUNDS[which]
        if found is None or (times and signature.min_effect is None):
            return np.full(len(tests), NAN)
        return found.pvalues(bound=times * float(signature.min_effect or 0.0), above=above)

    return ask


def control_of(question: Question, name: str) -> ControlTests | None:
    """Return the tests against the controls; None without controls, or without a variance."""
    if not question.controls or not _testable(question, name, question.baseline, *question.controls):
        return None
    return evidences.control_tests(question, name)


def _row(
    table: RunsTable, question: Question, name: str, tests: Tests, sides: Sides, signature: Signature
) -> Against:
    one, other = question.pair(name)
    compared = [name, question.baseline, *question.controls]
    alpha, margin = signature.alpha, question.margin() if tests.gain.df > 0 else None
    margin = (
        signature.min_effect if margin is None and not isinstance(signature.min_effect, Share) else margin
    )
    rule, findings, criteria = judge(
        sides,
        claim=signature.shape.name,
        alpha=alpha,
        n_runs=()
        if question.population == "items"
        else [len(question.groups[each].values) for each in compared],
        n_items=None if question.population == "runs" else one.values.shape[1],
        gain=tests.gain.estimate,
        margin=margin,
        controlled=bool(question.controls),
    )
    pairing, correlation = _pairing(one, other)
    tested = tests.gain.df > 0 and tests.gain.variance > 0
    controls = control_of(question, name)
    found = ratio(one, other, question.population, confidence=1 - 2 * alpha) if tested else None
    return Against(
        condition=name,
        status=rule.status,
        reasons=rule.reasons(findings),
        rule=rule.number,
        criteria=criteria,
        difference=_estimate(tests.gain, question.orientation, table.metric, alpha),
        ratio=None
        if found is None
        else Estimate(
            value=found.value, low=found.low, high=found.high, confidence=1 - 2 * alpha, unit="ratio"
        ),
        standardised=standardised(one.scores, other.scores),
        wins=wins(one, other),
        pairing=pairing,
        correlation=correlation,
        df=tests.gain.df if tested else NAN,
        pvalue=sides.shown,
        pvalue_against=sides.against,
        pvalue_small=sides.small,
        margin=margin,
        contrast=None
        if controls is None
        else _estimate(controls.contrast, question.orientation, table.metric, alpha),
        n_runs=(len(one.values), len(other.values)),
        n_items=table.n_items,
        split=split([one, other], [1.0, -1.0]),
        needed=what_is_needed(question, name, tests.gain, margin, signature)
        if rule.status is Status.INCONCLUSIVE
        else None,
    )


def _estimate(gain: Combination, orientation: int, unit: str, alpha: float) -> Estimate:
    """Return an oriented sum as a difference with its interval."""
    confidence = 1.0 - 2.0 * alpha
    ends = [orientation * end for end in gain.interval(confidence)]
    return Estimate(
        value=orientation * gain.estimate, low=min(ends), high=max(ends), confidence=confidence, unit=unit
    )


def _pairing(one: Group, other: Group) -> tuple[Pairing, float]:
    """Return how runs belong together, and the correlation of pairs."""
    shared = np.intersect1d(one.ids, other.ids)
    if not shared.size:
        return "independent", NAN
    if not np.array_equal(one.ids, other.ids):
        return "partly paired", NAN
    first, second = one.scores, other.scores
    if shared.size < 3 or not (np.ptp(first) > 0 and np.ptp(second) > 0):
        return "paired", NAN
    return "paired", float(np.corrcoef(first, second)[0, 1])


def _group(table: RunsTable, name: str, signature: Signature) -> GroupRuns:
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
        scores=runs.values.mean(axis=1),
        items=runs.values.mean(axis=0) if table.n_items else np.empty(0),
    )


def _notes(question: Question, rows: tuple[Against, ...]) -> list[TableNote]:
    """Return what the reader must know of the comparison."""
    found = []
    if any(row.pairing == "partly paired" for row in rows):
        message = "Some runs share a label and some do not: those that do are paired, at the degrees of freedom of the "
        message += "smaller group."
        found.append(TableNote(code="partly_paired", message=message, count=len(rows)))
    if any(row.margin is not None and np.isnan(row.margin) for row in rows):
        message = "The margin is a part of the baseline's mean, which is not shown to differ from 0: it has no size."
        found.append(TableNote(code="no_relative_margin", message=message, count=len(rows)))
    few = [len(group.values) for group in question.groups.values()]
    if question.population != "items" and 3 <= min(few) < 6:
        message = f"With {min(few)} runs in a condition the tests rely on normally distributed runs."
        found.append(TableNote(code="small_sample", message=message, count=min(few)))
    return found
