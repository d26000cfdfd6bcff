"""Make the tables of the examples of comparisons: ``python examples/comparisons/make.py``. All values are invented."""

import csv
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ACCURACY = {"full": 81.0, "no warmup": 80.9, "no mixup": 78.2}
NOISE = {
    "full": (0.4, -0.2, 0.1, -0.3, 0.2),
    "no warmup": (0.3, -0.1, 0.3, -0.4, 0.0),
    "no mixup": (0.2, -0.4, 0.2, -0.1, 0.3),
}
SKILL = {"base": 0.0, "tuned": 0.6}
RUNS, QUESTIONS = 4, 60


def ablation() -> None:
    """Write five runs of each variant of a recipe."""
    with (HERE / "ablation.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["variant", "seed", "accuracy"])
        for variant, noise in NOISE.items():
            writer.writerows(
                [variant, seed, round(ACCURACY[variant] + each, 1)] for seed, each in enumerate(noise)
            )


def inspect_logs() -> None:
    """Write the logs of four evaluations of each model, in the layout of Inspect AI."""
    rng = np.random.default_rng(4)
    hard = rng.normal(size=QUESTIONS)
    folder = HERE / "inspect_logs"
    folder.mkdir(exist_ok=True)
    for model, skill in SKILL.items():
        for run in range(RUNS):
            right = skill + rng.normal(0, 0.1) + hard + rng.normal(0, 0.5, QUESTIONS) > 0
            log = evaluation(model, run, right)
            (folder / f"{model}_{run}.json").write_text(json.dumps(log) + "\n", encoding="utf-8")


def evaluation(model: str, run: int, right: np.ndarray) -> dict:
    """Return the log of one evaluation."""
    score = {"name": "match", "scorer": "match", "params": {}}
    accuracy = {"accuracy": {"name": "accuracy", "value": float(right.mean()), "params": {}}}
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": f"{model}-{run}",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "toy",
            "dataset": {"samples": QUESTIONS},
            "model": model,
            "model_generate_config": {"seed": run},
            "config": {"epochs": 1},
        },
        "results": {"scores": [{**score, "metrics": accuracy}]},
        "samples": [
            {"id": question, "epoch": 1, "scores": {"match": {"value": "C" if each else "I"}}}
            for question, each in enumerate(right.tolist())
        ],
    }


if __name__ == "__main__":
    ablation()
    inspect_logs()
