"""What a notebook shows of data: what it is, a small table, and what was done to it."""

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 12


def fragment(title: str, frame: "pd.DataFrame", notes: Iterable[object]) -> str:
    """Return a title, a table that scrolls by itself where the page is narrow, and folded notes."""
    table = frame.to_html(index=False, border=0, max_rows=MOST_ROWS, escape=True)
    items = "".join(f"<li>{html.escape(str(note))}</li>" for note in notes)
    folded = f"<details><summary>Notes</summary><ul>{items}</ul></details>" if items else ""
    return (
        f'<div style="max-width: 62rem; line-height: 1.45;"><p style="overflow-wrap: anywhere;">'
        f'<strong>{html.escape(title)}</strong></p><div style="overflow-x: auto;">{table}</div>{folded}</div>'
    )
