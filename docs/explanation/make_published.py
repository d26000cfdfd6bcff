"""Write what the code of published.md prints into the page, and draw its figures.

``python docs/explanation/make_published.py`` runs the page's own code; the page's tests compare what it shows with what
is printed.
"""

import contextlib
import doctest
import io
import os
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = HERE / "published.md"
BLOCK = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FIGURES = {
    "peak": "peak",
    "sgd": "by_optimizer['sgd-m']",
    "onset": "onset",
    "emergence": "emergence",
    "bert": "batch['bert']",
    "pong": "pong",
    "nile": "nile",
}


def printed(source: str, scope: dict[str, Any], mode: str) -> str:
    """Run code of the page and return what it prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(source, str(PAGE), mode), scope)  # noqa: S102 - our own page
    return said.getvalue()


def current(block: str, scope: dict[str, Any]) -> str:
    """Return a block of an interactive session with its current output."""
    lines: list[str] = []
    for each in doctest.DocTestParser().get_examples(block):
        first, *rest = each.source.rstrip("\n").split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in rest)]
        lines += printed(each.source, scope, "single").rstrip("\n").split("\n") if each.source else []
    return "\n".join(line for line in lines if line) + "\n\n"


def main() -> None:
    """Run the page from top to bottom where the examples are."""
    os.chdir(ROOT)
    scope: dict[str, Any] = {}

    def run(found: re.Match[str]) -> str:
        language, text = found.groups()
        if language == "python":
            printed(text, scope, "exec")
            return found[0]
        return f"```pycon\n{current(text, scope)}```"

    PAGE.write_text(BLOCK.sub(run, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    draw(scope)


def draw(scope: dict[str, Any]) -> None:
    """Draw the figures of the verdicts that the page made."""
    from PIL import Image

    folder = HERE / "published"
    folder.mkdir(exist_ok=True)
    for name, verdict in FIGURES.items():
        buffer = io.BytesIO()
        eval(verdict, scope).plot().savefig(buffer, dpi=75)  # noqa: S307 - names of the page
        Image.open(buffer).convert("RGB").quantize(96).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
