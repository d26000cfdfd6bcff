"""Over all analyses together: which choice moves the verdict, and could the whole picture be chance?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sigstats.signature.signature import Signature
from sigstats.stats.checks import FloatArray
from sigstats.stats.random import generator
from sigstats.studies.robustness.choices import Choice
from sigstats.studies.robustness.multiverse import Analysis
from sigstats.studies.robustness.readings import SeedScores

ENUMERATED = 12
DRAWS = 4096
SLACK = 1e-9
POOLED_RANKS = ("metric_scale", "rank")
NO_SCORES = frozenset({"scores", "line", "paired", "quiet_fraction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceShare:
    """How much of the variation between analyses goes with one choice.

    Attributes
    ----------
    choice : str
        Its name.
    verdict : float or None
        Share of the variance of "same status as declared" that lies between its options, in [0, 1]; None where all
        analyses agree.
    log_p : float or None
        Share of the variance of the signed log10 p-value; None where it does not vary.
    """

    choice: str
    verdict: float | None
    log_p: float | None


def decomposition(analyses: Sequence[Analysis], choices: Sequence[Choice]) -> tuple[ChoiceShare, ...]:
    """Return what goes with each choice on its own, the one that moves the verdict most first."""
    same = np.array([each.same for each in analyses], dtype=float)
    evidence = np.array([each.reading.signed_log_p for each in analyses])
    found = []
    for choice in choices:
        labels = np.array([each.option(choice.name) for each in analyses], dtype=object)
        share = ChoiceShare(
            choice=choice.name, verdict=_between(same, labels), log_p=_between(evidence, labels)
        )
        found.append(share)
    return tuple(sorted(found, key=lambda each: (-(each.verdict or 0.0), -(each.log_p or 0.0), each.choice)))


def _between(values: FloatArray, labels: NDArray[np.object_]) -> float | None:
    seen = np.isfinite(values)
    values, labels = values[seen], labels[seen]
    if values.size < 2:
        return None
    total = float(((values - values.mean()) ** 2).sum())
    if not total > SLACK * max(float((values**2).sum()), 1.0):
        return None
    # In a fixed order, so that the last digit of the sum does not depend on the process.
    groups = [values[labels == label] for label in dict.fromkeys(labels.tolist())]
    between = sum(group.size * (group.mean() - values.mean()) ** 2 for group in groups)
    return min(float(between) / total, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """Could all analyses together look like this by chance?

    Attributes
    ----------
    statistic, pvalue : float
        Mean of the analyses' standardised scores, and its p-value: the test that counts.
    max_statistic, max_pvalue : float
        The same for the largest of them.
    n_significant : int
        Analyses whose own t test of the mean score crosses alpha in the declared direction.
    significant_pvalue : float
        How often sign flips give that many.
    smallest_pvalue : float
        Smallest p-value that so many seeds can give.
    n_analyses : int
        Analyses with scores of their own: without lines of evidence, pairs and quiet fractions, which share them, and
        without ranks over the whole table, which make the scores of seeds depend on each other.
    n_seeds : int
        Seeds whose signs were flipped.
    method : str
        ``"exact"`` or ``"Monte Carlo"``.
    null : str
        The null hypothesis.
    """

    statistic: float
    pvalue: float
    max_statistic: float
    max_pvalue: float
    n_significant: int
    significant_pvalue: float
    smallest_pvalue: float
    n_analyses: int
    n_seeds: int
    method: str
    null: str

    def __str__(self) -> str:
        """Return count and p-values as one line."""
        return (
            f"{self.n_significant} of {self.n_analyses} analyses are significant (that many by chance: "
            f"p = {self.significant_pvalue:.3g}); mean of all analyses: p = {self.pvalue:.3g} ({self.n_seeds} seeds, "
            f"{self.method})"
        )


def joint_test(
    analyses: Sequence[Analysis], signature: Signature, rng: np.random.Generator | None = None
) -> JointTest | str:
    """Test all analyses at once, by flipping the signs of whole seeds through all of them.

    Notes
    -----
    In each analysis a seed has one number: what it adds to the mean effect of the treatments. The sum over seeds is
    divided by the root of the sum of squares, which no flip changes. A flip turns the seed's number around in all
    analyses, so that their dependence is kept.

    Analyses on ranks over the whole table take no part: there the score of a seed depends on those of all others, so
    that its sign cannot be flipped alone.

    *Assumptions.* Seeds are independent, and each seed's scores are jointly symmetric about zero under the null. Where
    treatments have seeds of their own and unlike means that cancel out, the test is conservative. The control takes no
    part: the test is about the effect, not about whether it is specific.

    *Measured* on 1,000 tables each of 3, 5 and 10 seeds whose slopes vary around zero, for 8 of 12 analyses, at 5 %:
    rejected in 0, .031 and .036 by the mean, 0, .026 and .040 by the maximum, 0, .025 and .033 by the number of
    analyses. At least one analysis crossed 5 % by all its lines in .085, .057 and .041
    (``docs/validity/multiverse_null.csv``, which also has slopes of +1 or -1). Three seeds cannot reject: their
    smallest p-value is 1/8.

    *What would fool it.* Skewed scores with few seeds; analyses that were chosen after looking at their results.

    References
    ----------
    U. Simonsohn, J. P. Simmons and L. D. Nelson, "Specification curve analysis", Nature Human Behaviour 4 (2020),
    https://doi.org/10.1038/s41562-020-0912-z; A. M. Winkler et al., "Permutation inference for the general linear
    model", NeuroImage 92 (2014), https://doi.org/10.1016/j.neuroimage.2014.01.060
    """
    shape = signature.shape
    if signature.across_seeds == "majority":
        return "the claim is about most seeds, and the joint test is about their mean"
    if not shape.free_scores:
        return f"the primary clause of {shape.name!r} does not score each seed independently of the others"
    scores = _distinct(analyses)
    if not scores:
        return "no analysis has one score per seed: runs are independent, or too few"
    return _flipped(_matrix(scores), signature, rng)


def _distinct(analyses: Sequence[Analysis]) -> list[SeedScores]:
    """Return the scores of analyses that differ in more than lines of evidence, pairs and quiet fractions.

    Ranks over the whole table make the score of a seed depend on all others, so that its sign cannot be flipped alone.
    """
    found: dict[tuple[tuple[str, str], ...], SeedScores] = {}
    for each in analyses:
        if each.scores is not None and POOLED_RANKS not in each.options:
            key = tuple(pair for pair in each.options if pair[0] not in NO_SCORES)
            found.setdefault(key, each.scores)
    return [scores for scores in found.values() if np.isfinite(scores.values).all() and scores.values.any()]


def _matrix(scores: Sequence[SeedScores]) -> FloatArray:
    """Return one row per seed and one column per analysis, each of length 1; 0 where a seed was left out."""
    seeds = sorted({seed for each in scores for seed in each.seeds})
    place = {seed: row for row, seed in enumerate(seeds)}
    filled = np.zeros((len(seeds), len(scores)))
    for column, each in enumerate(scores):
        filled[[place[seed] for seed in each.seeds], column] = each.values
    # So that no square overflows or vanishes.
    filled = np.ldexp(filled, -np.frexp(np.abs(filled).max(axis=0))[1])
    return np.asarray(filled / np.sqrt((filled**2).sum(axis=0)))


def _signs(n: int, rng: np.random.Generator | None) -> FloatArray:
    """Return sign patterns; the observed one, without a flip, is always the first."""
    if n <= ENUMERATED:
        return np.asarray(1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1), dtype=float)
    signs = np.asarray(2.0 * generator(rng).integers(0, 2, size=(DRAWS, n)) - 1.0, dtype=float)
    signs[0] = 1.0
    return signs


def _flipped(scaled: FloatArray, signature: Signature, rng: np.random.Generator | None) -> JointTest:
    n, n_analyses = scaled.shape
    signs = _signs(n, rng)
    sums = signs @ scaled
    two_sided = signature.shape.two_sided
    means, largest = sums.mean(axis=1), (np.abs(sums) if two_sided else sums).max(axis=1)
    means = np.abs(means) if two_sided else means
    crossed = _crossed(scaled, sums, signature)
    return JointTest(
        statistic=float(means[0]),
        pvalue=_share(means),
        max_statistic=float(largest[0]),
        max_pvalue=_share(largest),
        n_significant=int(crossed[0]),
        significant_pvalue=_share(crossed),
        smallest_pvalue=(2.0 if two_sided else 1.0) / len(signs),
        n_analyses=n_analyses,
        n_seeds=n,
        method="exact" if n <= ENUMERATED else "Monte Carlo",
        null="the scores of each seed are symmetric about 0, jointly over all analyses",
    )


def _share(values: FloatArray) -> float:
    """Return the share of patterns that give at least the first, which is the observed one."""
    return float((values >= values[0] - SLACK * max(abs(float(values[0])), 1.0)).mean())


def _crossed(scaled: FloatArray, sums: FloatArray, signature: Signature) -> FloatArray:
    """Return, for every pattern, in how many analyses the one-sample t test crosses alpha.

    With z the sum over the root of the sum of squares of n scores, t = z sqrt((n - 1) / (n - z^2)).
    """
    used = (scaled != 0).sum(axis=0)
    alpha = signature.alpha / (2 if signature.shape.two_sided else 1)
    critical = special.stdtrit(np.maximum(used - 1.0, 1.0), 1.0 - alpha)
    bound = critical * np.sqrt(used / (used - 1.0 + critical**2))
    counted = np.where(used >= 3, sums >= bound - SLACK, False)
    if not signature.shape.two_sided:
        return np.asarray(counted.sum(axis=1), dtype=float)
    opposite = np.where(used >= 3, -sums >= bound - SLACK, False)
    return np.asarray(np.maximum(counted.sum(axis=1), opposite.sum(axis=1)), dtype=float)
