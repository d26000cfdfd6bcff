"""Tables in the documentation that are made from the code that decides.

``python docs/tables.py`` writes them into their pages; a test fails while a page differs from the code.
"""

from pathlib import Path

from sigstats.verdict import RULES

PAGE = Path(__file__).parent / "explanation" / "verdict.md"
START, END = "<!-- verdict table: start -->\n", "<!-- verdict table: end -->\n"


def verdict_table() -> str:
    """Return the table of rules as Markdown."""
    head = "| # | when | status | reason |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {rule.number} | {rule.when} | {rule.status} | {rule.says} |\n" for rule in RULES
    )


def refreshed(page: str) -> str:
    """Return the page with the current table between its marks."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}{verdict_table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
