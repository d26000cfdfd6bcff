"""Measure the error rates of `detect` in every cell of the validity table, beside common practice.

    python tests/calibration/validity.py --replications 2000 --output validity.csv

One row per cell and number of seeds; rows that the file holds already are replaced. A cell's plan says what is
simulated; its claim says what is asked. The committed results stand in docs/validity.
"""

import argparse
import csv
import os
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import joblib
import numpy as np
from practice import PRACTICES, common_practice

from sigstats.signature.signature import Signature
from sigstats.studies.simulation.calibration import calibrate
from sigstats.studies.simulation.plan import Plan
from sigstats.verdict.rules import Status

SEEDS = (3, 5, 8, 10, 20)
ENTROPY = 20261120
LINES = (
    "trend_pvalue",
    "interval_low",
    "slopes_prob_positive",
    "interval_covers",
    "posterior_covers",
    "control_quiet_pvalue",
    "note_skewed_scores",
    "note_common_shift",
)
REASONS = (
    "opposite",
    "below_min_effect",
    "artifact",
    "reverses",
    "unspecific",
    "weak",
    "some_conditions",
    "control_unresolved",
    "common_shift",
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: a name, a plan and a claim.

    Its kind says what it is for: to test the promise, to measure power, or to show a limit outside the promise.
    """

    name: str
    about: str
    plan: Plan
    options: dict[str, object] = field(default_factory=dict)
    ratio: int = 1
    kind: str = "promise"

    def at(self, n_seeds: int) -> tuple[Plan, Signature]:
        """Return plan and signature with so many seeds."""
        counts = {
            name: max(3, n_seeds // self.ratio) if name.startswith("control") else n_seeds
            for name in self.plan.effects
        }
        control = tuple(name for name in self.plan.effects if name.startswith("control"))
        design = "independent" if self.plan.independent else "auto"
        given = {"shape": "increasing", "control": control or None, "design": design} | self.options
        return replace(self.plan, n_seeds=counts), Signature(**given)


def _plan(treatment: float = 0.0, control: float | None = None, **options: object) -> Plan:
    effects = {"treatment": treatment} if control is None else {"treatment": treatment, "control": control}
    return Plan(effects=effects, **options)


def _log(n: int) -> np.ndarray:
    return np.logspace(0, 3, n)


def _null(name: str, about: str, **options: object) -> Cell:
    return Cell(name=name, about=about, plan=_plan(**{"noise_sd": 0.3, "intercept_sd": 0.5} | options))


def _limit(name: str, about: str, **options: object) -> Cell:
    return replace(_null(name, about, **options), kind="limit")


CELLS: tuple[Cell, ...] = (
    _null("iid", "no effect, seed intercepts"),
    _null("iid, 4 levels", "no effect, seed intercepts", levels=4),
    _null("iid, 12 levels", "no effect, seed intercepts", levels=12),
    _null("iid, 3 levels", "no effect, seed intercepts", levels=3),
    _null("iid, 100 levels", "no effect, seed intercepts", levels=100),
    _null("log-spaced levels", "no effect, levels over three decades on a linear axis", levels=_log(8)),
    _null("missing cells", "no effect, a fifth of the cells missing", missing=0.2),
    _null("random slopes", "no effect on average, slopes vary by seed", slope_sd=0.3),
    _null(
        "random slopes, missing cells", "the same, a fifth of the cells missing", slope_sd=0.3, missing=0.2
    ),
    _null(
        "steep random slopes",
        "slopes vary 3 times as much as the noise",
        slope_sd=0.3,
        noise_sd=0.1,
        levels=16,
        intercept_sd=0.0,
    ),
    _null("slopes 20 times the score sd", "slopes vary far more than the noise", slope_sd=6.0),
    _null("autocorrelation .5", "no effect, AR(1) noise along the knob", autocorrelation=0.5, levels=10),
    _null("autocorrelation .9", "no effect, AR(1) noise along the knob", autocorrelation=0.9, levels=10),
    _null("noise grows x 5", "no effect, noise sd grows along the knob", noise_growth=5.0),
    _null("noise differs x 4 between seeds", "no effect", noise_between_seeds=2.0),
    _null("slopes t3", "slopes with heavy tails", slope_sd=0.5, slope_spread="t3"),
    _null(
        "slopes contaminated",
        "a tenth of the slopes ten times as spread",
        slope_sd=0.5,
        slope_spread="contaminated",
    ),
    _limit(
        "slopes two-point",
        "slopes +1 or -1: outside the promise below 6 seeds",
        slope_sd=1.0,
        slope_spread="two-point",
    ),
    _limit("slopes lognormal", "skewed slopes: outside the promise", slope_sd=2.16, slope_spread="lognormal"),
    _limit(
        "slopes lognormal, left",
        "skewed slopes: outside the promise",
        slope_sd=2.16,
        slope_spread="lognormal-left",
    ),
    _null("accuracy on 50 items", "no effect, many ties", items=50, noise_sd=0.07, intercept_sd=0.05),
    _null("accuracy on 5 items", "no effect, very many ties", items=5, noise_sd=0.1, intercept_sd=0.05),
    _limit(
        "shared shift of levels",
        "levels shifted for all seeds alike: outside the promise",
        level_shift_sd=0.2,
    ),
    Cell(
        name="independent runs",
        about="no effect, every cell a fresh run",
        plan=_plan(independent=True, intercept_sd=0.5),
    ),
    Cell(
        name="independent runs, noise grows x 5",
        about="no effect, every cell a fresh run",
        plan=_plan(independent=True, noise_growth=5.0),
    ),
    Cell(
        name="independent runs, missing cells",
        about="no effect, a fifth of the runs missing",
        plan=_plan(independent=True, missing=0.2),
    ),
    Cell(
        kind="limit",
        name="independent runs, shared shift",
        about="no effect, levels shifted for all runs alike",
        plan=_plan(independent=True, level_shift_sd=0.2, noise_sd=0.3),
    ),
    Cell(kind="power", name="line, d = 1", about="effect of one sd of the scores", plan=_plan(1.08)),
    Cell(kind="power", name="line, d = 2", about="effect of two sd of the scores", plan=_plan(2.16)),
    *(
        Cell(
            kind="power",
            name=f"{form}, 4 sd",
            about="effect of 4 noise sd, no control",
            plan=_plan(4.0, form=form),
        )
        for form in ("linear", "saturating", "exponential", "logarithmic", "step", "late", "sigmoid")
    ),
    Cell(
        kind="power",
        name="umbrella",
        about="rise of 6 noise sd over two thirds, then a fall of 40 %",
        plan=_plan(6.0, form="umbrella", levels=10),
    ),
    Cell(
        kind="power",
        name="fall first",
        about="the mirror of the umbrella",
        plan=_plan(6.0, form="fall first", levels=10),
    ),
    Cell(
        name="plateau",
        about="rise of 6 noise sd in the first fifth",
        plan=_plan(6.0, form="plateau", levels=10),
    ),
    Cell(
        name="plateau, autocorrelation .9",
        about="the same with AR(1) noise",
        plan=_plan(6.0, form="plateau", levels=10, autocorrelation=0.9),
    ),
    Cell(name="no effect, control", about="neither arm moves", plan=_plan(0.0, 0.0)),
    Cell(
        kind="power", name="specific, 4 sd", about="effect of 4 noise sd, flat control", plan=_plan(4.0, 0.0)
    ),
    Cell(
        kind="power",
        name="specific, 4 sd, shared labels",
        about="the same, arms share uncorrelated seeds",
        plan=_plan(4.0, 0.0, seed_correlation=0.0),
    ),
    Cell(kind="power", name="artifact, 6 sd", about="both arms rise alike", plan=_plan(6.0, 6.0)),
    Cell(
        kind="power",
        name="same slope, random slopes",
        about="both arms rise alike, slopes vary",
        plan=_plan(2.0, 2.0, slope_sd=1.0),
    ),
    Cell(name="control at half", about="the control carries exactly half", plan=_plan(4.0, 2.0)),
    Cell(
        name="control at half, negative correlation",
        about="the same, shared seeds correlate at -.8",
        plan=_plan(4.0, 2.0, slope_sd=2.0, seed_correlation=-0.8),
    ),
    Cell(name="control at .8", about="the control carries exactly .8", plan=_plan(6.0, 4.8)),
    Cell(
        name="control four times as noisy",
        about="the control carries half, with four times the noise",
        plan=_plan(4.0, 2.0, noise_sd={"treatment": 1.0, "control": 4.0}),
    ),
    Cell(
        name="treatment four times as noisy",
        about="the control carries half, the treatment has four times the noise",
        plan=_plan(4.0, 2.0, noise_sd={"treatment": 4.0, "control": 1.0}),
    ),
    Cell(
        kind="limit",
        name="fewer control seeds",
        about="the control carries half, with a third of the seeds",
        plan=_plan(4.0, 2.0),
        ratio=3,
    ),
    Cell(name="control falls", about="no effect, control falls by 2 sd", plan=_plan(0.0, -2.0)),
    Cell(
        name="two treatments, negative correlation",
        about="no effect, treatments share seeds that correlate at -.8",
        plan=Plan(effects={"a": 0.0, "b": 0.0}, slope_sd=1.0, seed_correlation=-0.8),
    ),
    Cell(
        name="two treatments, opposite effects",
        about="+2 and -2: the mean is 0",
        plan=Plan(effects={"a": 2.0, "b": -2.0}),
    ),
    Cell(
        name="three treatments, one at min_effect",
        about="effects 4, 4 and 2, min_effect 2",
        plan=Plan(effects={"a": 4.0, "b": 4.0, "c": 2.0}),
        options={"min_effect": 2.0},
    ),
    Cell(
        name="effect at min_effect",
        about="the effect is exactly the declared smallest one",
        plan=_plan(2.0),
        options={"min_effect": 2.0},
    ),
    Cell(
        name="late jump, min_effect",
        about="a jump of 3 at the last eighth, min_effect 1.5",
        plan=_plan(3.0, form=lambda x: (x > 0.9).astype(float)),
        options={"min_effect": 1.5},
    ),
    Cell(
        name="one level only, last",
        about="nothing happens until a jump of 4 noise sd at the last level",
        plan=_plan(4.0, form=lambda x: (x > 0.99).astype(float)),
    ),
    Cell(
        name="one level only, middle",
        about="a spike of 4 noise sd at the middle level: no effect from end to end",
        plan=_plan(4.0, form=lambda x: (np.abs(x - 0.5) < 0.01).astype(float), levels=9),
    ),
    Cell(
        name="control at half, 3 levels",
        about="the control carries exactly half",
        plan=_plan(4.0, 2.0, levels=3),
    ),
    Cell(
        name="control at half, 100 levels",
        about="the control carries exactly half",
        plan=_plan(1.0, 0.5, levels=100),
    ),
    Cell(
        name="control at half, steep slopes",
        about="the control carries exactly half, slopes vary 20 times as much as the score's sampling error",
        plan=_plan(40.0, 20.0, slope_sd=21.6),
    ),
    Cell(
        kind="power",
        name="specific, 4 sd, 3 levels",
        about="effect of 4 noise sd, flat control",
        plan=_plan(4.0, 0.0, levels=3),
    ),
    Cell(
        kind="power",
        name="specific, 1 sd, 100 levels",
        about="effect of 1 noise sd, flat control",
        plan=_plan(1.0, 0.0, levels=100),
    ),
    Cell(
        name="paired, r = .8, d = 1",
        about="arms share seeds with r = .8, control carries none, effect of one sd of the scores",
        plan=_plan(2.273, 0.0, slope_sd=2.0, seed_correlation=0.8),
        options={"paired": True},
        kind="power",
    ),
    Cell(
        name="not paired, r = .8, d = 1",
        about="the same, compared without pairing",
        plan=_plan(2.273, 0.0, slope_sd=2.0, seed_correlation=0.8),
        kind="power",
    ),
    Cell(
        name="paired, r = .8, same effect",
        about="arms share seeds with r = .8 and the effect",
        plan=_plan(2.0, 2.0, slope_sd=2.0, seed_correlation=0.8),
        options={"paired": True},
    ),
    Cell(
        kind="power",
        name="independent runs, specific, 4 sd",
        about="fresh runs, effect of 4 noise sd, flat control",
        plan=_plan(4.0, 0.0, independent=True),
    ),
    Cell(
        name="independent runs, control at half",
        about="fresh runs, the control carries half",
        plan=_plan(4.0, 2.0, independent=True),
    ),
)


def measure(cell: Cell, n_seeds: int, replications: int) -> dict[str, object]:
    """Return one row of the table."""
    started = time.perf_counter()
    plan, signature = cell.at(n_seeds)
    entropy = ENTROPY + n_seeds
    result = calibrate(plan, signature=signature, replications=replications, n_jobs=1, rng=entropy)
    row: dict[str, object] = {
        "cell": cell.name,
        "about": cell.about,
        "n_seeds": n_seeds,
        "replications": replications,
    }
    row |= {"kind": cell.kind, "worst_statement": result.worst_statement, "wrong": result.wrong_rate}
    row |= {status.value: result.rate(status) for status in Status}
    statuses = {reason: sum(result.rate(status, reason) for status in Status) for reason in REASONS}
    row |= {f"reason_{reason}": rate for reason, rate in statuses.items()}
    row |= {name: result.lines.get(name, 0) / replications for name in LINES}
    row |= common_practice(plan, min(replications, 2000), entropy)
    row["seconds"] = round(time.perf_counter() - started, 1)
    return {key: round(value, 5) if isinstance(value, float) else value for key, value in row.items()}


def main() -> None:
    """Measure the cells asked for and write them as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--power-replications", type=int, default=None, help="of the cells that measure power"
    )
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--kinds", nargs="*", default=["promise", "power", "limit"], help="of cells")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    wanted = [cell for cell in CELLS if asked.only in cell.name and cell.kind in asked.kinds]
    tasks = [(cell, s) for s in asked.seeds for cell in wanted]
    parallel = joblib.Parallel(n_jobs=asked.jobs, return_as="generator")
    counts = dict.fromkeys(("power", "limit"), asked.power_replications or asked.replications)
    rows = parallel(
        joblib.delayed(measure)(cell, s, counts.get(cell.kind, asked.replications)) for cell, s in tasks
    )
    kept: dict[tuple[str, str], dict[str, object]] = {}
    if asked.output.exists():
        with asked.output.open(encoding="utf-8", newline="") as lines:
            kept = {(row["cell"], row["n_seeds"]): dict(row) for row in csv.DictReader(lines)}
    for done, row in enumerate(rows, 1):
        kept[str(row["cell"]), str(row["n_seeds"])] = row
        write(asked.output, kept)
        if sys.stderr.isatty() or "CALIBRATION_LOG" in os.environ:
            sys.stderr.write(f"{done}/{len(tasks)} {row['cell']} S={row['n_seeds']} wrong={row['wrong']}\n")


def write(target: Path, rows: dict[tuple[str, str], dict[str, object]]) -> None:
    """Write the rows that there are, by number of seeds and in the order of the cells."""
    order = [(cell.name, str(s)) for s in SEEDS for cell in CELLS]
    known = [rows[key] for key in order if key in rows]
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(known[0]))
        writer.writeheader()
        writer.writerows(known)


__all__ = ["CELLS", "PRACTICES", "Cell", "measure"]

if __name__ == "__main__":
    main()
