"""A robustness analysis with checks that ask other questions: of seeds, of broken claims, of common practice."""

from dataclasses import replace
from typing import Any

import numpy as np

from sigstats.common_practice import common_practice
from sigstats.robustness_result import Robustness
from sigstats.seed_audit import seed_audit
from sigstats.signature import Signature
from sigstats.synthetic_controls import synthetic_controls


def with_checks(
    result: Robustness,
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature,
    *,
    replications: int = 200,
    n_jobs: int = 1,
    rng: np.random.Generator | int | None = None,
) -> Robustness:
    """Add the audit of the seeds, synthetic controls and common practice to a robustness analysis.

    Parameters
    ----------
    result : Robustness
        Of the same data and signature.
    data : data frame or SweepTable
        The sweep, as for `sigstats.detect`.
    signature : Signature
        What was predicted.
    replications : int
        Altered tables of each synthetic control, from 0 to 1,000,000; 0 leaves these controls out.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : numpy.random.Generator, int or None
        For the synthetic controls; None means a fixed entropy.

    Returns
    -------
    Robustness
        With `audit` and `synthetic`, and with `practice` where the claim is a trend.

    Raises
    ------
    OptionError
        If `replications`, `n_jobs` or `rng` is out of range.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> from sigstats.robustness_run import robustness
    >>> sweep = simulate_sweep(3.0, n_seeds=4, levels=5, rng=1)
    >>> claim = Signature(shape="increasing")
    >>> result = robustness(sweep, claim, choices=[])
    >>> found = with_checks(result, sweep, claim, replications=20)
    >>> found.audit.findings, found.synthetic.claimed, found.practice.replications
    ((), 'present', 300)
    """
    none = isinstance(replications, int) and not isinstance(replications, bool) and replications == 0
    return replace(
        result,
        audit=seed_audit(data, signature),
        synthetic=None
        if none
        else synthetic_controls(data, signature, replications=replications, n_jobs=n_jobs, rng=rng),
        practice=common_practice(data, signature) if signature.shape.is_trend else None,
    )
