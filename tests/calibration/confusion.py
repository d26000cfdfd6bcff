"""Measure what is said when one shape is declared and another one is true.

    python tests/calibration/confusion.py --replications 500 --output confusion.csv

One row per declared shape, true shape, control, number of seeds and amplitude; rows that the file holds already are
replaced, or kept with `--resume` where they rest on as many replications. The committed results stand in docs/validity.

Whether the declared shape holds is read off the true mean curve by its own clauses, not by its name: a curve that
saturates slowly enough is also concave, and a rise with a small fall at its end is still no valley.
"""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sigstats.signature.signature import Signature
from sigstats.studies.simulation.calibration import Calibration, calibrate
from sigstats.studies.simulation.plan import FORMS, Plan
from sigstats.studies.simulation.truth import truth_of
from sigstats.verdict.rules import Status

SEEDS = (3, 5, 10)
AMPLITUDES = (8.0, 16.0)
ENTROPY = 20270301
N_LEVELS = 8
LOG_LEVELS = np.logspace(0.0, 3.0, N_LEVELS)
LOG_NOISE = 0.5
FLAT_PART = 0.25
ROUNDING = 1e-9

Form = Callable[[np.ndarray], np.ndarray]


def _position(x: np.ndarray) -> np.ndarray:
    """Return the rescaled log of levels from 1 to 1000, of which x is the rescaled value."""
    return np.log(1.0 + 999.0 * x) / np.log(1000.0)


def _saturating(rate: float) -> Form:
    return lambda x: (1.0 - np.exp(-rate * x)) / (1.0 - np.exp(-rate))


TRUTHS: dict[str, Form] = {
    "flat": np.zeros_like,
    "line": lambda x: x,
    "1 - exp(-4x)": _saturating(4.0),
    "1 - exp(-12x)": _saturating(12.0),
    "log(1 + 9x)": FORMS["logarithmic"],
    "hinge at .4": lambda x: np.clip((x - 0.4) / 0.6, 0.0, 1.0),
    "x^2": np.square,
    "step at .5": FORMS["step"],
    "sigmoid": FORMS["sigmoid"],
    "two steps": lambda x: np.where(x < 0.36, 0.0, np.where(x < 0.64, 0.5, 1.0)),
    "umbrella": FORMS["umbrella"],
    "symmetric peak": lambda x: 1.0 - np.abs(2.0 * x - 1.0),
    "valley": lambda x: np.abs(2.0 * x - 1.0),
}
LOG_TRUTHS: dict[str, Form] = {
    "flat": np.zeros_like,
    "power law": _position,
    "exponential": lambda x: x,
    "saturating on log-log axes": lambda x: _saturating(4.0)(_position(x)),
    "broken power law": lambda x: np.clip((_position(x) - 0.4) / 0.6, 0.0, 1.0),
}
DECLARED: dict[str, object] = {
    "increasing": "increasing",
    "linear": "linear",
    "flat": None,
    "saturating": "saturating",
    "threshold (hinge)": {"name": "threshold", "form": "hinge"},
    "threshold (step)": {"name": "threshold", "form": "step"},
    "sigmoid": "sigmoid",
    "peak": "peak",
    "valley": "valley",
    "convex": "convex",
    "concave": "concave",
}
LOG_DECLARED: dict[str, object] = {
    "power_law": "power_law",
    "power_law (.3 to .9)": {"name": "power_law", "exponent": (0.3, 0.9)},
    "power_law (.6 to 1.2)": {"name": "power_law", "exponent": (0.6, 1.2)},
}
# On levels from 1 to 1000, on which noise is added.
LAW_AMPLITUDE = 64.0
LAW_TRUTHS: dict[str, Form] = {
    "flat": np.zeros_like,
    "law with a floor": FORMS["scaling law"],
    "straight over log x": _position,
    "two lines over log x": lambda x: (_position(x) + np.minimum(_position(x), 0.5)) / 1.5,
    "plateau over log x": lambda x: np.minimum(2.0 * _position(x), 1.0),
    "exponential": lambda x: 1.0 - np.exp(-333.0 * x),
    "sigmoid over log x": lambda x: FORMS["sigmoid"](_position(x)),
    "turns back over log x": lambda x: 2.8 * _position(x) - 2.0 * np.square(_position(x)),
    "line": lambda x: x,
}
LAW_DECLARED: dict[str, object] = {
    "scaling_law": {"name": "scaling_law", "direction": "increasing"},
    "scaling_law (.2 to .5)": {"name": "scaling_law", "direction": "increasing", "exponent": (0.2, 0.5)},
    "scaling_law (.4 to .8)": {"name": "scaling_law", "direction": "increasing", "exponent": (0.4, 0.8)},
}
WITH_CONTROL = ("increasing", "linear", "threshold (hinge)", "peak")
WITH_CONTROL_TRUTHS = ("line", "1 - exp(-4x)", "hinge at .4", "umbrella", "symmetric peak")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One declared shape on one true shape."""

    declared: str
    truth: str
    n_seeds: int
    amplitude: float
    control: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name the cell."""
        return self.declared, self.truth, self.said_of_control, str(self.n_seeds), f"{self.amplitude:g}"

    @property
    def said_of_control(self) -> str:
        """The column of the control."""
        return "no effect" if self.control else "none"

    def plan(self) -> Plan:
        """Return how sweeps are simulated; the amplitude counts noise standard deviations."""
        effects = {"treatment": self.amplitude} | ({"control": 0.0} if self.control else {})
        if self.declared in LAW_DECLARED:
            return Plan(effects=effects, form=LAW_TRUTHS[self.truth], levels=LOG_LEVELS, n_seeds=self.n_seeds)
        if self.declared not in LOG_DECLARED:
            return Plan(effects=effects, form=TRUTHS[self.truth], levels=N_LEVELS, n_seeds=self.n_seeds)
        return Plan(
            effects={name: LOG_NOISE * size for name, size in effects.items()},
            form=LOG_TRUTHS[self.truth],
            levels=LOG_LEVELS,
            n_seeds=self.n_seeds,
            noise_sd=LOG_NOISE,
            exponential=True,
        )

    def signature(self) -> Signature:
        """Return what is claimed; "flat" allows a quarter of the amplitude."""
        shape = (DECLARED | LOG_DECLARED | LAW_DECLARED)[self.declared]
        if self.declared == "flat":
            shape = {"name": "flat", "margin": FLAT_PART * self.amplitude}
        return Signature(shape=shape, control="control" if self.control else None)


