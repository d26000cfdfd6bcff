"""How often is a verdict wrong? Error rates of `detect` on simulated sweeps of a given design.

Each replication simulates a sweep whose truth is known, runs the whole of `detect` on it, and asks whether the
statement behind a definite verdict is true. Replications draw from streams of their own, so that the answer
does not depend on how many processes shared the work.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.detection import verdict_on
from sigstats.errors import OptionError
from sigstats.evidence.conditions import Condition, Sweep, enough, prepare
from sigstats.evidence.lines import residual_sd, residuals
from sigstats.evidence.open_table import read_table
from sigstats.evidence.scales import knob_scale
from sigstats.report.drawn import Drawn
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.by_value import by_value
from sigstats.stats.random import stream
from sigstats.studies.simulation.plan import Plan, make_plan
from sigstats.studies.simulation.rates import Rates
from sigstats.studies.simulation.truth import Truth, truth_of
from sigstats.verdict.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


PART = 50  # sweeps that are counted together


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Calibration(Drawn, Rates):
    """Error rates of `detect` for one design.

    Attributes
    ----------
    plan : Plan
        How sweeps were simulated.
    signature : Signature
        What was claimed of them.
    truth : Truth
        What is true of them.
    replications : int
        Number of simulated sweeps.
    counts : dict of (str, str) to int
        How often each status came with each reason (joined by "+" where there are several).
    wrong : dict of str to int
        How often the statement behind a definite verdict was false, by statement: ``"present"`` or a reason.
    lines : dict of str to int
        How often each line on its own crossed its bound: trend, interval, slopes; and how often the interval
        covered the true effect.
    entropy : int
        Entropy of the random streams.
    """

    def __str__(self) -> str:
        """Return the shares of the four statuses and of wrong verdicts as one line."""
        from sigstats.studies.simulation.words import headline

        return headline(self)

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: how often each verdict came, and how well that is known."""
        from sigstats.studies.simulation.figure import calibration_figure
        from sigstats.studies.simulation.words import question, wrong

        return calibration_figure(
            self,
            question(self),
            wrong(self),
            asked,
        )

    def _document(self) -> "Document":
        """Return the rates in words."""
        from sigstats.studies.simulation.words import tell

        return tell(self)

    def _record(self) -> dict[str, Any]:
        """Return the counts by name."""
        from sigstats.studies.simulation.words import record

        return record(self)


def plan_like(data: Any, signature: Signature, *, effects: Mapping[str, float] | None = None) -> Plan:  # noqa: ANN401
    """Return a plan whose sweeps look like a table: its levels, seeds, noise, spread between seeds and gaps.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `detect`.
    signature : Signature
        Names the columns, the conditions and the scale of the knob.
    effects : mapping of str to float or None
        True change of a line from end to end of each condition, in units of the metric (positive: it rises); None
        means no effect anywhere, which asks for the rate of false claims.

    Returns
    -------
    Plan
        For `calibrate`.

    Raises
    ------
    OptionError
        If `effects` names other conditions than the signature, or a condition has fewer than 3 seeds or levels.

    Notes
    -----
    Noise is the residual sd of each condition; the sd of slopes is what the scores vary beyond their sampling error.
    Both are estimates from few seeds: vary them before much is made of the answer.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> claim = Signature(shape="increasing")
    >>> plan_like(simulate_sweep(4.0, n_seeds=3, noise_sd=2.0), claim).n_seeds
    {'treatment': 3}
    """
    table = read_table(data, signature)
    sweep = prepare(table, signature)
    if not (sweep.has_curves and enough(sweep.conditions)):
        raise OptionError(
            "the sweep has fewer than 3 seeds or 3 levels in a condition; its noise cannot be estimated."
        )
    names = [arm.name for arm in sweep.conditions]
    given = dict.fromkeys(names, 0.0) if effects is None else dict(effects)
    if set(given) != set(names):
        raise OptionError(f"`effects` is for {tuple(given)}; it must name the conditions {tuple(names)}.")
    noise = {arm.name: residual_sd(residuals([arm], sweep.x, sweep.design)) for arm in sweep.conditions}
    spread = [
        _whole(sweep, arm) * _spread(arm, noise[arm.name]) for arm in sweep.conditions if arm.scores.size
    ]
    middles = [np.nanmean(arm.curves, axis=1).std(ddof=1) for arm in sweep.conditions if arm.scores.size]
    cells = np.concatenate([np.isnan(arm.curves).ravel() for arm in sweep.conditions])
    shared = len({seed for arm in sweep.conditions for seed in arm.seeds}) < sum(
        len(arm.seeds) for arm in sweep.conditions
    )
    return Plan(
        effects=given,
        levels=sweep.levels,
        knob_scale=knob_scale(signature),
        n_seeds={arm.name: arm.n_seeds for arm in sweep.conditions},
        noise_sd={name: sd * sweep.scale for name, sd in noise.items()},
        slope_sd=float(np.mean(spread)) * sweep.scale if spread else 0.0,
        intercept_sd=float(np.mean(middles)) * sweep.scale if middles else 0.0,
        seed_correlation=0.0 if shared else None,
        missing=float(cells.mean()) if sweep.design == "repeated" else 0.0,
        independent=sweep.design == "independent",
    )


