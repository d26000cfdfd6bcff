"""Train two kinds of language model on a corpus with known topics, and measure how they keep to the topic of a prompt.

``python examples/topic_inertia/run.py`` writes sweep.csv, prompt.csv, means.csv and models.csv beside this file.
``--out FILE`` puts the sweep elsewhere and the other tables beside it. ``--smoke`` is a miniature for tests, and
``--tune`` chooses the learning rates, on a corpus of its own. No file is ever overwritten.
"""

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import corpus
import models
import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from rich.console import Console
from rich.progress import track

HERE = Path(__file__).parent
ARCHITECTURES = ("gpt", "gru")
LENGTHS = (10, 25, 50, 100, 200)  # words of a prompt
CONTINUATION = 50  # words that are written after it
RATES = {"gpt": 16e-3, "gru": 16e-3}  # chosen from tuning.csv


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large the experiment is, and from which seed it grows."""

    seed: int = 2026
    runs: int = 5
    documents: int = 200
    steps: int = 500
    batch: int = 16
    jobs: int = 2


FULL = Scale()
SMOKE = Scale(seed=100, runs=3, documents=6, steps=2, batch=2, jobs=1)
TUNING = Scale(seed=100, runs=1)
TUNED_RATES = (2e-3, 4e-3, 8e-3, 16e-3, 32e-3)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one trained model did.

    Attributes
    ----------
    architecture : str
        ``"gpt"`` or ``"gru"``.
    run : int
        Which of the models of this kind it is.
    rate : float
        The learning rate.
    parameters : int
        The number of trainable numbers.
    losses : ndarray, shape (documents, words - 1)
        Loss in nats on the held-out documents.
    written : tuple of ndarray, each of shape (documents, CONTINUATION)
        The continuations, by length of the prompt.
    """

    architecture: str
    run: int
    rate: float
    parameters: int
    losses: np.ndarray
    written: tuple[np.ndarray, ...]


def chance(scale: Scale, *purpose: int) -> np.random.Generator:
    """Return the random numbers of one purpose; those of different purposes are independent."""
    return np.random.default_rng(np.random.SeedSequence(scale.seed, spawn_key=purpose))


def known(scale: Scale) -> tuple[corpus.Generator, corpus.Documents]:
    """Return the generator of the corpus and the held-out documents."""
    generator = corpus.make_generator(chance(scale, 0))
    held_out = corpus.write_documents(generator, scale.documents, models.CONTEXT, chance(scale, 1))
    return generator, held_out


def trained(architecture: str, run: int, rate: float, scale: Scale) -> Trained:
    """Train one model on documents of its own, and let it go on after every prompt."""
    torch.set_num_threads(1)
    generator, held_out = known(scale)
    kind = ARCHITECTURES.index(architecture)
    own = chance(scale, 2, kind, run)
    seen = corpus.write_documents(generator, scale.steps * scale.batch, models.CONTEXT, own)
    torch.manual_seed(int(own.integers(2**62)))
    model = models.make_model(architecture)
    for _ in models.train(model, torch.from_numpy(seen.words), scale.batch, rate):
        pass
    words = torch.from_numpy(held_out.words)
    sampling = torch.Generator().manual_seed(int(own.integers(2**62)))
    written = [models.continuations(model, words[:, :n], CONTINUATION, sampling) for n in LENGTHS]
    with torch.no_grad():
        losses = models.losses(model, words)
    return Trained(
        architecture=architecture,
        run=run,
        rate=rate,
        parameters=models.parameters(model),
        losses=losses.numpy(),
        written=tuple(each.numpy() for each in written),
    )


def all_trained(settings: list[tuple[str, int, float]], scale: Scale) -> list[Trained]:
    """Train all models, two at a time, with a progress bar where there is a terminal."""
    work = Parallel(n_jobs=scale.jobs, return_as="generator")(
        delayed(trained)(*each, scale) for each in settings
    )
    console = Console(stderr=True)
    bar = track(work, "models", total=len(settings), console=console, disable=not console.is_terminal)
    return list(bar)


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine of the rows of two arrays."""
    return (first * second).sum(1) / np.sqrt((first**2).sum(1) * (second**2).sum(1))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Holds continuations against two references: the document's mixture of topics, and the prompt's topics."""

    generator: corpus.Generator
    held_out: corpus.Documents

    def frame(self, condition: str, run: int, written: tuple[np.ndarray, ...]) -> pd.DataFrame:
        """Return a row per document and length of the prompt, with the cosine to either reference."""
        parts = []
        for n, words in zip(LENGTHS, written, strict=True):
            shares = corpus.topic_shares(self.generator, words)
            prompt = corpus.topic_shares(self.generator, self.held_out.words[:, :n])
            cosines = {
                "document": np.arange(len(words)),
                "to_mixture": cosine(self.held_out.mixtures, shares),
                "to_prompt": cosine(prompt, shares),
            }
            parts.append(pd.DataFrame({"model": condition, "run": run, "prompt_tokens": n, **cosines}))
        return pd.concat(parts)