def cells() -> Iterator[Cell]:
    """Yield all cells, the larger amplitude last."""
    for amplitude in AMPLITUDES:
        for n_seeds in SEEDS:
            size = {"n_seeds": n_seeds, "amplitude": amplitude}
            for declared in DECLARED:
                yield from (Cell(declared=declared, truth=truth, **size) for truth in TRUTHS)
            for declared in LOG_DECLARED:
                yield from (Cell(declared=declared, truth=truth, **size) for truth in LOG_TRUTHS)
            for declared in WITH_CONTROL if amplitude == AMPLITUDES[0] else ():
                yield from (
                    Cell(declared=declared, truth=truth, control=True, **size)
                    for truth in WITH_CONTROL_TRUTHS
                )
    for n_seeds in SEEDS:
        for declared in LAW_DECLARED:
            yield from (
                Cell(declared=declared, truth=truth, n_seeds=n_seeds, amplitude=LAW_AMPLITUDE)
                for truth in LAW_TRUTHS
            )


def holds(cell: Cell) -> str:
    """Return whether the declared shape holds: "yes", "no", or "but tolerated" where a tolerated clause fails."""
    plan, signature = cell.plan(), cell.signature()
    truth = truth_of(plan, signature)
    rises = not signature.shape.is_trend or truth.effect > ROUNDING * cell.amplitude
    kinds = {clause.name: clause.kind for clause in signature.shape.clauses}
    required = [
        truth.holds[name] for name, kind in kinds.items() if kind == "required" and name in truth.holds
    ]
    if not (truth.primary and rises and all(required) and truth._quiet(signature.quiet_fraction)):
        return "no"
    tolerated = [
        truth.holds[name] for name, kind in kinds.items() if kind == "tolerated" and name in truth.holds
    ]
    turned = signature.shape.is_trend and not signature.shape.two_sided and truth.turns
    return "yes" if all(tolerated) and not turned else "but tolerated"


def measure(cell: Cell, replications: int) -> dict[str, str]:
    """Return one row of the table."""
    found = calibrate(
        cell.plan(), signature=cell.signature(), replications=replications, rng=ENTROPY + cell.n_seeds
    )
    row: dict[str, object] = {
        "declared": cell.declared,
        "truth": cell.truth,
        "control": cell.said_of_control,
        "n_seeds": cell.n_seeds,
        "amplitude": f"{cell.amplitude:g}",
        "holds": holds(cell),
        "replications": replications,
    }
    row |= {status.value: f"{found.rate(status):.4g}" for status in Status}
    row |= {"worst_statement": f"{found.worst_statement:.4g}", "reasons": _reasons(found)}
    return {name: str(value) for name, value in row.items()}


def _reasons(found: Calibration) -> str:
    """Return the share of every status with its reasons, the most frequent first."""
    ordered = sorted(found.counts.items(), key=lambda each: (-each[1], each[0]))
    return "; ".join(
        f"{status} {reasons} {count / found.replications:.4g}"
        for (status, reasons), count in ordered
        if reasons
    )


def read(source: Path) -> dict[tuple[str, ...], Mapping[str, str]]:
    """Return the rows of a file by the columns that name a cell."""
    if not source.exists():
        return {}
    with source.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = ("declared", "truth", "control", "n_seeds", "amplitude")
    return {tuple(row[name] for name in names): row for row in rows}


def write(target: Path, rows: Mapping[tuple[str, ...], Mapping[str, str]]) -> None:
    """Write the rows that there are, in the order of the cells."""
    known = [rows[cell.key] for cell in cells() if cell.key in rows]
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(known[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(known)


def main() -> None:
    """Measure the cells asked for and write them as CSV."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--replications", type=int, default=500, help="at the first amplitude, without control"
    )
    parser.add_argument("--other-replications", type=int, default=250, help="of the other cells")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--declared", nargs="*", default=[*DECLARED, *LOG_DECLARED, *LAW_DECLARED])
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--resume", action="store_true", help="keep rows with as many replications")
    asked = parser.parse_args()
    rows = read(asked.output)
    wanted = [cell for cell in cells() if cell.declared in asked.declared and cell.n_seeds in asked.seeds]
    for done, cell in enumerate(wanted, 1):
        main_table = cell.amplitude == AMPLITUDES[0] and not cell.control
        replications = asked.replications if main_table else asked.other_replications
        if asked.resume and int(rows.get(cell.key, {}).get("replications", 0)) >= replications:
            continue
        rows[cell.key] = measure(cell, replications)
        write(asked.output, rows)
        if sys.stderr.isatty() or "CALIBRATION_LOG" in os.environ:
            sys.stderr.write(f"{done}/{len(wanted)} {' | '.join(cell.key)}\n")


if __name__ == "__main__":
    main()
