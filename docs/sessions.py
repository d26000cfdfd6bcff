"""Pages that tell of commands typed one after the other, in a folder whose data grow and whose card changes.

``python docs/sessions.py`` writes below the commands what they print. Clock and versions are set, so that no hash
changes. A line of three dots stands for what is left out, as in ``docs/commands.py``.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from sigstats.cards.lock import clock, lock
from sigstats.cli.main import main

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from commands import CUT, PROMPT, commands, cut  # noqa: E402 - beside this file

BLOCK = re.compile(r"(?<=^```text\n)(?P<text>\$ .*?)(?=^```$)", re.DOTALL | re.MULTILINE)
CARD = re.compile(r"^```toml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
RULE = "-" * 100
VERSIONS = {"sigstats": "0.1.0", "python": "3.12.0"}

Act = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A page, and before each of its commands, in order: what happens, and on which day the command is typed."""

    page: Path
    steps: Callable[[Sequence[str]], Sequence[tuple[Act, str]]]  # of the cards on the page


def write_card(text: str) -> None:
    """Write the card."""
    Path("card.toml").write_text(text, encoding="utf-8")


def change_card(old: str, new: str) -> None:
    """Change one line of the card."""
    text = Path("card.toml").read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{old!r} stands {text.count(old)} times on the card; it must stand there once.")
    write_card(text.replace(old, new))


def write_returns(n_seeds: int) -> None:
    """Write the returns of the first seeds, which rise with the number of mazes."""
    levels = (10, 30, 100, 300, 1000)
    rows = ["seed,mazes,return"]
    for seed in range(n_seeds):
        noise = np.random.default_rng([7, seed]).normal(0, 0.4, len(levels))
        rows += [f"{seed},{n},{2 + 0.45 * np.log(n) + e:.4f}" for n, e in zip(levels, noise, strict=True)]
    Path("sweep.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def write_accuracies(n_seeds: int) -> None:
    """Write the accuracies of the first seeds: they rise with crops, by 0.1, and not where images are repeated."""
    levels = (1, 2, 4, 8, 16)
    rows = ["images,seed,crops,shifted_accuracy"]
    for number, (images, rise) in enumerate((("cropped", 0.1), ("repeated", 0.0))):
        for seed in range(n_seeds):
            rng = np.random.default_rng([20260302, number, seed])
            slope = rise + rng.normal(0, 0.015)
            for level in levels:
                share = np.log(level) / np.log(levels[-1])
                accuracy = 0.62 + slope * share + rng.normal(0, 0.025)
                rows.append(f"{images},{seed},{level},{accuracy:.4f}")
    Path("sweep.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def nothing() -> None:
    """Let a command follow at once."""


def locking(cards: Sequence[str]) -> Sequence[tuple[Act, str]]:
    """Return what happens on the page about locks."""
    return (
        (lambda: write_card(cards[0]), "2026-03-02"),
        (lambda: write_returns(3), "2026-03-09"),
        (lambda: write_returns(5), "2026-03-16"),
        (lambda: change_card("min_effect = 1.0", "min_effect = 0.5"), "2026-03-17"),
        (nothing, "2026-03-18"),
        (nothing, "2026-03-18"),
        (nothing, "2026-03-19"),
    )


def from_idea_to_answer(cards: Sequence[str]) -> Sequence[tuple[Act, str]]:
    """Return what happens on the page that leads from an idea to an answer."""
    return (
        (nothing, "2026-03-02"),
        (nothing, "2026-03-02"),
        (lambda: write_card(cards[0]), "2026-03-02"),
        (nothing, "2026-03-02"),
        (lambda: change_card("seeds = 3", "looks = [4, 8]"), "2026-03-03"),
        (nothing, "2026-03-03"),
        (nothing, "2026-03-03"),
        (lambda: write_accuracies(4), "2026-03-16"),
        (lambda: write_accuracies(8), "2026-03-30"),
    )


SESSIONS = (
    Session(page=HERE / "howto" / "lock.md", steps=locking),
    Session(page=HERE / "walkthrough.md", steps=from_idea_to_answer),
)


def refreshed(session: Session, text: str) -> str:
    """Return the text of a page with the output that its commands have now."""
    steps = iter(session.steps(CARD.findall(text)))
    with _folder():
        found = BLOCK.sub(lambda block: _block(block["text"], steps), text)
    if next(steps, None) is not None:
        raise ValueError(f"{session.page.name} has fewer commands than its session has steps.")
    return found


def _block(text: str, steps: Iterator[tuple[Act, str]]) -> str:
    lines = []
    for command, shown in commands(text):
        printed = _printed(command, *next(steps))
        lines += [f"{PROMPT}{command}", *(_standing(printed) if RULE in shown[:2] else cut(printed, shown))]
    return "".join(f"{line}\n" for line in lines)


def _standing(printed: str) -> list[str]:
    """Return the part between two rules that says how an answer stands to the lock."""
    return [CUT, RULE, *printed.split(f"{RULE}\n")[1].splitlines(), CUT]


def _printed(command: str, act: Act, day: str) -> str:
    act()
    out = io.StringIO()
    with mock.patch.object(clock, "now", return_value=f"{day}T09:30:00Z"), contextlib.redirect_stdout(out):
        main(shlex.split(command)[1:])
    return out.getvalue()


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    before = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(lock.git, "repository", return_value=None),
        mock.patch.object(lock, "versions", return_value=VERSIONS),
    ):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    for each in SESSIONS:
        each.page.write_text(refreshed(each, each.page.read_text(encoding="utf-8")), encoding="utf-8")
