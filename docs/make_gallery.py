"""Write the current verdicts into gallery.md: ``python docs/make_gallery.py``.

A mark names a card in the examples and a signature on it, or a verdict that the code of published.md makes. A test
fails while the page shows another verdict.
"""

import os
import re
import runpy
from pathlib import Path
from typing import Any

import sigstats as ss

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "gallery.md"
MARK = re.compile(r"<!-- verdict: (?P<case>\w+) \| (?P<name>.+?) -->\n(?:\*\*.*?\*\*\n)?", re.DOTALL)


def published() -> dict[str, Any]:
    """Return the names that the code of published.md defines."""
    page = runpy.run_path(str(ROOT / "docs" / "explanation" / "make_published.py"))
    scope: dict[str, Any] = {}
    for language, text in page["BLOCK"].findall(page["PAGE"].read_text(encoding="utf-8")):
        if language == "python":
            page["printed"](text, scope, "exec")
    return scope


def on_card(case: str, name: str) -> ss.Verdict:
    """Return the verdict on a signature of an example."""
    card = ss.Card.from_toml(ROOT / "examples" / case / "card.toml")
    (signature,) = [each for each in card.signatures if each.name == name]
    return ss.detect(card.sweep(signature), signature)


def refreshed(text: str) -> str:
    """Return the page with the current verdict under each mark."""
    scope = published()

    def current(found: re.Match[str]) -> str:
        case, name = found["case"], found["name"]
        verdict = eval(name, scope) if case == "published" else on_card(case, name)  # noqa: S307 - our own page
        return f"<!-- verdict: {case} | {name} -->\n**{verdict}**\n"

    return MARK.sub(current, text)


def main() -> None:
    """Rewrite the page."""
    os.chdir(ROOT)
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
