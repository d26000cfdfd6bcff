"""Measure what `sigstats.plan` says of designs: facts on seeds, levels and pairs, and whether it comes true.

Run by hand; it takes some minutes on one core:

    python tests/calibration/planning.py facts docs/validity/plan_facts.csv
    python tests/calibration/planning.py realised docs/validity/plan_realised.csv

*Facts* are probabilities of *present* for a rise of some sd against a control without effect. *Realised* holds the
probability of every verdict that `sigstats.plan` predicts, and beside it the share of sweeps that are given this
verdict: data frames, made with other random numbers, in the same worlds. Rows that a file holds already are kept.
"""

import csv
import math
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import sigstats as ss
from sigstats.detection import verdict_on
from sigstats.evidence.open_table import read_table
from sigstats.studies.planning.claims import claimed
from sigstats.studies.planning.record import Noise, World
from sigstats.studies.planning.trials import Asked, counts_of, plan_of, share_present, trial

ENTROPY = 20261130
FACTS = ("fact", "design", "setting", "replications", "present", "error")
REALISED = ("design", "truth", "status", "predicted", "realised", "replications", "z")
RISE = ss.Signature(shape="increasing", control="control")
ROLES = {"treatment": "treatment", "control": "control"}
SIZES = ((3, 3, 8), (4, 3, 8), (3, 4, 8), (6, 6, 4), (8, 8, 3))
SEED_SDS = (0.0, 0.35, 0.7, 1.0, 1.4)
CORRELATIONS = (0.0, 0.25, 0.5, 0.75)


def asked(signature, noise, levels):
    """Return a signature with all that its simulation needs."""
    start = dict.fromkeys(ROLES, 0.0)
    return Asked(
        signature=signature,
        roles=ROLES,
        noise=noise,
        start=start,
        start_known=False,
        bounds=None,
        levels=np.arange(1.0, levels + 1.0),
    )


def present(signature, seeds, levels, *, effect=4.0, replications=1000, **noise):
    """Return the probability of present with its error."""
    sds = dict.fromkeys(ROLES, 1.0)
    made = asked(signature, Noise(sd=sds, **noise), levels)
    world = World(name="as predicted", effects={"treatment": effect, "control": 0.0})
    one = trial(made, dict(zip(ROLES, seeds, strict=True)), made.levels, world)
    (counts,) = counts_of([one], replications=replications, entropy=ENTROPY, key=0, n_jobs=1, label="facts")
    return share_present(counts)


def facts(replications, done):
    """Yield the known facts that are not done."""
    for slope_sd in (0.0, 1.0):
        for n, m, levels in SIZES:
            setting = "slopes vary as much as the noise" if slope_sd else "slopes do not vary"
            key = ("seeds and levels", f"{n} + {m} seeds, {levels} levels", setting)
            if key not in done:
                found = present(RISE, (n, m), levels, slope_sd=slope_sd, replications=2 * replications)
                yield *key, 2 * replications, *found
    fresh = replace(RISE, design="independent")
    for seed_sd in SEED_SDS:
        for name, one in (("reused", RISE), ("fresh", fresh)):
            key = (
                "fresh or reused seeds",
                f"3 + 3 seeds, 8 levels, {name}",
                f"levels of seeds vary by {seed_sd:g} sd",
            )
            if key not in done:
                found = present(one, (3, 3), 8, effect=3.0, seed_sd=seed_sd, replications=replications)
                yield *key, replications, *found
    for correlation in CORRELATIONS:
        for name, paired in (("paired", True), ("not paired", False)):
            shared = correlation if paired else None
            key = ("pairs", f"4 + 4 seeds, 8 levels, {name}", f"shared seeds correlate by {correlation:g}")
            if key not in done:
                one = replace(RISE, paired=paired)
                found = present(one, (4, 4), 8, effect=2.0, correlation=shared, replications=replications)
                yield *key, replications, *found


def claim(shape, *, control=True, min_effect=2.0, **options):
    """Return a signature."""
    return ss.Signature(shape=shape, control="control" if control else None, min_effect=min_effect, **options)


