"""Pages in a real browser: no error, nothing fetched from outside, nothing cut on a phone, light and dark."""

import os
from pathlib import Path

import pytest
from sigstats_browser import WIDTHS

import sigstats as ss

pytestmark = pytest.mark.browser
DOCS = Path(os.environ.get("SIGSTATS_DOCS", Path(__file__).parents[2] / "docs" / "_build" / "html"))
PAGES = ("index.html", "tutorial.html", "howto/compare.html", "reference/index.html")


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return pages of reports by name, with names that are long and numbers that are wide."""
    folder = tmp_path_factory.mktemp("reports")
    sizes = {
        "a transformer with attention over the whole prompt": 5.0,
        "the_recurrent_network_without_gates": 0.0,
    }
    sweep = ss.simulate_sweep(sizes, n_seeds=4, rng=1)
    verdict = ss.detect(sweep, shape="increasing", control="the_recurrent_network_without_gates")
    card = ss.Card.from_toml(Path(__file__).parents[2] / "examples" / "lr_sweep" / "card.toml")
    pages = {"verdict": verdict, "card": card.check(), "slopes": ss.hierarchical_slopes(sweep)}
    for name, found in pages.items():
        (folder / f"{name}.html").write_text(found.to_html(), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["verdict", "card", "slopes"])
def test_a_report_reads_at_every_width(browser, reports, name):
    browser.open((reports / f"{name}.html").as_uri())
    seen = set()
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            browser.show(width, scheme)
            assert browser.overflow()[0] <= 0, (width, browser.overflow()[1])
            browser.picture(f"{name}-{scheme}-{width}")
        seen.add(browser.colours())
    assert len(seen) == 2
    assert (browser.complaints(), browser.outside()) == ([], [])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_documentation_reads_at_every_width(browser, page):
    if not (DOCS / page).is_file():
        pytest.skip(f"{page} is not built in {DOCS}; run .ci/docs, or set SIGSTATS_DOCS")
    browser.open((DOCS / page).as_uri())
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            browser.show(width, scheme)
            assert browser.overflow()[0] <= 0, (width, browser.overflow()[1])
            browser.picture(f"docs-{Path(page).stem}-{scheme}-{width}")
    assert (browser.complaints(), browser.outside()) == ([], [])
