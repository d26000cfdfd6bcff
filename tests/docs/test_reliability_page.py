"""The page on reliability says what the committed counts say."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs" / "reliability" / "make.py"


def test_the_page_is_made_from_the_counts():
    spec = importlib.util.spec_from_file_location("make_reliability_page", SCRIPT)
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    page = make.PAGE.read_text(encoding="utf-8")
    assert make.refreshed(page) == page
