"""The numbers: every hypothesis on treatments and a baseline is a weighted sum of group means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import SignatureError, option, place_of_caller
from sigstats.evidence.control import ARTIFACT_FRACTION
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature
from sigstats.stats.classical.multiplicity import adjust
from sigstats.stats.comparisons import many_to_one
from sigstats.stats.comparisons.groups import Group, Population, contrast
from sigstats.stats.comparisons.unit import Unit
from sigstats.stats.scores.combine import Combination
from sigstats.studies.baseline.rows import Runs
from sigstats.studies.baseline.table import RunsTable

FloatArray = NDArray[np.float64]

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """The one-sided tests of one treatment, oriented so that a positive gain is in the claimed direction."""

    gain: Combination  # the difference, oriented
    above_zero: float  # p-values of: gain <= 0; gain >= 0
    below_zero: float
    below_margin: float  # p-value of gain >= margin, and of gain <= margin; NaN without a margin
    above_margin: float
    above_minus_margin: float  # p-value of gain <= -margin, and of gain >= -margin
    below_minus_margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTests:
    """The control's difference from the baseline held against the treatment's."""

    contrast: Combination  # gain of the treatment minus gain of the controls
    specific: float
    quiet: float
    responds: float
    artifact: float
    gain: Combination  # gain of the controls
    single: tuple[
        tuple[str, float], ...
    ] = ()  # `responds` of each of several controls, corrected for their number


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Groups, orientation and margin: all that the tests need."""

    groups: Mapping[str, Group] = field(repr=False)
    population: Population
    orientation: int
    baseline: str
    controls: tuple[str, ...]
    treatments: tuple[str, ...]
    min_effect: float | None  # in the unit
    quiet_fraction: float
    unit: Unit = field(default_factory=Unit)  # of all values
    level: float | None = (
        None  # the smallest at which one of several treatments is tested; None without correction
    )

    def pair(self, name: str) -> tuple[Group, Group]:
        """Return a treatment and the baseline."""
        return self.groups[name], self.groups[self.baseline]

    def weigh(self, weights: Mapping[str, float]) -> Combination:
        """Return a weighted sum of group means."""
        groups = [self.groups[name] for name in weights]
        return contrast(groups, list(weights.values()), self.population, level=self.level)

    def testable(self, *names: str) -> bool:
        """Return whether groups have what a variance needs: two runs, or two items where these would be new."""
        groups = [self.groups[name] for name in names]
        runs = min(len(group.values) for group in groups)
        items = groups[0].values.shape[1]
        enough: dict[Population, bool] = {
            "runs": runs >= 2,
            "items": items >= 2,
            "both": min(runs, items) >= 2,
        }
        return enough[self.population]

    def describe(self, weights: Mapping[str, float]) -> Combination:
        """Return a weighted sum of group means; without a variance where groups are too small for one."""
        if self.testable(*(name for name, weight in weights.items() if weight)):
            return self.weigh(weights)
        means = {name: float(self.groups[name].values.mean()) for name in weights}
        estimate = sum(weight * means[name] for name, weight in weights.items())
        return Combination(estimate=estimate, variance=NAN, df=NAN, n_seeds=0)

    def margin(self) -> float | None:
        """Return the margin in units of the metric; NaN where it is a part of a mean that may be 0."""
        if not isinstance(self.min_effect, Share):
            return self.min_effect
        mean = self.weigh({self.baseline: 1.0})
        sure = not mean.variance > 0 or min(mean.pvalue_above(), mean.pvalue_below()) <= 0.025
        return float(self.min_effect) * abs(mean.estimate) if sure and mean.estimate != 0 else NAN


def ask(table: RunsTable, signature: Signature, treatments: Sequence[str]) -> Question:
    """Return the question that a signature asks of a table."""
    population: Population = "runs" if signature.over == ("seed",) else "items"
    if len(signature.over) > 1:
        population = "both"
    if table.nested:
        # The spread of the runs' means holds that of their items.
        if population == "items":
            raise SignatureError(
                "`over` is 'item', but every item belongs to one run, so that items cannot be told from runs. Use "
                f"{option('over', 'seed')}."
            )
        population = "runs"
    groups = _groups(table, signature.design)
    return Question(
        groups=groups,
        population=population,
        orientation=signature.shape.orientation,
        baseline=str(signature.baseline),
        controls=signature.control or (),
        treatments=tuple(treatments),
        min_effect=_in_unit(signature.min_effect, table.unit),
        unit=table.unit,
        level=signature.alpha / len(treatments)
        if len(treatments) > 1 and signature.correction != "none"
        else None,
        quiet_fraction=signature.quiet_fraction,
    )


def _in_unit(margin: float | None, unit: Unit) -> float | None:
    """Return a margin in the unit of the values; a share of the baseline has none."""
    return margin if margin is None or isinstance(margin, Share) else unit.part(margin)


def _groups(table: RunsTable, design: str) -> dict[str, Group]:
    """Return the groups with numbers for the identity of runs: shared labels are one run, unless all are fresh."""
    if design == "repeated":
        _refuse_unpaired(table.conditions)
    labels = sorted({seed for runs in table.conditions.values() for seed in runs.seeds})
    number = {seed: at for at, seed in enumerate(labels)}
    groups, start = {}, 0
    for name, runs in table.conditions.items():
        ids = np.array([number[seed] for seed in runs.seeds], dtype=np.intp)
        if design == "independent":
            ids, start = np.arange(start, start + ids.size, dtype=np.intp), start + ids.size
        # Rows in the order of their runs, so that pairs stand side by side.
        order = np.argsort(ids)
        groups[name] = Group(ids=ids[order], values=runs.values[order], offset=table.unit.offset)
    return groups


