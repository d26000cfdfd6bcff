"""Error rates of `detect` on simulated sweeps, and answers that must be equal to the last byte."""

import math
from collections.abc import Iterator

import numpy as np
from scipy import stats

from sigstats.detection import detect
from sigstats.studies.selftest.check import Check, at_least, at_most
from sigstats.studies.simulation.calibration import calibrate
from sigstats.studies.simulation.plan import Plan, simulate_sweep
from sigstats.studies.simulation.rates import Z_999

ALPHA = 0.05
SEEDS, LEVELS, SLOPE_SD = 5, 8, 0.9
SOURCE = "the promised rate, one false alarm in a thousand"


def _plan(effect: float) -> Plan:
    return Plan(
        effects={"treatment": effect},
        levels=np.linspace(0.0, 1.0, LEVELS),
        n_seeds=SEEDS,
        slope_sd=SLOPE_SD,
        intercept_sd=0.5,
    )


def _band(rate: float, replications: int) -> float:
    return Z_999 * math.sqrt(rate * (1.0 - rate) / replications)


def _around(name: str, found: float, rate: float, replications: int) -> Check:
    width = _band(rate, replications)
    return Check(
        name=name, source=SOURCE, found=found, low=max(rate - width, 0.0), high=min(rate + width, 1.0)
    )


def no_effect(replications: int) -> Iterator[Check]:
    """Yield how often `detect` claims something of sweeps without an effect, whose seeds differ in slope."""
    found = calibrate(_plan(0.0), replications=replications)
    cell = f"{replications} sweeps without an effect"
    low = found.lines.get("interval_low", 0) / replications
    yield _around(f"{cell}: lower bound of the effect above 0", low, ALPHA, replications)
    bound = ALPHA + _band(ALPHA, replications)
    yield at_most(f"{cell}: present", SOURCE, found.rate("present"), bound)
    yield at_most(f"{cell}: most frequent wrong statement", SOURCE, found.worst_statement, bound)


def moderate_effect(replications: int) -> Iterator[Check]:
    """Yield how often the lower bound is above 0 where the effect is one sd of the scores: noncentral t."""
    x = np.linspace(0.0, 1.0, LEVELS)
    score_sd = math.sqrt(SLOPE_SD**2 + 1.0 / float(np.sum((x - x.mean()) ** 2)))
    found = calibrate(_plan(score_sd), replications=replications)
    critical = float(stats.t.isf(ALPHA, SEEDS - 1))
    power = float(stats.nct.sf(critical, SEEDS - 1, math.sqrt(SEEDS)))
    low = found.lines.get("interval_low", 0) / replications
    name = f"{replications} sweeps with an effect of 1 sd of the scores: lower bound above 0"
    yield _around(name, low, power, replications)


def clear_effect(replications: int) -> Iterator[Check]:
    """Yield how often `detect` finds an effect that is plain, and how often it says something wrong."""
    found = calibrate(_plan(12.0), replications=replications)
    cell = f"{replications} sweeps with a clear effect"
    yield at_least(f"{cell}: present", "nearly always", found.rate("present"), 0.97)
    yield at_most(f"{cell}: wrong", SOURCE, found.wrong_rate, ALPHA + _band(ALPHA, replications))


def equal_results(replications: int) -> Iterator[Check]:
    """Yield in how many bytes answers differ that must be equal: by processes, and by the order of rows."""
    one, two = (calibrate(_plan(3.0), replications=replications, n_jobs=n).to_json() for n in (1, 2))
    yield at_most("1 and 2 processes: bytes that differ", "equal to the last byte", _differ(one, two), 0)
    frame = simulate_sweep({"treatment": 4.0, "control": 0.0}, n_seeds=SEEDS, levels=LEVELS).to_frame()
    backwards = frame.iloc[::-1].reset_index(drop=True)
    first, second = (
        detect(each, shape="increasing", control="control").to_json() for each in (frame, backwards)
    )
    yield at_most("rows backwards: bytes that differ", "equal to the last byte", _differ(first, second), 0)


def _differ(first: str, second: str) -> int:
    return sum(a != b for a, b in zip(first, second, strict=False)) + abs(len(first) - len(second))
