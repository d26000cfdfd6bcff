"""Make the tables of `sigstats.example_data`: ``python docs/make_example_data.py``.

Two are copies of published runs in `examples/`, the others are simulated here with fixed random numbers. A test makes
them again and compares.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "sigstats" / "data" / "example_tables"
COPIES = {"mazes": "procgen_maze", "learning_rates": "lr_sweep"}


def crops() -> pd.DataFrame:
    """Simulate accuracy on shifted objects over the number of random crops, and over repeats of one image."""
    rng = np.random.default_rng(1)
    rows = []
    for images, rise in (("cropped", 0.04), ("repeated", 0.004)):
        for seed in range(5):
            level, slope = rng.normal(0.60, 0.02), rng.normal(rise, 0.004)
            rows += [
                (images, seed, count, round(level + slope * np.log2(count) + rng.normal(0, 0.012), 4))
                for count in (1, 2, 4, 8, 16)
            ]
    return pd.DataFrame(rows, columns=["images", "seed", "crops", "accuracy"])


def warmup() -> pd.DataFrame:
    """Simulate the final loss of deep and shallow networks without and with warmup of the learning rate."""
    rng = np.random.default_rng(2)
    rows = []
    for network, fall in (("deep", 0.30), ("shallow", 0.02)):
        for seed in range(5):
            start, change = rng.normal(2.4, 0.06), rng.normal(fall, 0.05)
            rows += [
                (network, seed, switch, round(start - change * (switch == "on") + rng.normal(0, 0.03), 3))
                for switch in ("off", "on")
            ]
    return pd.DataFrame(rows, columns=["network", "seed", "warmup", "loss"])


def questions() -> pd.DataFrame:
    """Simulate which of 60 questions four runs of a model, and four of its tuned version, answer rightly."""
    rng = np.random.default_rng(4)
    easy = rng.normal(size=60)
    rows = []
    for model, skill in (("base", 0.0), ("tuned", 0.7)):
        for run in range(4):
            right = skill + rng.normal(0, 0.1) + easy + rng.normal(0, 0.5, 60) > 0
            rows += [(model, f"{model}-{run}", question, int(each)) for question, each in enumerate(right)]
    return pd.DataFrame(rows, columns=["model", "run", "question", "right"])


def heads() -> pd.DataFrame:
    """Simulate how much 32 attention heads copy from repeated and from random text; six of them learn to."""
    rng = np.random.default_rng(5)
    learners = {(2, 1), (3, 0), (3, 3), (4, 2), (5, 0), (6, 1)}
    rows = []
    for layer, head in np.ndindex(8, 4):
        for text in ("repeated", "random"):
            rise = 0.08 * ((layer, head) in learners and text == "repeated")
            for seed in range(4):
                base, slope = rng.normal(0.1, 0.01), rng.normal(rise, 0.006)
                rows += [
                    (
                        f"L{layer}H{head}",
                        text,
                        seed,
                        step,
                        round(base + slope * place + rng.normal(0, 0.012), 4),
                    )
                    for place, step in enumerate((250, 500, 1000, 2000, 4000))
                ]
    return pd.DataFrame(rows, columns=["head", "text", "seed", "step", "copying"])


SIMULATED = {made.__name__: made for made in (crops, warmup, questions, heads)}


def write(folder: Path) -> None:
    """Write all tables into a folder."""
    for name, example in COPIES.items():
        shutil.copyfile(ROOT / "examples" / example / "sweep.csv", folder / f"{name}.csv")
    for name, make in SIMULATED.items():
        make().to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    write(TABLES)
