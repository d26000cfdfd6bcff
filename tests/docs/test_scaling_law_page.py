"""The page on scaling laws shows what was measured."""

import importlib.util
from pathlib import Path

VALIDITY = Path(__file__).parents[2] / "docs" / "validity"


def maker():
    """Return the script that makes the page."""
    spec = importlib.util.spec_from_file_location("make_scaling_law_page", VALIDITY / "make_scaling_law.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_committed_results():
    """Tables are those that the script makes."""
    make = maker()
    assert make.PAGE.read_text(encoding="utf-8") == make.page()


def test_what_is_no_law_is_rarely_present():
    """At most .05, with the room that chance needs in 500 tables."""
    make = maker()
    rates = [float(row["present"]) for row in make.read(make.RATES) if "a law" not in row["truth"]]
    assert max(rates) <= 0.082


def test_a_law_is_rarely_refuted():
    """At most .05, with the same room."""
    make = maker()
    rates = [float(row["partial"]) for row in make.read(make.RATES) if row["truth"].startswith("a law")]
    assert max(rates) <= 0.082


def test_intervals_cover():
    """90 % intervals of exponent and floor hold the truth in .85 of fits at least."""
    make = maker()
    for row in make.read(make.COVERAGE):
        assert float(row["exponent_covered"]) > 0.85
        assert float(row["floor_covered"]) > 0.85


def test_intervals_of_differences_cover():
    """90 % intervals of how two laws differ hold the truth in .85 of the pairs at least."""
    make = maker()
    rows = make.read(make.DIFFERENCES)
    assert len(rows) == 8
    for row in rows:
        assert min(float(row["exponent_covered"]), float(row["ratio_covered"])) > 0.85, row
