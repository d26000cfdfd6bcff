"""How robust is a claim? Everything that is asked of one signature on one table, in one function."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from sigstats.detection import detect
from sigstats.errors import SignatureError
from sigstats.evidence.open_table import read_table
from sigstats.evidence.reason import Reason
from sigstats.signature.keywords import Claim, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.random import entropy_of, stream
from sigstats.studies.practice.common_practice import common_practice
from sigstats.studies.robustness import multiverse
from sigstats.studies.robustness.choices import Choice, checked_choices, default_choices
from sigstats.studies.robustness.influence import find_influence
from sigstats.studies.robustness.joint_test import JointTest, decomposition, joint_test
from sigstats.studies.robustness.report.weakest_words import told
from sigstats.studies.robustness.result import Robustness
from sigstats.studies.robustness.synthetic_controls import MOST, SyntheticControls, synthetic_controls
from sigstats.studies.robustness.thresholds import find_margins
from sigstats.studies.robustness.variants import Variant, relevant
from sigstats.studies.robustness.weakest import weakest_point
from sigstats.studies.seeds.audit import seed_audit

STREAMS = ("joint test", "synthetic controls")


@takes_claim
def robustness(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature | HasSignature | None = None,
    *,
    choices: Sequence[Choice] | None = None,
    replications: int = 100,
    n_jobs: int = 1,
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[Claim],
) -> Robustness:
    """Measure how far a verdict depends on the analysis, on single seeds, levels and conditions, and on its bounds.

    The seeds are audited as well, the claim is broken on purpose to see whether it is still made, and common practice
    is asked for its answer.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `sigstats.detect`.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    choices : sequence of Choice or None
        What is varied; None means `default_choices`: all that the claim and the table leave open. Narrow a choice with
        `Choice.only`, or leave it out.
    replications : int
        Altered tables of each synthetic control, from 0 to 1,000,000; 0 leaves these controls out.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : numpy.random.Generator, int or None
        For the synthetic controls, and for the joint test of more than 12 seeds, where flips are drawn; each has a
        stream of its own. None means a fixed entropy.
    **claim
        Keywords of `detect`.

    Returns
    -------
    Robustness
        The multiverse of analyses, influence, margins, the weakest point, the audit of the seeds, the synthetic
        controls, and for trends common practice.

    Raises
    ------
    TableError, SignatureError
        As `sigstats.detect`.
    OptionError
        If an option is out of range, or the choices combine to more than 100,000 analyses.

    Notes
    -----
    Every analysis goes through `sigstats.detect`; nothing is estimated in another way. An analysis that raises an error
    does not give a verdict: it is counted under `Robustness.pruned`. A smallest effect that was declared on one scale
    of the metric is carried over to another by the slope of the scale at the treatments' median; not to ranks.

    *What it costs.* Four conditions with five seeds and ten levels, all default choices (1,080 analyses): about 4.5 s
    of processor, of which the audit, the synthetic controls and common practice take 1.5 s
    (``tests/benchmarks/bench_robustness.py``). For a larger table, try ``replications=0`` and fewer choices first.

    *Assumptions.* Those of `sigstats.detect`. Analyses share their data: their number is not a number of replications,
    and the share that agree is not a probability. Only the joint test is a test.

    *What would fool it.* Whatever fools all analyses alike: seeds that are copies with noise, conditions that differ in
    more than the mechanism. Leaving out data also costs power, so a verdict may become inconclusive without a
    culprit; where several removals of a kind change it, none of them is singled out.

    References
    ----------
    S. Steegen, F. Tuerlinckx, A. Gelman and W. Vanpaemel, "Increasing transparency through a multiverse analysis",
    Perspectives on Psychological Science 11 (2016), https://doi.org/10.1177/1745691616658637. U. Simonsohn, J. P.
    Simmons and L. D. Nelson, "Specification curve analysis", Nature Human Behaviour 4 (2020),
    https://doi.org/10.1038/s41562-020-0912-z

    Examples
    --------
    >>> from sigstats import Signature, simulate_sweep
    >>> from sigstats.studies.robustness.choices import default_choices
    >>> sweep = simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=6, levels=6, rng=1)
    >>> claim = Signature(shape="increasing", control="control", min_effect=1.0)
    >>> allowed = [each for each in default_choices(sweep, claim) if each.name in ("knob_scale", "line")]
    >>> result = robustness(sweep, claim, choices=allowed, replications=20)
    >>> len(result.analyses), result.n_pruned, result.agreement
    (4, 8, 1.0)
    >>> result.audit.findings, result.synthetic.claimed, result.practice.replications
    ((), 'present', 300)
    """
    signature = claimed(signature, claim, {})
    checks.processes("n_jobs", n_jobs)
    checks.whole("replications", replications, low=0, high=MOST)
    streams = _streams(rng)
    varied = checked_choices(default_choices(data, signature) if choices is None else choices, signature)
    verdict = detect(data, signature)
    if Reason.UNPLANNED_LOOK in verdict.reasons:
        raise SignatureError(
            "no look was planned at this number of seeds, so that there is no answer whose robustness could be asked "
            f"for; `looks` is {signature.looks}. Wait for the next planned look, or leave `looks` out."
        )
    # What is left out of the data is no look of its own.
    signature = verdict.tested
    planned, ruled_out = multiverse.plan(data, signature, varied)
    analyses, pruned = multiverse.run(planned, ruled_out, varied, verdict, n_jobs=n_jobs)
    bare = replace(signature, where=None, aggregate=None, item=None, levels=None)
    variant = Variant(table=relevant(read_table(data, signature), signature), signature=bare)
    influence = find_influence(variant, verdict, n_jobs=n_jobs)
    margins = find_margins(variant, verdict, n_jobs=n_jobs)
    shares = decomposition(analyses, varied)
    weakest = weakest_point(verdict, analyses, shares, influence, margins)
    joint = joint_test(analyses, signature, streams["joint test"])
    return Robustness(
        verdict=verdict,
        choices=varied,
        pruned=pruned,
        analyses=analyses,
        shares=multiverse.shares(analyses),
        agreement=sum(each.same for each in analyses) / len(analyses),
        decomposition=shares,
        joint=None if isinstance(joint, str) else joint,
        joint_note=joint if isinstance(joint, str) else _limit(joint, signature),
        influence=influence,
        margins=margins,
        weakest=None if weakest is None else told(weakest),
        audit=seed_audit(data, signature),
        synthetic=_broken(data, signature, replications, n_jobs, streams["synthetic controls"]),
        practice=common_practice(data, signature) if signature.shape.is_trend else None,
    )


def _streams(rng: np.random.Generator | int | None) -> dict[str, np.random.Generator]:
    """Return an independent generator for each part that draws at random."""
    entropy = entropy_of(rng)
    return {name: stream(entropy, *name.encode()) for name in STREAMS}


def _broken(
    data: Any,  # noqa: ANN401 - see robustness
    signature: Signature,
    replications: int,
    n_jobs: int,
    rng: np.random.Generator,
) -> SyntheticControls | None:
    if replications == 0:
        return None
    return synthetic_controls(data, signature, replications=replications, n_jobs=n_jobs, rng=rng)


def _limit(joint: JointTest, signature: Signature) -> str | None:
    """Return what the joint test cannot show with few seeds."""
    if joint.smallest_pvalue <= signature.alpha:
        return None
    return (
        f"with {joint.n_seeds} seeds no p-value can be below {joint.smallest_pvalue:g}, so the joint test cannot "
        f"reject at {signature.alpha:g}"
    )
