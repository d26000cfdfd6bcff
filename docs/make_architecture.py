"""Draw the rooms of the package and the imports between them: ``python docs/make_architecture.py``.

The picture is measured from the source files at every call. Every arrow points down, since a file imports only from
its own room or from rooms below it. An arrow is left out where a longer way leads to the same room.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt

import sigstats

SOURCE = Path(sigstats.__file__).parent
PICTURE = Path(__file__).with_name("architecture.png")
FLOORS = (
    ("cli",),
    ("sigstats",),
    ("studies",),
    ("detection",),
    ("verdict",),
    ("evidence", "report"),
    ("signature",),
    ("shapes", "data"),
    ("priors",),
    ("stats",),
    ("errors",),
)
SAYS = {
    "cli": "sigstats check, robust, runs, new",
    "sigstats": "public names",
    "studies": "robustness, slopes, simulation",
    "detection": "detect(): the file to read first",
    "verdict": "criteria, rules, words, figure",
    "evidence": "numbers for one signature",
    "report": "renders any Document",
    "signature": "Signature and Card",
    "shapes": "one class per shape",
    "data": "tables and logs in",
    "priors": "priors for users",
    "stats": "arrays in, frozen results out",
    "errors": "what may be raised",
}


def room(path: Path) -> str:
    """Return the first part of a file's place in the package."""
    first = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return "sigstats" if first == "__init__" else first


def imported(path: Path) -> Iterator[str]:
    """Yield the rooms from which a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sigstats"):
            parts = (node.module or "").split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]


def arrows() -> set[tuple[str, str]]:
    """Return the pairs of rooms of which the first imports from the second."""
    rooms = {name for floor in FLOORS for name in floor}
    pairs = {(room(path), other) for path in SOURCE.rglob("*.py") for other in imported(path)}
    return {(one, other) for one, other in pairs if one != other and {one, other} <= rooms}


def without_shortcuts(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the arrows that no longer way replaces."""

    def below(name: str) -> set[str]:
        return {far for one, other in pairs if one == name for far in {other, *below(other)}}

    return {
        (one, other)
        for one, other in pairs
        if not any(other in below(between) for first, between in pairs if first == one)
    }


def main() -> None:
    """Write the picture."""
    places = {}
    figure, axes = plt.subplots(figsize=(6.8, 7.0))
    for number, floor in enumerate(FLOORS):
        for position, name in enumerate(floor):
            places[name] = (position - (len(floor) - 1) / 2) * 3.4, -float(number)
    for upper, lower in sorted(without_shortcuts(arrows())):
        (x0, y0), (x1, y1) = places[upper], places[lower]
        bend = 0.0 if x0 != x1 or abs(y0 - y1) <= 1 else 0.28
        axes.annotate(
            "",
            (x1, y1 + 0.27),
            (x0, y0 - 0.27),
            arrowprops={
                "arrowstyle": "-|>",
                "color": "#7b8794",
                "lw": 1.1,
                "connectionstyle": f"arc3,rad={bend}",
            },
            zorder=1,
        )
    for name, (x, y) in places.items():
        axes.text(
            x, y + 0.08, name, ha="center", va="center", weight="bold", fontsize=9, zorder=3, color="#1b2733"
        )
        axes.text(x, y - 0.13, SAYS[name], ha="center", va="center", fontsize=6.5, zorder=3, color="#465462")
        axes.add_patch(
            plt.Rectangle((x - 1.5, y - 0.27), 3.0, 0.54, fc="#eef2f6", ec="#7b8794", lw=0.8, zorder=2)
        )
    axes.set_xlim(-4, 4)
    axes.set_ylim(-len(FLOORS) + 0.5, 0.5)
    axes.axis("off")
    figure.savefig(PICTURE, dpi=150, bbox_inches="tight", metadata={"Software": None})


if __name__ == "__main__":
    main()
