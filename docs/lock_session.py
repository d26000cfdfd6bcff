"""Output of the commands on the page about locks, as they print it one after the other.

``python docs/lock_session.py`` writes it below them. Clock and versions are set, so that no hash changes.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from sigstats.cards.lock import clock, lock
from sigstats.cli.main import main

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from commands import CUT, PROMPT, commands  # noqa: E402 - beside this file

PAGE = HERE / "howto" / "lock.md"
BLOCK = re.compile(r"(?<=^```text\n)(?P<text>\$ .*?)(?=^```$)", re.DOTALL | re.MULTILINE)
CARD = re.compile(r"^```toml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
LEVELS = (10, 30, 100, 300, 1000)
VERSIONS = {"sigstats": "0.1.0", "python": "3.12.0"}
RULE = "-" * 100  # the standing stands below it


def write_sweep(n_seeds: int) -> None:
    """Write the data of the first seeds."""
    rows = ["seed,mazes,return"]
    for seed in range(n_seeds):
        noise = np.random.default_rng([7, seed]).normal(0, 0.4, len(LEVELS))
        rows += [f"{seed},{n},{2 + 0.45 * np.log(n) + e:.4f}" for n, e in zip(LEVELS, noise, strict=True)]
    Path("sweep.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def change_card() -> None:
    """Change the smallest effect that would matter."""
    card = Path("card.toml")
    card.write_text(
        card.read_text(encoding="utf-8").replace("min_effect = 1.0", "min_effect = 0.5"), encoding="utf-8"
    )


# What is done before each command on the page, in order, and on which day.
BEFORE = (
    (lambda: None, "2026-03-02"),
    (lambda: write_sweep(3), "2026-03-09"),
    (lambda: write_sweep(5), "2026-03-16"),
    (change_card, "2026-03-17"),
    (lambda: None, "2026-03-18"),
    (lambda: None, "2026-03-18"),
    (lambda: None, "2026-03-19"),
)


def refreshed(text: str) -> str:
    """Return the page with the output that its commands have now."""
    steps = iter(BEFORE)
    with _folder(CARD.findall(text)[0]):
        return BLOCK.sub(lambda found: _block(found["text"], steps), text)


def _block(text: str, steps: Iterator) -> str:
    lines = []
    for command, shown in commands(text):
        lines += [f"{PROMPT}{command}", *_printed(command, next(steps), shown)]
    return "".join(f"{line}\n" for line in lines)


def _printed(command: str, step: tuple, shown: list[str]) -> list[str]:
    act, day = step
    act()
    out = io.StringIO()
    with mock.patch.object(clock, "now", return_value=f"{day}T09:30:00Z"), contextlib.redirect_stdout(out):
        main(shlex.split(command)[1:])
    lines = out.getvalue().rstrip("\n").splitlines()
    at = lines.index(RULE) if CUT in shown else 0
    return [CUT, *lines[at:]] if at else lines


@contextlib.contextmanager
def _folder(card: str) -> Iterator[None]:
    before = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(lock.git, "repository", return_value=None),
        mock.patch.object(lock, "versions", return_value=VERSIONS),
    ):
        os.chdir(folder)
        Path("card.toml").write_text(card, encoding="utf-8")
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
