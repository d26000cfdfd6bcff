"""One verdict in the few numbers by which many analyses are compared.

A reading takes a verdict as it is, or lets one line of evidence decide the primary clause alone: the other rules of
the verdict table stay as they are.
"""

import math
import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from sigstats.detection import verdict_on
from sigstats.errors import SigstatsError, TableError
from sigstats.evidence.reason import Reason
from sigstats.stats.checks import FloatArray
from sigstats.studies.robustness.options import ALL_LINES
from sigstats.studies.robustness.variants import Variant
from sigstats.verdict.groups import Criterion
from sigstats.verdict.multiple import primary_pvalue
from sigstats.verdict.rules import Findings, State, Status, decide
from sigstats.verdict.verdict import Verdict

TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One verdict in brief.

    Attributes
    ----------
    status : Status
        What was said.
    reasons : tuple of Reason
        Why.
    effect, low, high : float
        Oriented mean effect of the treatments with its interval, in `unit`; NaN without one.
    unit : str
        Unit of the effect.
    pvalue : float
        One-sided, of the primary clause not holding: of one line, or the largest of the lines that must agree. A
        posterior counts by the probability that it leaves to the other side. NaN if unavailable.
    """

    status: Status
    reasons: tuple[Reason, ...]
    effect: float
    low: float
    high: float
    unit: str
    pvalue: float

    @property
    def signed_log_p(self) -> float:
        """Evidence for the claim (positive) or against it (negative): log10 of the two-sided p-value."""
        return signed_log_p(self.pvalue)

    @property
    def words(self) -> str:
        """Status and reasons, as in "absent (below_min_effect)"."""
        return f"{self.status} ({', '.join(self.reasons)})" if self.reasons else str(self.status)


def attempted(variant: Variant, *, prior_scale: float = 1.0) -> Verdict | str:
    """Return the verdict of `sigstats.detect`, or why there is none: an error, or a numerical warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return verdict_on(variant.table, variant.signature, prior_scale=prior_scale)
    except TableError as error:
        return "; ".join(problem.message for problem in error.problems)
    except SigstatsError as error:
        return str(error)
    except RuntimeWarning as warning:
        return f"a number could not be computed ({warning})"


def reading_of(variant: Variant) -> Reading | None:
    """Return the verdict of `sigstats.detect` in brief; None where there is none."""
    verdict = attempted(variant)
    return None if isinstance(verdict, str) else read(verdict)


def signed_log_p(pvalue: float) -> float:
    """Return the evidence of a one-sided p-value on a scale that is symmetric about 0."""
    if math.isnan(pvalue):
        return math.nan
    smaller = max(min(pvalue, 1.0 - pvalue), TINY)
    size = -math.log10(min(2.0 * smaller, 1.0)) + 0.0
    return size if pvalue <= 0.5 else -size


def read(verdict: Verdict, line: str = ALL_LINES) -> Reading:
    """Return a verdict in brief, where all lines of evidence must agree or one of them decides."""
    status, reasons = verdict.status, verdict.reasons
    if line != ALL_LINES:
        lines = verdict.groups.primary.lines if verdict.groups.primary else {}
        altered = _by_line(verdict.findings, lines.get(line))
        rule = decide(altered)
        status, reasons = rule.status, rule.reasons(altered)
    effect = verdict.effect
    return Reading(
        status=status,
        reasons=reasons,
        effect=effect.value if effect else math.nan,
        low=effect.low if effect else math.nan,
        high=effect.high if effect else math.nan,
        unit=effect.unit if effect else "",
        pvalue=primary_pvalue(verdict.evidence, None if line == ALL_LINES else line),
    )


def _by_line(findings: Findings, deciding: Criterion | None) -> Findings:
    """Let one comparison decide the primary clause; a common shift of levels, which blocks it, still does."""
    if deciding is None or Reason.COMMON_SHIFT in findings.unresolved:
        return findings
    state = State.SHOWN if deciding.met else State.UNRESOLVED
    missing = math.isnan(deciding.value)
    why = Reason.ZERO_VARIANCE if missing else Reason.UNDERPOWERED
    return replace(findings, primary=state, unresolved=(why,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedScores:
    """What every seed contributes to the mean effect of the treatments.

    Attributes
    ----------
    seeds : tuple of str
        Labels; a seed that several treatments share is one.
    values : ndarray, shape (n_seeds,)
        Its part of the sum that is the mean effect, in units of the metric.
    """

    seeds: tuple[str, ...]
    values: FloatArray = field(repr=False)


def seed_scores(verdict: Verdict) -> SeedScores | None:
    """Return the contributions of seeds to the mean effect of the treatments."""
    arms = verdict.evidence.treatments
    if verdict.evidence.design != "repeated" or verdict.evidence.interval is None:
        return None
    sign = verdict.evidence.orientation if verdict.signature.shape.two_sided else 1
    parts: dict[str, float] = {}
    for arm in arms:
        for seed, score in zip(arm.scored_seeds, arm.scores.tolist(), strict=True):
            parts[seed] = parts.get(seed, 0.0) + sign * score / arm.scores.size / len(arms)
    seeds = tuple(sorted(parts))
    return SeedScores(seeds=seeds, values=np.array([parts[seed] for seed in seeds]))