def designs():
    """Yield a name, a signature and the options of `plan` of each design."""
    usual = {"noise": 1.0, "seeds": 4, "levels": 8}
    yield "increasing, 3 + 3", claim("increasing"), usual | {"seeds": 3}
    yield "increasing, 5 + 8", claim("increasing"), usual | {"seeds": {"treatment": 5, "control": 8}}
    yield "increasing, no control", claim("increasing", control=False), usual
    yield "increasing, no min_effect", claim("increasing", min_effect=None), usual
    yield "increasing, slopes vary", claim("increasing"), usual | {"noise": {"sd": 1.0, "slope_sd": 1.0}}
    yield "increasing, 12 seeds", claim("increasing"), usual | {"seeds": 12, "levels": 4}
    yield (
        "increasing, unequal noise",
        claim("increasing"),
        usual | {"noise": {"treatment": 1.0, "control": 2.0}},
    )
    yield "increasing, paired", claim("increasing", paired=True), usual
    yield (
        "increasing, fresh runs",
        claim("increasing", design="independent"),
        usual | {"noise": {"sd": 1.0, "seed_sd": 0.5}},
    )
    yield (
        "increasing, log knob",
        claim("increasing", knob_scale="log"),
        usual | {"levels": [1, 2, 4, 8, 32, 64]},
    )
    yield "increasing, three levels", claim("increasing"), usual | {"seeds": 8, "levels": 3}
    yield "increasing, on and off", claim("increasing"), usual | {"seeds": 6, "levels": 2}
    yield "increasing, most seeds", claim("increasing", across_seeds="majority"), usual | {"seeds": 7}
    yield (
        "decreasing, bounded",
        claim("decreasing", bounds=[0, 10]),
        usual | {"start": {"treatment": 9, "control": 10}},
    )
    yield "linear", claim("linear"), usual | {"noise": 0.4}
    yield "flat", claim("flat"), usual | {"noise": 0.4}
    yield "threshold, step", claim({"name": "threshold", "form": "step"}), usual | {"noise": 0.4}
    yield (
        "threshold, hinge",
        claim({"name": "threshold", "form": "hinge"}),
        usual | {"noise": 0.1, "seeds": 6},
    )
    yield "saturating", claim("saturating"), usual | {"noise": 0.1, "seeds": 6}
    yield "peak", claim("peak"), usual | {"noise": 0.8}
    yield "valley", claim("valley"), usual | {"noise": 0.8}
    yield "convex", claim("convex"), usual | {"noise": 0.4}
    yield "concave", claim("concave"), usual | {"noise": 0.4}
    yield "ordered", claim({"name": "ordered", "weights": [-1, 0, 0, 1]}), usual | {"levels": 4}
    exponent = {"name": "power_law", "exponent": [-0.75, -0.25]}
    yield "power law", claim(exponent, min_effect=0.25), usual | {"noise": 0.3}
    yield "above", claim({"name": "above", "value": 5.0}, min_effect=None), usual | {"effect": 2.0}
    for name, number in (("procgen_maze", 0), ("montezuma", 0), ("lr_sweep", 4)):
        card = ss.Card.from_toml(f"examples/{name}/card.toml")
        shipped = card.signatures[number]
        sweep = pd.read_csv(f"examples/{name}/sweep.csv")
        yield (
            f"{name}: {shipped.name}",
            shipped,
            {"pilot": sweep, "seeds": 3, "levels": LEVELS[name], "effect": EFFECTS[name]},
        )


LEVELS = {
    "procgen_maze": [5, 10, 15, 20, 25],
    "montezuma": [1, 50, 100, 150, 199],
    "lr_sweep": [1e-4, 1e-3, 1e-2, 1e-1],
}
EFFECTS = {"procgen_maze": 1.2, "montezuma": 150.0, "lr_sweep": 0.08}


def realised(replications, done):
    """Yield predictions beside what came true, for two truths of each design that is not done."""
    for number, (name, signature, options) in enumerate(designs()):
        if any(key[0] == name for key in done):
            continue
        rng = np.random.default_rng([ENTROPY + 1, number])
        worlds = ss.plan(signature, replications=20, budget=1e-9, **options).prospect().worlds[:2]
        tried = options | {"truths": {each.name: each.effects for each in worlds}}
        found = ss.plan(signature, replications=replications, budget=1e-9, rng=ENTROPY, **tried).prospect()
        levels = np.array(found.design.levels)
        start = options.get("start", 0.0)
        made = Asked(
            signature=signature,
            roles=found.roles,
            noise=found.noise,
            start=start if isinstance(start, dict) else dict.fromkeys(found.roles, float(start)),
            start_known="start" in options,
            bounds=signature.bounds,
            levels=levels,
        )
        for world in found.worlds:
            plan = plan_of(made, found.design.seeds, levels, world, claimed(signature, levels))
            counts = Counter(_status(plan, signature, made, rng) for _ in range(replications))
            for status in ss.Status:
                share, chance = counts[status] / replications, found.chance(world.name, status).probability
                yield (
                    name,
                    world.name,
                    status.value,
                    chance,
                    share,
                    replications,
                    _z(chance, share, replications),
                )


def _status(plan, signature, made, rng):
    """Return what detect says of a data frame with columns and conditions of the signature."""
    frame = plan.simulate(rng).to_frame()
    columns = {role: getattr(signature, role) or role for role in ("knob", "metric", "seed", "condition")}
    frame = frame.rename(columns=columns)
    design = "repeated" if signature.design == "auto" else signature.design
    bounds = signature.bounds if made.start_known else "none"
    claim = replace(signature, design=design, bounds=bounds, levels=None)
    return verdict_on(read_table(frame, claim), claim).status


def _z(predicted, share, replications):
    """Return the difference over its standard error; both shares are from as many sweeps."""
    pooled = (predicted + share) / 2.0
    return (share - predicted) / math.sqrt(max(2.0 * pooled * (1.0 - pooled) / replications, 1e-12))


def main():
    """Write one of the two tables; rows that the file holds already are kept."""
    what, target = sys.argv[1], Path(sys.argv[2])
    replications = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    rows, names = {"facts": (facts, FACTS), "realised": (realised, REALISED)}[what]
    known = list(csv.reader(target.open(encoding="utf-8")))[1:] if target.exists() else []
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([names, *known])
        for row in rows(replications, {tuple(each[:3]) for each in known}):
            writer.writerow([f"{each:.4f}" if isinstance(each, float) else each for each in row])
            file.flush()


if __name__ == "__main__":
    main()
