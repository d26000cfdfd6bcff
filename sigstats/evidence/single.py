"""Each line of evidence on its own, from a frame or a sweep table to numbers; none of them is a verdict."""

import sys
from typing import Any, Unpack

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError, SignatureError, unknown_option
from sigstats.evidence import ControlEvidence, IntervalEvidence, LocationEvidence, TrendEvidence, lines
from sigstats.evidence.conditions import MIN_SEEDS, Sweep, prepare
from sigstats.evidence.control import compare_sweep
from sigstats.evidence.gather import margin_of, setting_of
from sigstats.evidence.lines import LineSetting
from sigstats.evidence.location import locate
from sigstats.evidence.open_table import read_table
from sigstats.shapes import SHAPES
from sigstats.signature.keywords import Claim, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.random import generator
from sigstats.stats.scores.intervals import IntervalMethod, mean_interval

METHODS = ("t", "bootstrap-t", "wild cluster", "bca", "percentile")


def opened(data: Any, signature: Signature) -> tuple[SweepTable, Sweep, LineSetting]:  # noqa: ANN401 - see detect
    """Return table, conditions and setting of a sweep that is large enough for a test."""
    table = read_table(data, signature)
    sweep = prepare(table, signature)
    short = [each for each in sweep.conditions if each.n_seeds < MIN_SEEDS or each.effect is None]
    if short or not sweep.has_curves:
        counts = {each.name: each.n_seeds for each in sweep.conditions}
        raise OptionError(
            f"the sweep has seeds {counts} and {sweep.levels.size} levels; a test needs at least 3 seeds per condition "
            "and 3 levels. Add seeds or levels; `detect` describes smaller sweeps without a test."
        )
    return table, sweep, setting_of(table, signature, sweep)


@takes_claim
def trend_test(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    **claim: Unpack[Claim],
) -> TrendEvidence:
    """Test whether the metric follows the knob, in expectation over seeds, by one Kendall tau per seed.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    **claim
        Keywords of `detect`; the shape is ``"increasing"`` where none is given.

    Returns
    -------
    TrendEvidence
        The one-sided test of the treatments' mean tau.

    Raises
    ------
    OptionError
        With fewer than 3 seeds or levels.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> trend_test(simulate_sweep(4.0, n_seeds=8)).method
    'sign-flip, exact'
    """
    _, sweep, setting = opened(data, claimed(signature, claim))
    return lines.trend(sweep.treatments, setting)


@takes_claim
def effect_interval(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    *,
    method: IntervalMethod = "t",
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[Claim],
) -> IntervalEvidence:
    """Return the effect with its interval: the change of the line over the swept range, in metric units.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    method : {"t", "bootstrap-t", "wild cluster", "bca", "percentile"}
        How the interval is made; verdicts use "t". The others resample seeds, which all treatments must share.
    rng : numpy.random.Generator, int or None
        Used by the bootstrap methods; None means a fixed one.
    **claim
        Keywords of `detect`; the shape is ``"increasing"`` where none is given.

    Returns
    -------
    IntervalEvidence
        Effect, bounds and p-values; the p-values are those of t, whatever the method of the interval.

    Raises
    ------
    OptionError
        If the method is unknown or cannot be used with this design.

    Notes
    -----
    What each method covers with few seeds is measured: see the page on intervals in the documentation.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> effect_interval(simulate_sweep(4.0, n_seeds=8)).estimate.low > 0
    True
    """
    if method not in METHODS:
        raise OptionError(unknown_option("method", method, METHODS))
    asked = claimed(signature, claim)
    _, sweep, setting = opened(data, asked)
    margin, source = margin_of(asked, sweep)
    effect = lines.mean_effect(sweep.treatments, sweep.design)
    by_t = lines.interval(
        effect, lines.mean_ends(sweep.treatments), setting, margin=margin, margin_source=source
    )
    if method == "t":
        return by_t
    if sweep.design == "independent" or not lines.share_all_seeds(sweep.treatments):
        raise OptionError(
            f"`method` is {method!r}, which resamples seeds; it needs the repeated design, and the same seeds in every "
            "treatment. Use method='t', or ask for one treatment at a time."
        )
    scores = np.mean([each.scores for each in sweep.treatments], axis=0)
    found = mean_interval(scores, confidence=setting.confidence, method=method, rng=generator(rng))
    return lines.with_bounds(by_t, found.low * setting.scale, found.high * setting.scale, method=method)


@takes_claim
def onset(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    *,
    value: float | None = None,
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[Claim],
) -> LocationEvidence:
    """Return where on the knob the treatments' mean curve has its onset, knee, turn or midpoint, or crosses a value.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    value : float or None
        Value of the metric (after `metric_scale`) whose first crossing is asked for; None asks for the location of the
        shape: the onset of a threshold, the knee of a saturating curve, the turn of a peak or valley,
        the midpoint of a sigmoid.
    rng : numpy.random.Generator, int or None
        Deals independent runs into curves; None means a fixed one.
    **claim
        Keywords of `detect`; `shape` is ``"threshold"`` unless given, or ``"increasing"`` with a value.

    Returns
    -------
    LocationEvidence
        Estimate and interval in units of the knob, never finer than the gap between levels; with an open end where the
        location lies outside the swept range.

    Raises
    ------
    OptionError
        With fewer than 3 seeds or levels, a shape that has no location, or treatments that were not seen at the same
        levels.

    Notes
    -----
    The interval is about the mean curve over seeds; `spread` is about how much seeds differ, which includes the noise
    of single curves. That there is an onset at all is a question for `detect`.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> found = onset(simulate_sweep(8.0, form="step", n_seeds=8), shape={"name": "threshold", "form": "step"})
    >>> (found.low, found.high)
    (3.0, 4.0)
    """
    asked = claimed(signature, claim, {"shape": "threshold" if value is None else "increasing"})
    _, sweep, setting = opened(data, asked)
    shape = asked.shape
    if value is None and shape.located_as is None:
        named = tuple(sorted(name for name, each in SHAPES.items() if each.location is not None))
        raise OptionError(
            f"the shape {shape.name!r} has no location; ask for one of {named}, or for the crossing of a `value`."
        )
    common = None
    if value is not None:
        common = sweep.orientation * (checks.number("value", value) / sweep.scale - sweep.centre)
        common = float(np.clip(common, -sys.float_info.max, sys.float_info.max))  # the unit may be tiny
    found = locate(sweep, setting, asked, form=shape.located_as, value=common, rng=generator(rng))
    if found is None:
        raise OptionError(
            "the treatments were not seen at the same levels, so they do not share a mean curve. Ask for one treatment "
            "at a time."
        )
    return found


@takes_claim
def compare_control(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature | HasSignature | None = None,
    **claim: Unpack[Claim],
) -> ControlEvidence:
    """Compare treatment with control: is the effect specific, is the control quiet, does it respond?

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    **claim
        Keywords of `detect`, of which `control` is needed.

    Returns
    -------
    ControlEvidence
        The four contrasts, each with its null hypothesis and p-value.

    Raises
    ------
    SignatureError
        If no control was named.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> sweep = simulate_sweep({"treatment": 4.0, "control": 0.0}, n_seeds=8)
    >>> compare_control(sweep, control="control").specific.pvalue < 0.05
    True
    """
    asked = claimed(signature, claim)
    table, sweep, setting = opened(data, asked)
    compared = compare_sweep(table, sweep, setting, asked)
    if compared is None:
        raise SignatureError(
            "`control` is missing; name the condition without the mechanism, as in control='baseline'."
        )
    return compared
