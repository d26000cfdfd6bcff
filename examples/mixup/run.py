"""Train small networks on handwritten digits, with and without Mixup, and log what the card is about.

``python examples/mixup/run.py`` writes ``runs/`` beside this file; ``--out FOLDER`` writes elsewhere. ``--smoke`` is
a miniature that shows that everything works, and says nothing about Mixup.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.datasets import load_digits
from torch import Tensor, nn

HERE = Path(__file__).parent
N_CLASSES = 10
N_TEST = 397  # of 1,797 images; the same for every run
N_PAIRS = 1000
LAMBDAS = np.linspace(0.0, 1.0, 11)
ALPHAS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
ALPHA = 1.0  # of the interpolation experiment
NOISE = 0.4
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that tells one run from another, and what they share."""

    experiment: str
    seed: int
    alpha: float
    noise: float
    condition: str
    images: int = 500
    watched: float = NOISE
    batch: int = 100
    epochs: int = 150
    every: int = 15
    lr: float = 0.002

    @property
    def path(self) -> str:
        """Where the log lies below the folder of runs."""
        return f"{self.experiment}/{self.condition}-alpha{self.alpha:g}-seed{self.seed}.jsonl"

    def rng(self, purpose: int) -> np.random.Generator:
        """Return a generator that depends on the seed and the purpose, and on no other setting."""
        return np.random.default_rng([self.seed, purpose])


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Training images with the labels that are trained on, and test images."""

    x: Tensor
    y: Tensor
    watched: NDArray[np.intp]
    test_x: Tensor
    test_y: Tensor


def plan(seeds: Sequence[int], alphas: Sequence[float], **shared: Any) -> list[Settings]:  # noqa: ANN401
    """Return all runs of both experiments.

    Parameters
    ----------
    seeds : sequence of int
        Of each run: training images, corrupted labels, initialisation, order of batches, partners.
    alphas : sequence of float
        Levels of the label-noise experiment.
    **shared
        Further settings, for all runs.

    Returns
    -------
    list of Settings
        One per training.
    """
    arms = [("interpolation", "plain", 0.0, 0.0), ("interpolation", "mixup", ALPHA, 0.0)]
    arms += [("label_noise", "corrupted", alpha, NOISE) for alpha in alphas]
    arms += [("label_noise", "clean", alpha, 0.0) for alpha in alphas]
    return [
        Settings(experiment=name, condition=condition, alpha=alpha, noise=noise, seed=seed, **shared)
        for name, condition, alpha, noise in arms
        for seed in seeds
    ]


def data_of(settings: Settings) -> Data:
    """Return the images of a run; the watched ones have wrong labels where there is noise."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    x = torch.tensor(digits.images[order] / 16.0, dtype=torch.float32)[:, None]
    y = digits.target[order].astype(np.int64)
    rng = settings.rng(0)
    train = N_TEST + rng.permutation(len(y) - N_TEST)[: settings.images]
    labels = y[train]
    watched = rng.permutation(settings.images)[: round(settings.watched * settings.images)]
    shift = rng.integers(1, N_CLASSES, size=watched.size)
    if settings.noise:
        labels[watched] = (labels[watched] + shift) % N_CLASSES
    return Data(
        x=x[train],
        y=torch.from_numpy(labels),
        watched=watched,
        test_x=x[:N_TEST],
        test_y=torch.from_numpy(y[:N_TEST]),
    )


def network(seed: int) -> nn.Module:
    """Return an untrained network: two convolutions and two full layers."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 128),
        nn.ReLU(),
        nn.Linear(128, N_CLASSES),
    )


def mixed_loss(net: nn.Module, x: Tensor, y: Tensor, partner: Tensor, share: float) -> Tensor:
    """Return the loss of images mixed with their partners; a share of 1 leaves them as they are."""
    scores = net(share * x + (1.0 - share) * x[partner])
    loss = nn.functional.cross_entropy
    return share * loss(scores, y) + (1.0 - share) * loss(scores, y[partner])


def epochs(net: nn.Module, data: Data, settings: Settings) -> Iterator[tuple[int, float]]:
    """Train, and yield each epoch with its mean loss."""
    optimiser = torch.optim.Adam(net.parameters(), lr=settings.lr, fused=True)
    order, partners, shares = (settings.rng(purpose) for purpose in (1, 2, 3))
    alpha = settings.alpha
    for epoch in range(1, settings.epochs + 1):
        losses = []
        for batch in torch.from_numpy(order.permutation(settings.images)).split(settings.batch):
            partner = torch.from_numpy(partners.permutation(len(batch)))
            share = float(shares.beta(alpha, alpha)) if alpha else 1.0
            loss = mixed_loss(net, data.x[batch], data.y[batch], partner, share)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        yield epoch, float(np.mean(losses))


def accuracy(net: nn.Module, x: Tensor, y: Tensor) -> float:
    """Return the share of labels that the network gives."""
    with torch.no_grad():
        return float((net(x).argmax(1) == y).double().mean())


def ending(net: nn.Module, data: Data) -> dict[str, float]:
    """Return how well the watched training labels are known, and the accuracy on test images."""
    x, y = data.x[data.watched], data.y[data.watched]
    with torch.no_grad():
        given = net(x).double().softmax(-1).gather(-1, y[:, None])
    return {
        "reproduced": accuracy(net, x, y),
        "label_probability": float(given.mean()),
        "test_accuracy": accuracy(net, data.test_x, data.test_y),
    }


def test_pairs(labels: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of test images of different classes, the same for every run."""
    first, second = np.random.default_rng(1).integers(len(labels), size=(2, 2 * N_PAIRS))
    different = labels[first] != labels[second]
    return first[different][:N_PAIRS], second[different][:N_PAIRS]


