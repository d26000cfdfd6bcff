"""Make the tables and the figure of the confusion page from the committed results.

``python docs/validity/make_confusion.py`` rewrites what stands between the marks of confusion.md, and confusion.png; a
test fails while the page differs from the results.
"""

import csv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "confusion.md"
FIGURE = HERE / "confusion.png"
LOG = "power_law"
Row = dict[str, str]


def read() -> list[Row]:
    """Return the rows of the results file."""
    with (HERE / "confusion.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def chosen(amplitude: str, n_seeds: str, *, control: str = "none", log: bool = False) -> list[Row]:
    """Return the rows of one matrix."""
    return [
        row
        for row in read()
        if (row["amplitude"], row["n_seeds"], row["control"]) == (amplitude, n_seeds, control)
        and row["declared"].startswith(LOG) == log
    ]


def _rate(text: str) -> str:
    """Return a rate with two digits and without its leading zero, as in .05."""
    value = f"{float(text):.2f}"
    return value.removeprefix("0")


def _cell(row: Row) -> str:
    mark = {"yes": "**{}**", "but tolerated": "*{}*", "no": "{}"}[row["holds"]]
    return mark.format(_rate(row["present"]))


def _unique(rows: list[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))


def matrix(rows: list[Row]) -> str:
    """Return P(present), declared shapes down and true shapes across, as Markdown."""
    if not rows:
        return ""
    truths = _unique(rows, "truth")
    by = {(row["declared"], row["truth"]): row for row in rows}
    lines = [["declared", *truths], ["---"] * (1 + len(truths))]
    for declared in _unique(rows, "declared"):
        found = [by.get((declared, truth)) for truth in truths]
        lines.append([declared, *(_cell(row) if row else "" for row in found)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def matrices(amplitude: str, *, control: str = "none", log: bool = False) -> str:
    """Return one matrix for each number of seeds."""
    numbers = sorted({int(row["n_seeds"]) for row in read()})
    parts = [(number, matrix(chosen(amplitude, str(number), control=control, log=log))) for number in numbers]
    return "\n".join(f"{number} seeds:\n\n{table}" for number, table in parts if table)


def excess() -> str:
    """Return the cells in which a false claim was called present, or any statement was false, in more than 5 %."""
    body = [
        [
            row["declared"],
            row["truth"],
            row["control"],
            row["n_seeds"],
            row["amplitude"],
            _rate(row["present"]) if row["holds"] == "no" else "",
            _rate(row["worst_statement"]),
            row["replications"],
        ]
        for row in read()
        if (row["holds"] == "no" and float(row["present"]) > 0.05) or float(row["worst_statement"]) > 0.05
    ]
    heads = [
        "declared",
        "truth",
        "control",
        "seeds",
        "amplitude",
        "falsely present",
        "worst statement",
        "sweeps",
    ]
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def answers() -> str:
    """Return what else was said where the declared shape is false, at 5 seeds: shares of the four statuses."""
    rows = [row for row in chosen("8", "5") if row["holds"] == "no"]
    statuses = ("present", "absent", "partial", "inconclusive")
    lines = [["declared", *statuses], ["---"] * 5]
    for declared in _unique(rows, "declared"):
        found = [row for row in rows if row["declared"] == declared]
        means = (sum(float(row[status]) for row in found) / len(found) for status in statuses)
        lines.append([declared, *(_rate(str(mean)) for mean in means)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "amplitude 8": lambda: matrices("8"),
    "amplitude 16": lambda: matrices("16"),
    "answers": answers,
    "control": lambda: matrices("8", control="no effect"),
    "power laws": lambda: matrices("8", log=True),
    "scaling laws": lambda: matrices("64"),
    "excess": excess,
}


def refreshed(page: str) -> str:
    """Return the page with current tables between its marks."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = page.split(start)
        _, after = rest.split(end)
        page = f"{before}{start}{make()}{end}{after}"
    return page


def figure() -> None:
    """Draw P(present) for declared and true shapes, one panel per number of seeds; frames mark true claims."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from PIL import Image

    drawn = Figure(figsize=(13.0, 5.2), dpi=90, layout="constrained")
    FigureCanvasAgg(drawn)
    panels = drawn.subplots(1, 3, sharey=True)
    for axes, number in zip(panels, ("3", "5", "10"), strict=True):
        rows = chosen("8", number)
        truths, declared = _unique(rows, "truth"), _unique(rows, "declared")
        by = {(row["declared"], row["truth"]): row for row in rows}
        values = [[float(by[shape, truth]["present"]) for truth in truths] for shape in declared]
        axes.imshow(values, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        axes.set_xticks(
            range(len(truths)), truths, rotation=55, ha="right", rotation_mode="anchor", fontsize=9
        )
        axes.set_yticks(range(len(declared)), declared, fontsize=9)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(f"{number} seeds", fontsize=11, loc="left")
        for line, shape in enumerate(declared):
            for place, truth in enumerate(truths):
                row, value = by[shape, truth], values[line][place]
                colour = "white" if value > 0.6 else "#333333"
                axes.text(
                    place, line, _rate(row["present"]), ha="center", va="center", fontsize=7.5, color=colour
                )
                if row["holds"] != "no":
                    style = "-" if row["holds"] == "yes" else ":"
                    frame = Rectangle(
                        (place - 0.46, line - 0.46), 0.92, 0.92, fill=False, lw=1.6, ls=style, ec="#d06000"
                    )
                    axes.add_patch(frame)
    panels[0].set_ylabel("declared")
    drawn.supxlabel("true mean curve, 8 noise standard deviations high", fontsize=10)
    buffer = io.BytesIO()
    drawn.savefig(buffer)
    Image.open(buffer).convert("RGB").quantize(96).save(FIGURE, optimize=True)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    figure()