def pairing(design: str) -> str:
    """Return how the caller says whether runs are paired."""
    if place_of_caller() == "python":
        return "paired='auto'" if design == "auto" else "paired=False"
    return option("design", design)


def _refuse_unpaired(conditions: Mapping[str, Runs]) -> None:
    first, *others = conditions.items()
    for name, runs in others:
        alone = sorted(set(first[1].seeds) ^ set(runs.seeds))
        if alone:
            raise SignatureError(
                f"runs are said to be paired, but {', '.join(map(repr, alone[:5]))} "
                f"{'is' if len(alone) == 1 else 'are'} not in both {first[0]!r} and {name!r}; pairs need shared "
                "labels. Give paired runs one label, leave others out with `where`, or pair what recurs, with "
                f"{pairing('auto')}."
            )


def tests_of(question: Question, name: str) -> Tests:
    """Return the uncorrected tests of one treatment; NaN where groups are too small for a variance."""
    sign, baseline = question.orientation, question.baseline
    gain = question.describe({name: sign, baseline: -sign})
    upper = lower = None
    margin = question.margin() if question.testable(name, baseline) else None
    if isinstance(question.min_effect, Share) and margin is not None and not np.isnan(margin):
        # A margin that is a part of the baseline's mean belongs to the weights, so that its error counts.
        share = float(question.min_effect) * np.sign(question.weigh({baseline: 1.0}).estimate)
        upper = question.weigh({name: sign, baseline: -sign - share}), 0.0
        lower = question.weigh({name: sign, baseline: -sign + share}), 0.0
    elif margin is not None and not np.isnan(margin):
        upper, lower = (gain, margin), (gain, -margin)
    return Tests(
        gain=gain,
        above_zero=gain.pvalue_above(),
        below_zero=gain.pvalue_below(),
        below_margin=NAN if upper is None else upper[0].pvalue_below(upper[1]),
        above_margin=NAN if upper is None else upper[0].pvalue_above(upper[1]),
        above_minus_margin=NAN if lower is None else lower[0].pvalue_above(lower[1]),
        below_minus_margin=NAN if lower is None else lower[0].pvalue_below(lower[1]),
    )


def control_tests(question: Question, name: str) -> ControlTests | None:
    """Return how the controls' difference from the baseline compares with the treatment's; None without controls."""
    if not question.controls:
        return None
    sign, q = question.orientation, question.quiet_fraction
    each = 1.0 / len(question.controls)

    def weighted(treated: float, control: float, *only: str) -> Combination:
        """Return treated * (T - B) + control * (C - B), oriented, of the mean of all controls or of one."""
        weights = {name: sign * treated, question.baseline: -sign * (treated + control)}
        weights |= dict.fromkeys(only or question.controls, sign * control * (1.0 if only else each))
        return question.describe(weights)

    specific = weighted(1.0, -1.0)
    responds = weighted(-q, 1.0).pvalue_above()
    single: tuple[tuple[str, float], ...] = ()
    if len(question.controls) > 1:
        # One control may gain what others lose: none may gain too much, on its own or on average.
        alone = [weighted(-q, 1.0, control).pvalue_above() for control in question.controls]
        *alone, responds = corrected([*alone, responds], "holm")
        single = tuple(zip(question.controls, alone, strict=True))
    return ControlTests(
        contrast=specific,
        specific=specific.pvalue_above(),
        quiet=weighted(q, -1.0).pvalue_above(),
        responds=responds,
        artifact=weighted(-ARTIFACT_FRACTION, 1.0).pvalue_above(),
        gain=weighted(0.0, 1.0),
        single=single,
    )


def corrected(pvalues: Sequence[float], correction: str) -> list[float]:
    """Return p-values corrected for their number by Holm's procedure, or as they are; what was not tested stays NaN."""
    values = np.array(pvalues, dtype=float)
    tested = ~np.isnan(values)
    if correction == "holm" and tested.any():
        values[tested] = adjust(values[tested], method="holm")
    return [float(value) for value in values]


def dunnett(question: Question) -> many_to_one.ManyToOne | None:
    """Return the treatments against the baseline with one variance for all; None where nothing varies."""
    if question.population != "runs":
        raise SignatureError(
            "`correction` is 'dunnett', which is known for new runs only; `over` names items. Use "
            f"{option('correction', 'holm')}."
        )
    baseline, treated = (
        question.groups[question.baseline],
        [question.groups[name] for name in question.treatments],
    )
    scores = [question.orientation * group.scores for group in treated]
    own = question.orientation * baseline.scores
    rounding = max(group.rounding for group in (baseline, *treated))
    if all(np.array_equal(group.ids, baseline.ids) for group in treated):
        return many_to_one.blocked(scores, own, rounding=rounding)
    ids = np.concatenate([baseline.ids, *(group.ids for group in treated)])
    if np.unique(ids).size < ids.size:
        raise SignatureError(
            "`correction` is 'dunnett', which needs runs that are all paired or all independent; some labels recur. "
            f"Use {option('correction', 'holm')}, or {pairing('independent')}."
        )
    return many_to_one.pooled(scores, own, rounding=rounding)
