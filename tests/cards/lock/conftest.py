"""A card, its data and a clock that tests set."""

import numpy as np
import pandas as pd
import pytest

from sigstats.cards.card import Card
from sigstats.cards.lock import clock, lock
from sigstats.cli.main import main

CARD = """
[idea]
name = "steps help"
claim = "More steps give a higher score."

[[signature]]
name = "rises"
data = "sweep.csv"
knob = "steps"
metric = "score"
seed = "run"
shape = "increasing"
min_effect = 0.5
"""
OTHER = """
[idea]
name = "width hurts"

[[signature]]
name = "falls"
knob = "steps"
metric = "score"
seed = "run"
shape = "decreasing"
"""


class Place:
    """A folder with a card, its lock and its data."""

    CARD, OTHER = CARD, OTHER

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        self.card_file, self.lock_file = folder / "card.toml", folder / "card.toml.lock"

    def write(self, text=CARD):
        self.card_file.write_text(text)
        return self.card()

    def edit(self, old, new):
        text = self.card_file.read_text()
        assert old in text
        return self.write(text.replace(old, new))

    def card(self):
        return Card.from_toml(self.card_file)

    def data(self, n_seeds=4, *, slope=1.0, first=0, entropy=1, name="sweep.csv"):
        """Write a sweep; the values of a seed do not depend on how many there are."""
        rows = [
            (seed, step, slope * step + np.random.default_rng([entropy, seed, step]).normal(0, 0.3))
            for seed in range(first, first + n_seeds)
            for step in range(6)
        ]
        pd.DataFrame(rows, columns=["run", "steps", "score"]).to_csv(self.folder / name, index=False)

    def lines(self):
        return self.lock_file.read_text().splitlines()

    def write_lines(self, lines):
        self.lock_file.write_text("".join(f"{line}\n" for line in lines))

    def run(self, *arguments):
        code = main([str(each) for each in arguments])
        return code, *self.capsys.readouterr()


@pytest.fixture
def time(monkeypatch):
    """Set the clock: a function that takes a time."""
    state = {"now": "2020-01-01T08:00:00Z"}
    monkeypatch.setattr(clock, "now", lambda: state["now"])
    return lambda stamp: state.update(now=stamp)


@pytest.fixture
def place(tmp_path, monkeypatch, capsys, time):
    """Return a folder with a card, in which the clock stands at the start of 2020."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lock.git, "repository", lambda _: None)
    made = Place(tmp_path, capsys)
    made.write()
    return made
