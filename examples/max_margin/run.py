"""Train two-layer ReLU networks on two digits far past zero training error, and log how their margin moves.

Each run is a network without biases, trained by gradient descent on all images at once, under the logistic loss
(treatment) or the squared loss on labels of -1 and 1 (control), from the same first weights. What is logged, at the
first step with zero training error and 1, 2, 4, 8 ... steps after it:

``margin``
    Normalised margin: the smallest y f(x), divided by the squared length of all weights. Images have length 1, so
    that it cannot exceed 1/2.
``alignment``
    Cosine of the output weights with the hard-margin support vector machine (without intercept) on the outputs of
    the hidden layer at that step.

Run ``python examples/max_margin/run.py``; it writes a folder ``runs`` beside this file.
"""

import argparse
import json
import math
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import sklearn
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.optimize import nnls
from sklearn.datasets import load_digits
from torch import Tensor

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
LOSSES = ("logistic", "squared")
DIGITS = 6  # significant digits in the logs
RATE = {"logistic": 16.0, "squared": 0.5}  # of the first, divided by loss and squared length of all weights
LONG = 30.0  # from this margin on, log(log(1 + exp(-margin))) is -margin to 13 digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is.

    Attributes
    ----------
    loss : {"logistic", "squared"}
        What is minimised.
    seed : int
        Of the first weights; the images are the same in all runs.
    positive, negative : int
        The digits that are told apart.
    width : int
        Hidden units.
    steps_after : int
        Steps after the first one with zero training error.
    patience : int
        Steps within which zero training error must be reached.
    """

    loss: str
    seed: int
    positive: int = 3
    negative: int = 8
    width: int = 64
    steps_after: int = 2**14
    patience: int = 2**14


def load_images(settings: Settings) -> tuple[Tensor, Tensor]:
    """Return the images of two digits, without their mean and scaled to length 1, and labels of -1 and 1."""
    images, digits = load_digits(return_X_y=True)
    used = np.isin(digits, (settings.positive, settings.negative))
    images = images[used] - images[used].mean(0)
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    return torch.tensor(images), torch.tensor(np.where(digits[used] == settings.positive, 1.0, -1.0))


def first_weights(settings: Settings, n_pixels: int) -> list[Tensor]:
    """Return hidden and output weights as they are commonly drawn: He's for the hidden layer, 1/width for the other."""
    draw = torch.Generator().manual_seed(settings.seed)
    hidden = (
        torch.randn(n_pixels, settings.width, generator=draw, dtype=torch.float64) * (2 / n_pixels) ** 0.5
    )
    output = torch.randn(settings.width, generator=draw, dtype=torch.float64) / settings.width**0.5
    return [hidden, output]


def outputs(weights: list[Tensor], images: Tensor) -> Tensor:
    """Return f(x) for every image."""
    return (images @ weights[0]).relu() @ weights[1]


def log_logistic(margins: Tensor) -> Tensor:
    """Return the logarithm of the mean of log(1 + exp(-margin)), which does not underflow."""
    near = torch.nn.functional.softplus(-margins.clamp(max=LONG)).log()
    terms = torch.where(margins > LONG, -margins, near)
    return torch.logsumexp(terms, 0) - math.log(len(margins))


def log_squared(margins: Tensor) -> Tensor:
    """Return the logarithm of the mean of (y - f)^2, which is that of (1 - margin)^2."""
    return (1 - margins).square().mean().log()


LOG_LOSS: dict[str, Callable[[Tensor], Tensor]] = {"logistic": log_logistic, "squared": log_squared}


def squared_norm(weights: list[Tensor]) -> float:
    """Return the squared length of all weights together."""
    return float(sum(each.detach().square().sum() for each in weights))


def descend(weights: list[Tensor], log_loss: Callable[[list[Tensor]], Tensor], loss: str) -> list[Tensor]:
    """Take one step of gradient descent on the loss; return the weights after it.

    The step is taken on the logarithm of the loss, which does not underflow; a size r there is r / loss on the loss.
    The curvature of the logarithm grows with the squared length of the weights, so that the logistic r is divided by
    it. The squared loss has a constant step.
    """
    leaves = [each.detach().requires_grad_() for each in weights]
    value = log_loss(leaves)
    slopes = torch.autograd.grad(value, leaves)
    scaled = 1 / squared_norm(leaves) if loss == "logistic" else float(value.detach().exp())
    rate = RATE[loss] * scaled
    return [each.detach() - rate * slope for each, slope in zip(leaves, slopes, strict=True)]


def separator(points: Floats, labels: Floats) -> Floats:
    """Return the hard-margin separator through the origin: the shortest w with y w.x >= 1, up to its length.

    It is found exactly, as a least-squares problem with non-negative unknowns (Lawson and Hanson 1974, chapter 23).
    """
    signed = points * labels[:, None]
    scale = np.linalg.norm(signed, axis=1).max()
    system = np.vstack([signed.T / scale, np.ones(len(signed))])
    target = np.append(np.zeros(signed.shape[1]), 1.0)
    multipliers, _ = nnls(system, target, maxiter=100 * len(signed))
    return signed.T @ multipliers


