"""The promise, measured again: a small version of the run behind the validity page."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
REPLICATIONS = 2000


def _script(name: str):
    sys.path.insert(0, str(HERE))
    try:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(HERE))
    return module


CELLS = {cell.name: cell for cell in _script("validity").CELLS}


def _most(rate: float, replications: int) -> float:
    """Return the largest share that chance explains, once in a thousand."""
    return rate + 3.29 * np.sqrt(rate * (1.0 - rate) / replications)


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [3, 5])
@pytest.mark.parametrize("name", [cell.name for cell in CELLS.values() if cell.kind == "promise"])
def test_no_statement_is_false_more_often_than_promised(name, n_seeds):
    """The worst statement of a cell is false in at most 5 % of the sweeps, within Monte Carlo error."""
    from sigstats.studies.simulation.calibration import calibrate

    plan, signature = CELLS[name].at(n_seeds)
    result = calibrate(plan, signature=signature, replications=REPLICATIONS, n_jobs=2, rng=77)
    assert result.worst_statement <= _most(0.05, REPLICATIONS), result.table()


@pytest.mark.rates
@pytest.mark.parametrize("name", ["iid", "control at half", "plateau"])
def test_the_promise_holds_in_a_few_hundred_sweeps(name):
    """A quick look at three cells, wide enough for chance and narrow enough for a gross error."""
    from sigstats.studies.simulation.calibration import calibrate

    plan, signature = CELLS[name].at(5)
    result = calibrate(plan, signature=signature, replications=400, rng=78)
    assert result.worst_statement <= _most(0.05, 400)


@pytest.mark.rates
def test_the_measure_notices_a_test_that_is_too_bold():
    """Asking at alpha = 0.2 what was promised at 0.05 is caught."""
    from dataclasses import replace

    from sigstats.studies.simulation.calibration import calibrate

    plan, signature = CELLS["iid"].at(5)
    result = calibrate(plan, signature=replace(signature, alpha=0.2), replications=400, rng=78)
    assert result.worst_statement > _most(0.05, 400)


@pytest.mark.long
def test_every_cell_can_be_simulated_and_judged():
    """Each cell's plan and claim fit together, at the smallest and a large number of seeds."""
    from sigstats.detection import detect

    for cell in CELLS.values():
        for n_seeds in (3, 20):
            plan, signature = cell.at(n_seeds)
            verdict = detect(plan.simulate(np.random.default_rng(1)), signature)
            assert verdict.status in ("present", "absent", "partial", "inconclusive"), cell.name
