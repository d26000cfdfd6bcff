"""The page on plans says what the committed results say, and predictions come true within their error."""

import importlib.util
import math
from pathlib import Path

import pytest

import sigstats as ss

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
# Probabilities of present that are known from elsewhere, without and with slopes that vary as much as the noise.
KNOWN = {
    "3 + 3 seeds, 8 levels": (0.67, 0.41),
    "4 + 3 seeds, 8 levels": (0.69, None),
    "3 + 4 seeds, 8 levels": (0.83, 0.54),
    "6 + 6 seeds, 4 levels": (0.90, 0.73),
    "8 + 8 seeds, 3 levels": (0.95, 0.84),
}


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_plan_page", VALIDITY / "make_plan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def share(make, fact, design, setting):
    rows = [row for row in make.read(make.FACTS) if row["fact"] == fact and row["design"] == design]
    return next(float(row["present"]) for row in rows if setting in row["setting"])


def test_the_page_is_made_from_the_results(make):
    """Making the page again changes nothing."""
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.renewed(page) == page


def test_known_facts_are_reproduced(make):
    """Probabilities of designs are those known from elsewhere, to .05; the next seed goes to the control."""
    for design, values in KNOWN.items():
        for value, setting in zip(values, ("do not vary", "as much as the noise"), strict=True):
            if value is not None:
                assert share(make, "seeds and levels", design, setting) == pytest.approx(value, abs=0.05)
    designs = [f"{each} seeds, 8 levels" for each in ("3 + 3", "3 + 4", "4 + 3")]
    base, control, treatment = (share(make, "seeds and levels", each, "do not") for each in designs)
    assert control - base > 3 * (treatment - base)


def test_fresh_seeds_win_while_seeds_vary_little(make):
    """Reused seeds win once the level of a seed varies more than the noise; at .7 sd they are about as good."""
    gaps = {}
    for sd in ("0", "0.35", "0.7", "1", "1.4"):
        designs = [f"3 + 3 seeds, 8 levels, {way}" for way in ("fresh", "reused")]
        fresh, reused = (share(make, "fresh or reused seeds", each, f"vary by {sd} sd") for each in designs)
        gaps[sd] = fresh - reused
    assert gaps["0"] > 0.1
    assert gaps["0.35"] > 0.05
    assert abs(gaps["0.7"]) < 0.06
    assert gaps["1.4"] < -0.1


def test_predictions_come_true(make):
    """Of at least 20 designs, predicted and realised shares differ by no more than chance explains."""
    rows = make.read(make.REALISED)
    assert len({row["design"] for row in rows}) >= 20
    open_rows = [row for row in rows if 0 < float(row["predicted"]) + float(row["realised"]) < 2]
    sizes = [abs(float(row["z"])) for row in open_rows]
    assert max(sizes) < 4.0
    beyond, n = sum(size > 1.96 for size in sizes), len(sizes)
    # Shares of one design hang together, so that the bound leaves room for that.
    assert beyond / n < 0.05 + 3.29 * math.sqrt(2 * 0.05 * 0.95 / n)


def test_pairing_pays_from_a_correlation_of_about_one_half(make):
    """Pairs cost degrees of freedom: without a correlation they lose, at .25 they are even, from .5 on they win."""
    gaps = {}
    for correlation in ("0", "0.25", "0.5", "0.75"):
        designs = [f"4 + 4 seeds, 8 levels, {way}" for way in ("paired", "not paired")]
        paired, apart = (share(make, "pairs", each, f"correlate by {correlation}") for each in designs)
        gaps[correlation] = paired - apart
    assert gaps["0"] < 0.0
    assert abs(gaps["0.25"]) < 0.04
    assert gaps["0.5"] > 0.03
    assert gaps["0.75"] > gaps["0.5"] + 0.03


MEASURED = (
    ("3 + 3 seeds, 8 levels", (3, 3), {}),
    ("4 + 3 seeds, 8 levels", (4, 3), {}),
    ("3 + 4 seeds, 8 levels", (3, 4), {}),
    ("3 + 3 seeds, 8 levels", (3, 3), {"slope_sd": 1.0}),
    ("8 + 8 seeds, 3 levels", (8, 8), {"slope_sd": 1.0}),
)


@pytest.mark.slow
@pytest.mark.parametrize(("design", "seeds", "noise"), MEASURED)
def test_committed_facts_are_what_plan_says_now(make, design, seeds, noise):
    """Other random numbers give the committed probabilities, within 3.3 standard errors."""
    claim = ss.Signature(shape="increasing", control="control")
    found = ss.plan(
        claim,
        noise={"sd": 1.0, **noise},
        seeds=dict(zip(("treatment", "control"), seeds, strict=True)),
        levels=int(design.split()[-2]),
        truths={"treatment": 4.0, "control": 0.0},
        budget=1e-9,
        replications=500,
        rng=77,
    )
    known = share(make, "seeds and levels", design, "as much" if noise else "do not")
    spread = math.sqrt(known * (1.0 - known) * (1 / 500 + 1 / 2000))
    assert found.prospect().design.probability == pytest.approx(known, abs=3.3 * spread)
