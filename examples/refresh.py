"""Write the current output of every example into the pages that show it, and run every example's script.

Run it after a change that alters what a verdict says: ``python examples/refresh.py``. A test fails while a
page shows output that is not current.
"""

import contextlib
import io
import re
import runpy
from pathlib import Path

from sigstats.cli.main import main as main_of_command

EXAMPLES = Path(__file__).parent
MARK = re.compile(r"<!-- output: (?P<name>\w+) -->\n```text\n(?P<text>.*?)```\n", re.DOTALL)
ROOT = EXAMPLES.parent
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "tutorial.md",
    *sorted(card.parent / "README.md" for card in EXAMPLES.glob("*/card.toml")),
)


def output(name: str) -> str:
    """Return what the command prints of an example."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        main_of_command(["check", str(EXAMPLES / name / "card.toml")])
    return f"$ sigstats check examples/{name}/card.toml\n\n{said.getvalue().strip()}\n"


def refreshed(text: str) -> str:
    """Return a page with the current output in each of its blocks."""
    return MARK.sub(
        lambda found: f"<!-- output: {found['name']} -->\n```text\n{output(found['name'])}```\n", text
    )


def main() -> None:
    """Rewrite every page and every figure."""
    for page in PAGES:
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
    for script in sorted(EXAMPLES.glob("*/analyse.py")):
        runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