def interpolation(net: nn.Module, data: Data) -> list[dict[str, float]]:
    """Return the output for the first image's class along the way from the second image to the first.

    The logit is centred, as the softmax does not see a shift of all logits: their mean over classes is subtracted.
    The departure is that of each pair's probability from the straight line between the pair's own ends.
    """
    first, second = test_pairs(data.test_y.numpy())
    one, two, own = data.test_x[first], data.test_x[second], data.test_y[first][:, None]
    with torch.no_grad():
        scores = torch.stack([net(float(t) * one + (1.0 - float(t)) * two).double() for t in LAMBDAS])
    logit = (scores - scores.mean(-1, keepdim=True)).gather(-1, own.expand(len(LAMBDAS), -1, -1))[..., 0]
    probability = scores.softmax(-1).gather(-1, own.expand(len(LAMBDAS), -1, -1))[..., 0]
    t = torch.from_numpy(LAMBDAS)[:, None]
    departure = (probability - (1.0 - t) * probability[0] - t * probability[-1]).abs()
    names = ("lambda", "logit", "probability", "departure")
    columns = (LAMBDAS, *(each.mean(1).numpy() for each in (logit, probability, departure)))
    rows = zip(*columns, strict=True)
    return [{"step": step, **dict(zip(names, row, strict=True))} for step, row in enumerate(rows)]


def trained(settings: Settings) -> tuple[str, str]:
    """Train one network; return the path and the text of its log."""
    torch.set_num_threads(1)
    data, net = data_of(settings), network(settings.seed)
    rows = []
    for epoch, loss in epochs(net, data, settings):
        if epoch % settings.every == 0 or epoch == settings.epochs:
            rows.append({"epoch": epoch, "loss": loss, **ending(net, data)})
    if settings.experiment == "interpolation":
        rows = interpolation(net, data)
    return settings.path, log(settings, rows, ending(net, data))


def log(settings: Settings, rows: Sequence[dict[str, float]], last: dict[str, float]) -> str:
    """Return a log as JSON Lines: settings, a line per step, what the run ended with."""
    versions = {"torch": torch.__version__, "scikit_learn": sklearn.__version__}
    lines = [{"_meta": asdict(settings) | versions}, *map(rounded, rows), {"_summary": rounded(last)}]
    return "".join(json.dumps(line) + "\n" for line in lines)


def rounded(row: dict[str, float]) -> dict[str, float]:
    """Return numbers with few digits, which keeps logs small."""
    return {
        key: value if isinstance(value, int) else float(f"{value:.{DIGITS}g}") for key, value in row.items()
    }


def write(runs: Sequence[Settings], out: Path, *, n_jobs: int) -> None:
    """Train all networks, so many at a time, and write their logs; a terminal shows how far it is."""
    results = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(
        delayed(trained)(each) for each in runs
    )
    console = Console(stderr=True)
    silent = not console.is_terminal
    for path, text in track(results, "training", total=len(runs), console=console, disable=silent):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both experiments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="an empty or new folder (default: runs/ beside this file)")
    parser.add_argument("--smoke", action="store_true", help="a miniature in a few seconds; needs --out")
    given = parser.parse_args(arguments)
    if given.smoke and given.out is None:
        parser.error("--smoke needs --out, so that a miniature never lies among the real runs.")
    out = given.out or HERE / "runs"
    if out.exists() and any(out.iterdir()):
        parser.error(f"{out} is not empty; runs are never overwritten. Name another folder with --out.")
    if given.smoke:
        miniature = plan(range(100, 103), (0.0, 1.0, 8.0), images=100, batch=50, epochs=2, every=1)
        write(miniature, out, n_jobs=1)
    else:
        write(plan(range(10), ALPHAS), out, n_jobs=2)


if __name__ == "__main__":
    main()
