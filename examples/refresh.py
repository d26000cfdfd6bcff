"""Write the current output of every example into the pages that show it, and run every example's script.

Run it after a change that alters what a verdict says: ``python examples/refresh.py``. A test fails while a
page shows output that is not current.
"""

import re
import runpy
from pathlib import Path

import sigstats as ss

EXAMPLES = Path(__file__).parent
MARK = re.compile(r"<!-- output: (?P<name>\w+) -->\n```text\n(?P<text>.*?)```\n", re.DOTALL)
ROOT = EXAMPLES.parent
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "tutorial.md",
    *sorted(card.parent / "README.md" for card in EXAMPLES.glob("*/card.toml")),
)


def output(name: str) -> str:
    """Return what is shown of an example: the answers and their numbers, and the sentence on the idea."""
    found = ss.Card.from_toml(EXAMPLES / name / "card.toml").check()
    paragraphs = 3 if len(found.verdicts) == 1 else 1
    shown = ["\n\n".join(each.summary(full=True).split("\n\n")[:paragraphs]) for each in found.verdicts]
    sentence = found.summary(full=True).split("\n\n")[-1]
    return "\n\n".join([f"$ sigstats check examples/{name}/card.toml", *shown, "...", sentence]) + "\n"


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
