"""How often a treatment in which nothing is there exceeds its negative controls, and is called present.

    python tests/calibration/negative_controls.py --output docs/validity/negative_controls.csv

Effects of conditions are off by errors of their own, as where each has items or batches of its own; `off` is the sd of
these errors in standard errors of a condition. With `shared`, the seeds of the controls have something in common that
those of the treatment do not have. `ratio` is the sd between the seeds of the treatment over that of the controls.
`known_law` takes mean and sd of the errors as known, with the likelihood of Schuemie and others (2014). Scores are
normal, one per seed; the control's part of *present* is that of a verdict (quiet, and no single control that responds).
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy import special

from sigstats.stats.classical.empirical_null import empirical_null

ENTROPY = 20261202
ALPHA, ALLOWED, DOUBTED = 0.05, 0.5, 0.01
CONTROLS, SEEDS, OFF = (5, 8, 14), (3, 5, 10), (0.0, 1.0, 3.0)
# Experiments of each cell for the one method that maximises a likelihood in each, and the sds that it tries.
OF_LAW, GRID = 2000, 100
# Experiments of each cell in which every control is held against the others.
OF_DOUBT = 1000
# Experiments of each cell in which the measured p-value is compared with that of the package.
CHECKED = 20
NULL = {"shared": 0.0, "effect": 0.0, "ratio": 1.0}
CELLS = [
    *({"n_controls": k, "n_seeds": n, "off": off, **NULL} for k in CONTROLS for n in SEEDS for off in OFF),
    *(
        {"n_controls": k, "n_seeds": n, "off": off, **NULL, "ratio": 3.0}
        for k in CONTROLS
        for n in (3, 10)
        for off in (0.0, 3.0)
    ),
    *({"n_controls": k, "n_seeds": 5, "off": 1.0, **NULL, "shared": 1.0} for k in CONTROLS),
    *(
        {"n_controls": k, "n_seeds": 5, "off": off, **NULL, "effect": 10.0}
        for k in CONTROLS
        for off in (0.0, 1.0, 3.0)
    ),
]


def measure(cell: dict[str, float], at: int, replications: int) -> dict[str, object]:
    """Return how often each p-value is at most alpha, and how often such a treatment is present."""
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=(at,)))
    k, n = int(cell["n_controls"]), int(cell["n_seeds"])
    off, se = cell["off"] / np.sqrt(n), 1.0 / np.sqrt(n)
    scores = rng.standard_normal((replications, k, n)) + off * rng.standard_normal((replications, k, 1))
    scores += cell["shared"] * rng.standard_normal((replications, 1, n))
    treated = cell["ratio"] * rng.standard_normal((replications, n)) + cell["effect"] * se
    treated += off * rng.standard_normal((replications, 1))
    means, errors = scores.mean(axis=2), scores.std(axis=2, ddof=1) * se
    mean, error = treated.mean(axis=1), treated.std(axis=1, ddof=1) * se
    found = calibrated(means, errors, mean, error, float(n - 1))
    for place in range(CHECKED):  # what is measured is what the package computes
        null = empirical_null(means[place], errors[place])
        np.testing.assert_allclose(found[place], null.pvalue(mean[place], error[place], n - 1), rtol=1e-9)
    nominal = special.stdtr(n - 1, -mean / error) <= ALPHA
    clear = nominal & quiet(mean, error, means, errors, n)
    rates = {
        "nominal": nominal,
        "calibrated": found <= ALPHA,
        "present": clear,
        "present_calibrated": clear & (found <= ALPHA),
        "doubted": in_doubt(scores[:OF_DOUBT], errors[:OF_DOUBT]),
    }
    law = known_law(*(each[:OF_LAW] for each in (mean, error, means, errors))) <= ALPHA
    told = {name: round(float(np.mean(each)), 4) for name, each in rates.items()}
    return {**cell, "replications": replications, **told, "known_law": round(float(np.mean(law)), 3)}


def calibrated(
    means: np.ndarray, errors: np.ndarray, mean: np.ndarray, error: np.ndarray, df: float
) -> np.ndarray:
    """Return `EmpiricalNull.pvalue` of many experiments at once."""
    k = means.shape[1]
    controls = means.var(axis=1, ddof=1) * (1.0 + 1.0 / k)
    beyond = np.maximum(error**2 - (errors**2).mean(axis=1), 0.0)
    variance = controls + beyond
    satterthwaite = variance**2 / (controls**2 / (k - 1) + (error**4 / df if np.isfinite(df) else 0.0))
    squares = controls * special.stdtrit(k - 1, 0.95) ** 2 + beyond * special.stdtrit(df, 0.95) ** 2
    banerjee = special.stdtridf(0.95, np.sqrt(squares / variance))
    dfs = np.where(beyond > 0, np.minimum(satterthwaite, banerjee), k - 1.0)
    return np.asarray(special.stdtr(dfs, (means.mean(axis=1) - mean) / np.sqrt(variance)))


def quiet(mean: np.ndarray, error: np.ndarray, means: np.ndarray, errors: np.ndarray, n: int) -> np.ndarray:
    """Return whether the controls are shown quiet, and none of them is shown to respond (Holm's first step)."""
    k = means.shape[1]
    pooled = np.sqrt((errors**2).sum(axis=1)) / k
    whole = _welch(ALLOWED * mean - means.mean(axis=1), ALLOWED * error, pooled, n - 1, k * (n - 1))
    single = _welch(means - ALLOWED * mean[:, None], errors, ALLOWED * error[:, None], n - 1, n - 1)
    return np.asarray((whole <= ALPHA) & (single.min(axis=1) > ALPHA / (k + 1)))


def _welch(
    difference: np.ndarray, one: np.ndarray, other: np.ndarray, df_one: float, df_other: float
) -> np.ndarray:
    total = one**2 + other**2
    df = total**2 / (one**4 / df_one + other**4 / df_other)
    return np.asarray(special.stdtr(df, -difference / np.sqrt(total)))


def known_law(mean: np.ndarray, error: np.ndarray, means: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the p-values of Schuemie and others, with the law of largest likelihood on a grid taken as known."""
    sds = np.linspace(0.0, 1.0, GRID) * np.ptp(means, axis=1)[:, None]
    variance = sds[:, :, None] ** 2 + errors[:, None, :] ** 2
    centres = (means[:, None, :] / variance).sum(axis=2) / (1.0 / variance).sum(axis=2)
    loss = (np.log(variance) + (means[:, None, :] - centres[:, :, None]) ** 2 / variance).sum(axis=2)
    best = loss.argmin(axis=1)
    rows = np.arange(best.size)
    return np.asarray(special.ndtr((centres[rows, best] - mean) / np.hypot(error, sds[rows, best])))


def in_doubt(scores: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return whether a verdict says that the controls are in doubt."""
    _, k, n = scores.shape
    means = scores.mean(axis=2)
    t = means.mean(axis=1) / (means.std(axis=1, ddof=1) / np.sqrt(k))
    of_seeds = scores.mean(axis=1, keepdims=True)
    overall = scores.mean(axis=(1, 2), keepdims=True)
    left = scores - of_seeds - scores.mean(axis=2, keepdims=True) + overall
    between = k * ((of_seeds - overall) ** 2).sum(axis=(1, 2)) / (n - 1)
    within = (left**2).sum(axis=(1, 2)) / ((n - 1) * (k - 1))
    shared = special.fdtrc(n - 1, (n - 1) * (k - 1), between / within)
    unlike = np.zeros(scores.shape[0], dtype=bool)
    for at in range(k):
        rest = np.delete(means, at, axis=1), np.delete(errors, at, axis=1)
        ends = (means[:, at], 2.0 * rest[0].mean(axis=1) - means[:, at])
        one_sided = np.minimum(*(calibrated(*rest, end, errors[:, at], np.inf) for end in ends))
        unlike |= 2.0 * one_sided * k <= ALPHA
    return np.asarray(unlike | (special.stdtr(k - 1, -t) <= DOUBTED) | (shared <= DOUBTED))


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=10_000)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    rows = [measure(cell, at, asked.replications) for at, cell in enumerate(CELLS)]
    with asked.output.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
