"""The question of a forecast, as it is asked."""

from collections.abc import Mapping
from typing import Any, Unpack

from sigstats.errors import OptionError, place_of_caller
from sigstats.signature.keywords import Claim, HasSignature, claimed, takes_claim
from sigstats.signature.promised import WITHIN
from sigstats.signature.signature import Signature
from sigstats.studies.forecast.result import Forecast, with_reports
from sigstats.studies.forecast.run import found


@takes_claim
def forecast(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature | HasSignature | None = None,
    *,
    to: object = None,
    within: float | None = None,
    beyond: bool = False,
    **claim: Unpack[Claim],
) -> Forecast:
    """Fit a law to the low levels of the knob, predict the higher ones, and say how far the prediction is off.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `sigstats.detect`.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below. Its shape is the law: ``"scaling_law"``,
        ``"power_law"``, ``"linear"``, ``"saturating"`` or ``"flat"``. Each treatment has a law of its own; controls
        take no part.
    to : float, list of float or None
        Levels to predict. The law is fitted to all levels below the smallest of them. None means those of the
        signature's `forecast`; where it has none, the largest third of the levels. They are declared, never chosen by
        the data.
    within : float or None
        Largest error that the claim allows, as a part of the observed mean, in (0, 1). None means that of the
        signature's `forecast`, else 0.05.
    beyond : bool
        Whether `to` may hold levels that were not run, as those that the signature's `forecast` declares always may.
        They are predicted, and judged by `Forecast.settle` later.
    **claim
        Keywords of `detect`.

    Returns
    -------
    Forecast
        Predictions with intervals, errors, naive rivals, and the status of the claim that every level is predicted
        within the declared part.

    Raises
    ------
    TableError
        If the data cannot be used.
    SignatureError
        If the shape does not say how a curve goes on, or the knob's scale has no place for other levels.
    OptionError
        If `to` names levels that were not run, without `beyond`, or leaves fewer than 4 levels below; or if `to` or
        `within` is not what the signature's `forecast` declares.

    Notes
    -----
    *Method.* The law is fitted by least squares to the mean over seeds at each level, all levels with the same weight.
    To first order the prediction is a weighted sum of these means; the same weights, applied to the curve of each seed,
    give one score per seed. Prediction minus observation is such a score too, so the error is tested by t over seeds.
    Independent runs enter by the variances of their levels, with Satterthwaite's degrees of freedom.

    *Null hypotheses.* Within: the mean prediction misses the mean at some level by the declared part or more; each
    level and side must be shown, so no correction is needed. Outside: it misses by less, Holm's correction over levels.
    Nearer than a rival, at the largest level that was run: the mean lies on the rival's side of the middle between both
    predictions; Holm's correction over rivals.

    *Assumptions.* Seeds are independent; scores are near normal with few seeds. The interval of a level that was not
    run holds if the law goes on to hold: no data can say so.

    *What would fool it.* Levels to predict that were chosen after a look at the errors; seeds that only reach the high
    levels if they do well there; hyperparameters that were tuned at the high levels.

    References
    ----------
    .. [1] I. M. Alabdulmohsin, B. Neyshabur and X. Zhai, "Revisiting neural scaling laws in language and vision",
           2022 (laws are to be compared by extrapolation). https://doi.org/10.48550/arXiv.2209.06640
    .. [2] D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach for assessing
           the equivalence of average bioavailability", Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.
           https://doi.org/10.1007/BF01068419

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> noise = np.random.default_rng(0)
    >>> rows = [
    ...     (s, n, 2 + 3 * n**-0.5 + 0.01 * noise.standard_normal()) for s in range(5) for n in 2.0 ** np.arange(10)
    ... ]
    >>> frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    >>> found = forecast(frame, shape="scaling_law", to=[128, 256, 512])
    >>> found.status
    <Status.PRESENT: 'present'>
    """
    asked = claimed(signature, claim, {})
    if asked.forecast is not None:
        return promised(data, asked, {"to": to, "within": within})
    part = WITHIN if within is None else within
    return with_reports(found(data, asked, to=to, within=part, beyond=beyond))


def promised(data: Any, signature: Signature, asked: Mapping[str, object]) -> Forecast:  # noqa: ANN401 - any data frame
    """Return the forecast that a signature declares; nothing else may be asked of it."""
    declared = signature.forecast or {}
    for name, value in asked.items():
        if value is not None:
            said = f"--{name}" if place_of_caller() != "python" else f"`{name}`"
            raise OptionError(
                f"{said} was given, and the signature declares its forecast: {dict(declared)}. Leave {said} out; what "
                "else may be asked is a forecast of a signature without that field."
            )
    levels = list(declared["to"])
    return with_reports(found(data, signature, to=levels, within=declared["within"], beyond=True))
