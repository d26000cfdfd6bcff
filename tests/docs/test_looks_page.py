"""The pages on planned looks say what the committed results say, and these keep the promise."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"
ALPHA = 0.05
# What Welch's test adds where one side's noise is much the larger.
WELCH = 0.052


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    spec = importlib.util.spec_from_file_location("make_looks_page", VALIDITY / "make_looks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def most(rate, tables):
    """Return the largest share that chance explains, once in a thousand."""
    return rate + 3.29 * np.sqrt(rate * (1.0 - rate) / int(tables))


@pytest.mark.long
def test_the_pages_are_made_from_the_results(make):
    for path in make.PAGES:
        page = path.read_text(encoding="utf-8")
        assert make.refreshed(page) == page


def test_no_statement_is_false_more_often_than_promised_over_all_looks(make):
    rows = make.read(make.VERDICTS)
    assert {row["noise"] for row in rows} == {"iid", "random slopes", "AR(0.9)"}
    assert min(int(row["tables"]) for row in rows) >= 2000
    for row in rows:
        if row["truth"] != "at residual sd":
            assert float(row["error"]) <= most(ALPHA, row["tables"]), row


def test_an_estimated_margin_errs_no_more_over_looks_than_at_one(make):
    rows = [row for row in make.read(make.VERDICTS) if row["truth"] == "at residual sd"]
    for noise in ("iid", "random slopes", "AR(0.9)"):
        mine = [row for row in rows if row["noise"] == noise]
        single = max(float(row["error"]) for row in mine if " " not in row["looks"])
        assert all(float(row["error"]) <= most(single, row["tables"]) for row in mine)


def test_neither_does_any_statistic_behind_them(make):
    rows = make.read(make.LAW)
    assert len({row["looks"] for row in rows}) == 5
    for row in rows:
        promised = WELCH if row["kind"] == "Welch" else ALPHA
        assert float(row["error"]) <= most(promised, row["tables"]), row


def test_looks_without_a_plan_err_twice_as_often(make):
    naive = [
        float(row["naive"]) for row in make.read(make.LAW) if row["kind"] == "t" and row["looks"] == "3 5 8"
    ]
    assert naive == pytest.approx([0.107] * 3, abs=0.004)


def test_the_eprocess_has_its_price(make):
    rows = [row for row in make.read(make.POWER) if float(row["effect"]) == 2.0]
    found = {(row["method"], row["seeds"]): row["power"] for row in rows}
    assert [float(found["e-process", n]) for n in ("3", "5", "10")] == pytest.approx(
        [0.09, 0.64, 0.99], abs=0.03
    )
    assert [float(found["one test", n]) for n in ("3", "5", "10")] == pytest.approx(
        [0.71, 0.98, 1.0], abs=0.02
    )
