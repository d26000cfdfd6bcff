"""The check of the built documentation finds what it is for."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def check():
    """The script, loaded as a module."""
    spec = importlib.util.spec_from_file_location("check_html", ROOT / "docs" / "check_html.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOOD = '<html lang="en"><h1 id="top">One</h1><h2>Two</h2><img src="a.png" alt="a rise"><a href="#top">up</a></html>'


def pages(check, tmp_path, text):
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = check.read(tmp_path / "page.html")
    return [*check.of_page("page.html", page), *check.broken(tmp_path, {"page.html": page})]


def test_a_good_page_has_nothing_wrong(check, tmp_path):
    assert pages(check, tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (' alt="a rise"', "", "no alternative text"),
        ("h2", "h3", "level 3 follows one of level 1"),
        ("h1", "h2", "not one heading of the first level"),
        (' lang="en"', "", "language"),
        (">up<", "><", "a link has no name"),
        ('href="#top"', 'href="other.html"', "leads nowhere"),
        ('href="#top"', 'href="#bottom"', "no place on its page"),
        ('src="a.png"', 'src="https://example.org/a.png"', "loaded from elsewhere"),
        ("<h2>", '<input type="search"><h2>', "a field has no label"),
        ("<h2>", "<button></button><h2>", "a button has no name"),
    ],
)
def test_what_is_wrong_is_named(check, tmp_path, good, bad, said):
    (found, *_) = pages(check, tmp_path, GOOD.replace(good, bad))
    assert said in found


def test_contrast_is_that_of_the_guidelines(check):
    """Black on white has 21, the most there is; #767676 on white is the lightest grey that passes (WCAG 2.2)."""
    assert check.contrast("#000", "#ffffff") == pytest.approx(21)
    assert check.contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)
    assert check.contrast("#777777", "#fff") < check.LEAST_CONTRAST


def test_images_in_the_sources_have_an_alternative_text():
    """Pages that are read in a repository are never built."""
    import re

    sources = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*/README.md")]
    images = [
        (path.name, alt, target)
        for path in sources
        if "_build" not in path.parts
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    ]
    assert len(images) > 40
    assert [each for each in images if len(each[1].split()) < 3] == []
