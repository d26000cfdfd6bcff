"""Sweeps, and analyses of them under some of the default choices, for tests of robustness."""

import numpy as np

from sigstats import Signature, SweepTable, detect
from sigstats.studies.robustness import multiverse
from sigstats.studies.robustness.choices import default_choices

LEVELS = np.array([1.0, 2.0, 3.0, 6.0, 9.0, 20.0])
RISES = Signature(shape="increasing", design="repeated")


def sweep(n_seeds=5, *, effect=2.0, levels=LEVELS, sd=0.3, conditions=("treatment",), entropy=1):
    rng = np.random.default_rng(entropy)
    x = np.linspace(0.0, 1.0, len(levels))
    cells = {
        name: 10.0 + (0.0 if name == "control" else effect) * x + rng.normal(0.0, sd, (n_seeds, len(levels)))
        for name in conditions
    }
    return SweepTable.from_matrices(levels, cells)


def chosen(table, signature, **names):
    """Return default choices by name, with some options each; True means all of them."""
    found = [each for each in default_choices(table, signature) if each.name in names]
    return [each if names[each.name] is True else each.only(*names[each.name]) for each in found]


def analysed(table, signature, choices, *, n_jobs=1):
    planned, pruned = multiverse.plan(table, signature, choices)
    return multiverse.run(planned, pruned, choices, detect(table, signature), n_jobs=n_jobs)


def names_of(table, signature):
    return {each.name: [option.name for option in each.options] for each in default_choices(table, signature)}