def _whole(sweep: Sweep, arm: Condition) -> float:
    """Return how far all levels reach, in units of the range over which the scores of a condition are changes."""
    seen = np.flatnonzero((~np.isnan(arm.curves)).any(axis=0))
    own = sweep.ranges == "own" or (sweep.apart and arm.role == "control")
    return float(sweep.x[-1] - sweep.x[0]) / (float(sweep.x[seen[-1]] - sweep.x[seen[0]]) if own else 1.0)


def _spread(arm: Condition, noise: float) -> float:
    sampling = float((arm.sd_factors**2).mean()) * noise**2
    return float(np.sqrt(max(float(arm.scores.var(ddof=1)) - sampling, 0.0)))


def calibrate(
    effects: Mapping[str, float] | Plan,
    *,
    signature: Signature | None = None,
    replications: int = 2000,
    n_jobs: int = 1,
    rng: int = 20260101,
    **plan: object,
) -> Calibration:
    """Measure how often `detect` is right, wrong and inconclusive on sweeps of a given design.

    Parameters
    ----------
    effects : mapping of str to float, or Plan
        Size of the mean curve of each condition, in units of the metric; or a whole plan.
    signature : Signature or None
        What is claimed; None means an increase in every condition that is not called "control".
    replications : int
        Number of simulated sweeps, at least 1.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.
    rng : int
        Entropy of the random streams.
    **plan
        Further fields of `Plan`: form, levels, n_seeds, noise_sd, autocorrelation, slope_sd, missing and others.

    Returns
    -------
    Calibration
        Counts of statuses, reasons and wrong statements.

    Raises
    ------
    OptionError
        If an option is unknown or out of range.
    SignatureError
        If the signature names conditions or scales that are not simulated.

    Notes
    -----
    A verdict is *wrong* when the statement behind it is false of the truth that was simulated: present, although
    the mean effect is not positive or the control carries half of it; absent for an opposite trend that is not
    there; and so on. Inconclusive verdicts state nothing and are never wrong.

    Examples
    --------
    >>> result = calibrate({"treatment": 4.0, "control": 0.0}, n_seeds=5, levels=8, replications=50)
    >>> result.rate("present") > 0.5
    True
    """
    if isinstance(effects, Plan):
        if plan:
            raise OptionError(
                "a Plan was given together with fields of it; change it with dataclasses.replace."
            )
        made = effects
    else:
        made = make_plan(effects, plan)
    if signature is None:
        control = [name for name in made.effects if name == "control"]
        signature = Signature(
            shape="increasing", control=control or None, design="independent" if made.independent else "auto"
        )
    checks.whole("replications", replications, low=1, high=10_000_000)
    checks.whole("rng", rng, low=0)
    checks.processes("n_jobs", n_jobs)
    truth = truth_of(made, signature)
    parts = [range(start, min(start + PART, replications)) for start in range(0, replications, PART)]
    # Columns of simulated sweeps have names of their own.
    asked = replace(signature, knob=None, metric=None, seed=None, condition=None)
    counted = parallel_map(
        _counted, parts, made, asked, truth, rng, n_jobs=n_jobs, label="simulated sweeps", block=1
    )
    counts: Counter[tuple[str, str]] = Counter()
    lines: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for part_counts, part_lines, part_wrong in counted:
        counts.update(part_counts)
        lines.update(part_lines)
        wrong.update(part_wrong)
    return Calibration(
        plan=made,
        signature=signature,
        truth=truth,
        replications=replications,
        counts=dict(sorted(counts.items())),
        wrong=dict(sorted(wrong.items())),
        lines=dict(sorted(lines.items())),
        entropy=rng,
    )


def _counted(
    replications: range, plan: Plan, signature: Signature, truth: Truth, entropy: int
) -> tuple[Counter[tuple[str, str]], Counter[str], Counter[str]]:
    counts: Counter[tuple[str, str]] = Counter()
    lines: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for replication in replications:
        verdict = verdict_on(read_table(plan.simulate(stream(entropy, replication)), signature), signature)
        counts[verdict.status.value, "+".join(verdict.reasons)] += 1
        if not truth.allows(verdict, signature.quiet_fraction):
            wrong["+".join(verdict.reasons) or verdict.status.value] += 1
        lines.update(_line_events(verdict, truth))
    return counts, lines, wrong


def _line_events(verdict: Verdict, truth: Truth) -> dict[str, int]:
    events = {
        each.name: int(each.met)
        for each in verdict.criteria
        if each.condition is None and each is not verdict.groups.effect
    }
    interval, slopes = verdict.evidence.interval, verdict.evidence.slopes
    if interval is not None and slopes is not None:
        events["interval_covers"] = int(interval.estimate.low <= truth.effect <= interval.estimate.high)
        events["posterior_covers"] = int(slopes.estimate.low <= truth.effect <= slopes.estimate.high)
    events |= {f"note_{note}": 1 for note in verdict.notes}
    return events
