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
ROOMS = {  # where each stands in the picture, and what it holds
    "cli": (-2.0, 0.0, "new, lint, plan, lock, check, robust ..."),
    "sigstats": (2.0, -0.2, "public names"),
    "cards": (0.0, -1.1, "whole cards: lint, lock, the idea"),
    "studies": (0.0, -1.95, "robustness, slopes, plans ..."),
    "detection": (0.0, -2.7, "detect(): the file to read first"),
    "verdict": (0.0, -3.4, "criteria, rules, words, figure"),
    "evidence": (-1.9, -4.4, "numbers for one signature"),
    "report": (2.0, -4.4, "renders any Document"),
    "signature": (-1.9, -5.4, "Signature and Idea"),
    "shapes": (-3.8, -6.4, "one class per shape"),
    "data": (-0.2, -6.4, "tables and logs in"),
    "priors": (5.2, -6.4, "priors for users"),
    "stats": (2.3, -7.4, "arrays in, frozen results out"),
    "errors": (-0.5, -8.4, "what may be raised"),
}
WIDTH, HEIGHT = 3.3, 0.54


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
    pairs = {(room(path), other) for path in SOURCE.rglob("*.py") for other in imported(path)}
    return {(one, other) for one, other in pairs if one != other and {one, other} <= ROOMS.keys()}


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
    figure, axes = plt.subplots(figsize=(8.4, 6.2))
    for upper, lower in sorted(without_shortcuts(arrows())):
        (x0, y0, _), (x1, y1, _) = ROOMS[upper], ROOMS[lower]
        style = {"arrowstyle": "-|>", "color": "#7b8794", "lw": 1.1, "shrinkA": 0, "shrinkB": 0}
        start, end = (x0, y0 - HEIGHT / 2), (x1, y1 + HEIGHT / 2)
        axes.annotate("", end, start, arrowprops=style, zorder=1)
    for name, (x, y, says) in ROOMS.items():
        corner = (x - WIDTH / 2, y - HEIGHT / 2)
        axes.add_patch(plt.Rectangle(corner, WIDTH, HEIGHT, fc="#eef2f6", ec="#7b8794", lw=0.8, zorder=2))
        axes.text(
            x, y + 0.08, name, ha="center", va="center", weight="bold", fontsize=9, zorder=3, color="#1b2733"
        )
        axes.text(x, y - 0.13, says, ha="center", va="center", fontsize=6.5, zorder=3, color="#465462")
    axes.set_xlim(-5.6, 7.0)
    axes.set_ylim(-8.8, 0.4)
    axes.axis("off")
    figure.savefig(PICTURE, dpi=150, bbox_inches="tight", metadata={"Software": None})


if __name__ == "__main__":
    main()