def linear_margin(points: Floats, labels: Floats) -> float:
    """Return the largest smallest distance of the points from a separating plane through the origin."""
    found = separator(points, labels)
    return float((labels * (points @ found)).min() / np.linalg.norm(found))


def alignment(features: Floats, labels: Floats, output: Floats) -> float | None:
    """Return the cosine of output weights with the separator of the features; None where nothing separates them."""
    best = separator(features, labels)
    if (labels * (features @ best)).min() <= 0:
        return None
    return float(best @ output / np.linalg.norm(best) / np.linalg.norm(output))


def measure(weights: list[Tensor], images: Tensor, labels: Tensor, log_loss: float) -> dict[str, float]:
    """Return what is logged at a step."""
    margins = labels * outputs(weights, images)
    norm = squared_norm(weights)
    found = {
        "train_error": float((margins <= 0).double().mean()),
        "margin": float(margins.min()) / norm,
        "log_loss": log_loss,
        "squared_norm": norm,
    }
    hidden = (images @ weights[0]).relu()
    cosine = alignment(hidden.numpy(), labels.numpy(), weights[1].numpy())
    return found if cosine is None else found | {"alignment": cosine}


def train(settings: Settings) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield the step and what is measured: at powers of two, and from the event on at powers of two after it."""
    images, labels = load_images(settings)
    weights = first_weights(settings, images.shape[1])
    step, event = 0, None

    def log_loss(weights: list[Tensor]) -> Tensor:
        return LOG_LOSS[settings.loss](labels * outputs(weights, images))

    while step <= (settings.patience if event is None else event + settings.steps_after):
        with torch.no_grad():
            if event is None and bool((labels * outputs(weights, images) > 0).all()):
                event = step
            since = step - (event or 0)
            if since & (since - 1) == 0:
                yield step, measure(weights, images, labels, float(log_loss(weights)))
        weights = descend(weights, log_loss, settings.loss)
        step += 1


def rounded(value: float) -> float:
    """Return a number with the digits that are kept."""
    return float(f"{value:.{DIGITS}g}")


def versions() -> dict[str, str]:
    """Return what the numbers were made with."""
    found = {each.__name__: each.__version__ for each in (torch, sklearn, scipy, np)}
    return {"python": platform.python_version(), **found}


def write_run(settings: Settings, folder: Path) -> None:
    """Train a network and write its log: settings, a line per logged step, and a last line that says it finished."""
    torch.set_num_threads(1)
    images, labels = (each.numpy() for each in load_images(settings))
    meta = asdict(settings) | {
        "linear_margin": rounded(linear_margin(images, labels)),
        "versions": versions(),
    }
    lines: list[dict[str, Any]] = [{"_meta": meta}]
    for step, found in train(settings):
        lines.append({"step": step} | {key: rounded(value) for key, value in found.items()})
    lines.append({"_summary": {"last_step": step}})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / f"{settings.loss}-{settings.seed}.jsonl").write_text(text, encoding="utf-8")


def planned(*, smoke: bool) -> list[Settings]:
    """Return the runs: 10 seeds under both losses, or a miniature with other digits and other seeds."""
    if not smoke:
        return [Settings(loss=loss, seed=seed) for seed in range(10) for loss in LOSSES]
    small = Settings(loss="logistic", seed=0, positive=5, negative=9, width=16, steps_after=2**6)
    return [replace(small, loss=loss, seed=seed) for seed in range(100, 103) for loss in LOSSES]


def run_all(runs: list[Settings], folder: Path, n_jobs: int) -> None:
    """Train all networks in so many processes, with a progress bar on a terminal."""
    jobs = (delayed(write_run)(each, folder) for each in runs)
    done = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs)
    bar = {"console": Console(stderr=True), "disable": not sys.stderr.isatty()}
    for _ in track(done, "networks", total=len(runs), **bar):
        pass


def main() -> None:
    """Read the command line, and write the logs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder for the logs; beside this script by default")
    parser.add_argument("--smoke", action="store_true", help="a miniature of a few seconds; needs --out")
    given = parser.parse_args()
    if given.smoke and given.out is None:
        parser.error("--smoke needs --out, so that a miniature never takes the place of the runs.")
    folder: Path = given.out or HERE / "runs"
    if folder.exists() and any(folder.iterdir()):
        parser.error(
            f"{str(folder)!r} is not empty, and logs are never overwritten. Name another with --out."
        )
    folder.mkdir(parents=True, exist_ok=True)
    run_all(planned(smoke=given.smoke), folder, n_jobs=1 if given.smoke else 2)


if __name__ == "__main__":
    main()
