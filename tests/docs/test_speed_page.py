"""The page on speed says what the committed times say."""

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "explanation"


def test_the_page_is_made_from_the_times():
    """Making the page again changes nothing."""
    spec = importlib.util.spec_from_file_location("make_speed_page", FOLDER / "make_speed.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    page = (FOLDER / "speed.md").read_text(encoding="utf-8")
    assert make.refreshed(page) == page
