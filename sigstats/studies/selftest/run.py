"""All checks, one after the other."""

import functools
from collections.abc import Callable, Iterator

from sigstats.studies.selftest.check import Check, failure
from sigstats.studies.selftest.known import cases, known_answers
from sigstats.studies.selftest.ranks import calibrated_ranks
from sigstats.studies.selftest.rates import clear_effect, equal_results, moderate_effect, no_effect

Part = Callable[[], Iterator[Check]]


def parts() -> dict[str, Part]:
    """Return what is checked, by name; one that fails does not keep the others from running."""
    known: dict[str, Part] = {case["name"]: functools.partial(known_answers, case) for case in cases()}
    return known | {
        "posteriors of simulated tables": functools.partial(calibrated_ranks, 150),
        "sweeps without an effect": functools.partial(no_effect, 400),
        "sweeps with a moderate effect": functools.partial(moderate_effect, 300),
        "sweeps with a clear effect": functools.partial(clear_effect, 200),
        "equal results": functools.partial(equal_results, 100),
    }


def checks() -> Iterator[Check]:
    """Yield every check as soon as it is made; an error in one is a check that failed, with the error told."""
    for name, part in parts().items():
        try:
            yield from part()
        except Exception as error:  # noqa: BLE001 - a broken installation can raise anything
            yield failure(name, error)
