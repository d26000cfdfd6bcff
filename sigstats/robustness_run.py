"""How robust is a trend claim? Everything that is asked of one signature on one table, in one function."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sigstats import multiverse
from sigstats.detection import detect, make_generator, read_table
from sigstats.errors import OptionError, SignatureError
from sigstats.influence import find_influence
from sigstats.margins import find_margins
from sigstats.robustness_choices import Choice, checked_choices, default_choices
from sigstats.robustness_joint import JointTest, decomposition, joint_test
from sigstats.robustness_result import Robustness
from sigstats.robustness_tables import Task, relevant
from sigstats.robustness_weakest import weakest_point
from sigstats.signature import Signature


def robustness(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature,
    *,
    choices: Sequence[Choice] | None = None,
    n_jobs: int = 1,
    rng: np.random.Generator | int | None = None,
) -> Robustness:
    """Ask how far a verdict depends on the analysis, on single seeds, levels and conditions, and on its bounds.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `sigstats.detect`.
    signature : Signature
        What was predicted.
    choices : sequence of Choice or None
        What is varied; None means `default_choices`: all that the claim and the table leave open. Narrow a choice with
        `Choice.only`, or leave it out.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : numpy.random.Generator, int or None
        Only for the joint test of more than 12 seeds, where flips are drawn; None means a fixed entropy.

    Returns
    -------
    Robustness
        The multiverse of analyses, influence, margins, and the weakest point.

    Raises
    ------
    TableError, SignatureError
        As `sigstats.detect`, or if the shape is ``"fades"``.
    OptionError
        If an option is out of range, or the choices combine to more than 100,000 analyses.

    Notes
    -----
    Every analysis goes through `sigstats.detect`; nothing is estimated in another way. An analysis that raises an error
    has no verdict: it is counted under `Robustness.pruned`. A smallest effect that was declared on one scale of the
    metric is carried over to another by the slope of the scale at the treatments' median; on ranks there is none.

    *Assumptions.* Those of `sigstats.detect`. Analyses share their data: their number is no number of replications, and
    a share of agreeing analyses is no probability. The joint test alone is a test.

    *What would fool it.* Whatever fools all analyses alike: seeds that are copies with noise, conditions that differ in
    more than the mechanism. Leaving out data also costs power, so that a verdict may change to inconclusive without
    there being a culprit; where several removals of a kind change it, none of them is singled out.

    References
    ----------
    S. Steegen, F. Tuerlinckx, A. Gelman and W. Vanpaemel, "Increasing transparency through a multiverse analysis",
    Perspectives on Psychological Science 11 (2016), https://doi.org/10.1177/1745691616658637. U. Simonsohn, J. P.
    Simmons and L. D. Nelson, "Specification curve analysis", Nature Human Behaviour 4 (2020),
    https://doi.org/10.1038/s41562-020-0912-z

    Examples
    --------
    >>> from sigstats import Signature, simulate_sweep
    >>> from sigstats.robustness_choices import default_choices
    >>> sweep = simulate_sweep({"treatment": 3.0, "control": 0.0}, n_seeds=6, levels=6, rng=1)
    >>> claim = Signature(shape="increasing", control="control", min_effect=1.0)
    >>> allowed = [each for each in default_choices(sweep, claim) if each.name in ("knob_scale", "line")]
    >>> result = robustness(sweep, claim, choices=allowed)
    >>> len(result.analyses), result.n_pruned, result.agreement
    (4, 8, 1.0)
    """
    _check(signature, n_jobs)
    _, generator = make_generator(rng)
    varied = checked_choices(default_choices(data, signature) if choices is None else choices, signature)
    planned, ruled_out = multiverse.plan(data, signature, varied)
    verdict = detect(data, signature)
    analyses, pruned = multiverse.run(planned, ruled_out, varied, verdict, n_jobs=n_jobs)
    bare = replace(signature, where=None, aggregate=None)
    task = Task(table=relevant(read_table(data, signature), signature), signature=bare)
    influence = find_influence(task, verdict, n_jobs=n_jobs)
    margins = find_margins(task, verdict, n_jobs=n_jobs)
    shares = decomposition(analyses, varied)
    joint = joint_test(analyses, signature, generator)
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
        weakest=weakest_point(verdict, analyses, shares, influence, margins),
    )


def _check(signature: object, n_jobs: object) -> None:
    if not isinstance(signature, Signature):
        raise SignatureError(
            f"`signature` is {type(signature).__name__} {signature!r}; it must be a Signature. "
            "Read one with Signature.from_toml, or make one of the keywords of detect."
        )
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0:
        raise OptionError(f"`n_jobs` is {n_jobs!r}; it must be a whole number other than 0, as in joblib.")


def _limit(joint: JointTest, signature: Signature) -> str | None:
    """Return what the joint test cannot show with so few seeds."""
    if joint.smallest_pvalue <= signature.alpha:
        return None
    return (
        f"with {joint.n_seeds} seeds no p-value is below {joint.smallest_pvalue:g}, so that the joint test cannot "
        f"reject at {signature.alpha:g}"
    )
