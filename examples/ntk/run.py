"""Train networks of many widths beside their linearisations, and write one log for each run.

A network with one hidden layer, ``f(x) = s a . tanh(W x / sqrt(d))``, learns to tell even from odd digits by gradient
descent on the squared loss. Its linearisation is the first-order Taylor polynomial in the weights at initialisation,
trained by the same steps: its outputs follow from the tangent kernel at initialisation, without approximation. The
distance of the two is the root of their mean squared difference on test images.

Two scalings of the output start from the same weights and the same images: ``ntk`` with ``s = 1/sqrt(width)``, and
``mean_field`` with ``s = 1/width``. The learning rate is divided by ``width s**2``, so that the linearisation learns as
fast in one as in the other.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SCALINGS = {"ntk": -0.5, "mean_field": -1.0}  # powers of the width
LEARNING_RATE = 0.5
SLICE = 256  # hidden units whose Jacobians are held at once
Weights = dict[str, "Tensor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run: every width with every seed and scaling, logged after the given numbers of steps."""

    widths: tuple[int, ...]
    seeds: tuple[int, ...]
    steps: tuple[int, ...]
    n_train: int
    n_test: int
    processes: int


FULL = Plan(
    widths=tuple(2**k for k in range(4, 12)),
    seeds=tuple(range(10)),
    steps=tuple(2**k for k in range(11)),
    n_train=256,
    n_test=256,
    processes=2,
)
SMOKE = Plan(
    widths=(16, 32, 64), seeds=(100, 101, 102), steps=(1, 2, 4, 8, 16), n_train=64, n_test=32, processes=1
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Images and labels of one seed; the first `n_train` rows are for training, the others for the test."""

    inputs: "Tensor"
    labels: "Tensor"
    n_train: int


def task(seed: int, plan: Plan) -> Task:
    """Return the split of a seed: images with mean 0 and mean square 1 and a constant 1, labels +1 (even) and -1."""
    import numpy as np
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    chosen = np.random.default_rng(seed).permutation(digits.target.size)[: plan.n_train + plan.n_test]
    images = digits.data[chosen]
    images = images - images[: plan.n_train].mean(axis=0)
    images = images / np.sqrt((images[: plan.n_train] ** 2).mean())
    inputs = np.column_stack([images, np.ones(len(images))])
    labels = 1.0 - 2.0 * (digits.target[chosen] % 2)
    return Task(inputs=torch.from_numpy(inputs), labels=torch.from_numpy(labels), n_train=plan.n_train)


def initial(seed: int, width: int, n_inputs: int) -> Weights:
    """Return standard normal weights, which do not depend on the scaling."""
    import numpy as np
    import torch

    rng = np.random.default_rng([seed, width])
    inner, outer = rng.standard_normal((width, n_inputs)), rng.standard_normal(width)
    return {"inner": torch.from_numpy(inner), "outer": torch.from_numpy(outer)}


def outputs(weights: Weights, inputs: "Tensor", scale: float) -> "Tensor":
    """Return the output of the network for each row of the inputs."""
    hidden = (inputs @ weights["inner"].T / inputs.shape[1] ** 0.5).tanh()
    return scale * (hidden @ weights["outer"])


def tangent_kernel(weights: Weights, inputs: "Tensor", n_train: int, scale: float) -> "Tensor":
    """Return the products of the output's gradients, all inputs by training inputs, summed over hidden units."""
    import torch

    def one(part: Weights, single: "Tensor") -> "Tensor":
        return outputs(part, single[None], scale)[0]

    gradients = torch.func.vmap(torch.func.grad(one), (None, 0))
    kernel = inputs.new_zeros(len(inputs), n_train)
    for start in range(0, len(weights["outer"]), SLICE):
        part = {name: each[start : start + SLICE] for name, each in weights.items()}
        for rows in gradients(part, inputs).values():
            flat = rows.flatten(1)
            kernel += flat @ flat[:n_train].T
    return kernel


def linearised(first: "Tensor", kernel: "Tensor", here: Task, rate: float, last: int) -> list["Tensor"]:
    """Return the outputs of the linearisation for all inputs after 0, 1, ... `last` steps."""
    course = [first]
    for _ in range(last):
        residual = course[-1][: here.n_train] - here.labels[: here.n_train]
        course.append(course[-1] - rate / here.n_train * (kernel @ residual))
    return course


def trained(weights: Weights, here: Task, scale: float, rate: float, steps: tuple[int, ...]) -> list[Weights]:
    """Return the weights of the network after each of the given numbers of steps."""
    import torch

    inputs, labels = here.inputs[: here.n_train], here.labels[: here.n_train]

    def loss(current: Weights) -> "Tensor":
        return 0.5 * (outputs(current, inputs, scale) - labels).square().mean()

    slopes, kept = torch.func.grad(loss), []
    for step in range(1, steps[-1] + 1):
        found = slopes(weights)
        weights = {name: each - rate * found[name] for name, each in weights.items()}
        if step in steps:
            kept.append(weights)
    return kept


def measurements(network: "Tensor", line: "Tensor", here: Task) -> dict[str, float]:
    """Return what is logged of the outputs of a network and of its linearisation."""
    test = slice(here.n_train, None)
    return {
        "distance": (network - line)[test].square().mean().sqrt().item(),
        "train_mse": (network - here.labels)[: here.n_train].square().mean().item(),
        "test_mse": (network - here.labels)[test].square().mean().item(),
        "linear_test_mse": (line - here.labels)[test].square().mean().item(),
    }


def one_run(seed: int, width: int, scaling: str, plan: Plan, folder: Path) -> None:
    """Train a network beside its linearisation and write the log."""
    import torch

    torch.set_num_threads(1)
    here = task(seed, plan)
    weights = initial(seed, width, here.inputs.shape[1])
    scale = width ** SCALINGS[scaling]
    rate = LEARNING_RATE / (width * scale**2)
    kernel = tangent_kernel(weights, here.inputs, plan.n_train, scale)
    lines = linearised(outputs(weights, here.inputs, scale), kernel, here, rate, plan.steps[-1])
    rows = []
    networks = trained(weights, here, scale, rate, plan.steps)
    for step, current in zip(plan.steps, networks, strict=True):
        network = outputs(current, here.inputs, scale)
        rows.append({"step": step, **measurements(network, lines[step], here)})
    change = tangent_kernel(networks[-1], here.inputs, plan.n_train, scale) - kernel
    rows[-1]["kernel_change"] = (change.norm() / kernel.norm()).item()
    settings = {"seed": seed, "width": width, "scaling": scaling, "learning_rate": rate}
    settings |= {"n_train": plan.n_train, "n_test": plan.n_test, "torch": torch.__version__}
    write(folder / f"{scaling}_width{width:04}_seed{seed}.jsonl", settings, rows)


def write(path: Path, settings: dict[str, object], rows: list[dict[str, float]]) -> None:
    """Write a log: a line of settings, a line per step with six digits, and a line that says it is whole."""
    rounded = [{key: float(f"{each:.6g}") for key, each in row.items()} for row in rows]
    steps = [{**row, "step": int(row["step"])} for row in rounded]
    found = [{"_meta": settings}, *steps, {"_summary": {"steps": steps[-1]["step"]}}]
    text = "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in found)
    path.write_text(text, encoding="utf-8")


def run_all(plan: Plan, folder: Path) -> None:
    """Run everything, the widest networks first, with a progress bar on a terminal."""
    from joblib import Parallel, delayed
    from rich.progress import track

    jobs = list(product(sorted(plan.widths, reverse=True), SCALINGS, plan.seeds))
    work = Parallel(n_jobs=plan.processes, return_as="generator_unordered")
    done = work(delayed(one_run)(seed, width, scaling, plan, folder) for width, scaling, seed in jobs)
    for _ in track(done, "training", total=len(jobs), disable=not sys.stdout.isatty()):
        pass


def main() -> None:
    """Read the options and run."""
    options = argparse.ArgumentParser(description="Train networks beside their linearisations.")
    options.add_argument("--out", type=Path, help="folder of the logs (default: runs beside this file)")
    options.add_argument("--smoke", action="store_true", help="a miniature of a few seconds; needs --out")
    given = options.parse_args()
    if given.smoke and given.out is None:
        options.error("--smoke needs --out FOLDER, so that a miniature never stands for the experiment")
    folder = given.out or Path(__file__).parent / "runs"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        options.error(f"{folder} exists and is not an empty folder; name another with --out, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    run_all(SMOKE if given.smoke else FULL, folder)


if __name__ == "__main__":
    main()
