"""The page on other tools says what the committed results say."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def make():
    """The script that makes the tables."""
    return script(ROOT / "docs" / "validity" / "make_other_tools.py")


def test_the_page_is_made_from_the_results(make):
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page, "run: python docs/validity/make_other_tools.py"


def test_the_tools_of_this_package_keep_the_promise_there_too(make):
    """What is measured of others beside it is measured of sigstats on the same tables."""
    own = [row for row in make.read() if row["package"] == "sigstats"]
    assert len(own) == 5
    for row in own:
        assert float(row["no_effect"]) <= 0.05 + 3.29 * (0.05 * 0.95 / int(row["replications"])) ** 0.5, row


def test_what_the_page_says_of_others_is_what_was_measured(make):
    """Each sentence that names a tool as erring has a row that shows it."""
    rates = {(row["tool"], row["world"]): float(row["no_effect"]) for row in make.read()}
    for tool in ("line_of_rows", "line_of_means", "spearman_of_rows", "mann_kendall_of_means", "page"):
        assert rates[tool, "seeds differ mostly in slope"] > 0.08, tool
    assert rates["t_of_slopes", "seeds differ mostly in slope"] < 0.075
    assert rates["mann_whitney", "equal spread"] < 0.075