def segment_reader(generator: corpus.Generator) -> corpus.Generator:
    """Return the generator as seen by a reader who knows the current segment, but takes no note of the document."""
    return dataclasses.replace(generator, mixtures=np.full((1, corpus.TOPICS), 1 / corpus.TOPICS))


def references(scorer: Scorer, done: list[Trained], scale: Scale) -> Iterator[pd.DataFrame]:
    """Yield the scores of continuations that no trained model wrote for its own prompt."""
    generator, words = scorer.generator, scorer.held_out.words
    yield scorer.frame("true", 0, tuple(words[:, n : n + CONTINUATION] for n in LENGTHS))
    for each in done:
        if each.architecture == "gpt":
            yield scorer.frame("other", each.run, tuple(np.roll(text, 1, axis=0) for text in each.written))
    for number, (name, view) in enumerate({"ideal": generator, "segment": segment_reader(generator)}.items()):
        rng = chance(scale, 3, number)
        written = [corpus.ideal_continuations(view, words[:, :n], CONTINUATION, rng) for n in LENGTHS]
        yield scorer.frame(name, 0, tuple(written))


def model_table(generator: corpus.Generator, words: np.ndarray, done: list[Trained]) -> pd.DataFrame:
    """Return size and perplexity of every model, and of readers who know the generator."""
    rows = [(each.architecture, each.run, each.rate, each.parameters, each.losses) for each in done]
    rows += [
        ("ideal", 0, None, None, corpus.ideal_losses(generator, words)),
        ("segment", 0, None, None, corpus.ideal_losses(segment_reader(generator), words)),
    ]
    columns = ["model", "run", "learning_rate", "parameters"]
    table = pd.DataFrame([row[:4] for row in rows], columns=columns).astype({"parameters": "Int64"})
    table["perplexity"] = [np.exp(row[4].mean()) for row in rows]
    table["perplexity_after_150"] = [np.exp(row[4][:, 150:].mean()) for row in rows]
    return table


def tables(done: list[Trained], scale: Scale) -> dict[str, pd.DataFrame]:
    """Return the tables by the name of their file; the sweep bears the name "sweep"."""
    generator, held_out = known(scale)
    scorer = Scorer(generator=generator, held_out=held_out)
    scores = pd.concat(
        [scorer.frame(each.architecture, each.run, each.written) for each in done]
        + list(references(scorer, done, scale))
    )
    sweep = scores[scores["model"].isin([*ARCHITECTURES, "true"])].rename(columns={"to_mixture": "cosine"})
    levels = ["model", "prompt_tokens"]
    by_document = scores.groupby(["model", "document", "prompt_tokens"], sort=False, as_index=False)
    prompt = by_document["to_prompt"].mean().rename(columns={"to_prompt": "cosine"})
    return {
        "sweep": sweep[["model", "document", "run", "prompt_tokens", "cosine"]],
        "prompt": prompt[prompt["model"].isin([*ARCHITECTURES, "true", "other"])],
        "means": scores.groupby(levels, sort=False, as_index=False)[["to_mixture", "to_prompt"]].mean(),
        "models": model_table(generator, held_out.words, done),
    }


def experiment(scale: Scale) -> dict[str, pd.DataFrame]:
    """Return the tables of the whole experiment."""
    settings = [(name, run, RATES[name]) for run in range(scale.runs) for name in ARCHITECTURES]
    return tables(all_trained(settings, scale), scale)


def tuning(scale: Scale) -> pd.DataFrame:
    """Return the perplexity of one model for every architecture and learning rate; topics are not looked at."""
    generator, held_out = known(scale)
    settings = [(name, 0, rate) for rate in TUNED_RATES for name in ARCHITECTURES]
    return model_table(generator, held_out.words, all_trained(settings, scale))


def target(arguments: argparse.Namespace, name: str) -> Path:
    """Return where a table is written."""
    if name == "sweep":
        return arguments.out
    return arguments.out.with_name(f"{name}.csv")


def asked() -> argparse.Namespace:
    """Return what the command line asks for, and end where a table exists already."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, help="file for the sweep (default: sweep.csv beside this script)")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--smoke", action="store_true", help="a miniature; needs --out")
    kind.add_argument("--tune", action="store_true", help="write tuning.csv only")
    arguments = parser.parse_args()
    if arguments.smoke and arguments.out is None:
        parser.error("--smoke needs --out, so that a miniature never stands where the results belong.")
    arguments.out = arguments.out or HERE / "sweep.csv"
    names = ("tuning",) if arguments.tune else ("sweep", "prompt", "means", "models")
    taken = [str(path) for path in (target(arguments, name) for name in names) if path.exists()]
    if taken:
        parser.error(f"{', '.join(taken)}: exists and is not overwritten; move it, or give another --out.")
    return arguments


def main() -> None:
    """Make the tables and write them."""
    arguments = asked()
    made = {"tuning": tuning(TUNING)} if arguments.tune else experiment(SMOKE if arguments.smoke else FULL)
    for name, table in made.items():
        table.to_csv(target(arguments, name), index=False, float_format="%.4f", lineterminator="\n")


if __name__ == "__main__":
    main()
