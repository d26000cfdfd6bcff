"""Make the tables of the page on speed from the committed times: ``python docs/explanation/make_speed.py``.

``tests/benchmarks/bench_corners.py`` writes speed.csv; speed_before.csv holds what it wrote before the corners were
seen to. ``tests/benchmarks/bench_screen.py`` writes screen.csv. A test fails while the page differs from them.
"""

import csv
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "speed.md"
TOPICS = ("start", "statistics", "gaps", "shapes", "reports", "reading")
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """Return the rows of a results file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def table(heads: list[str], body: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *body]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def key(row: Row) -> tuple[str, ...]:
    """Return what tells rows apart."""
    return row["topic"], row["what"], row["instead"]


def time(seconds: str) -> str:
    """Return a time in a unit that suits it."""
    value = float(seconds)
    return (
        f"{value:.2g} s"
        if value >= 1
        else f"{1000 * value:.2g} ms"
        if value < 0.1
        else f"{1000 * value:.0f} ms"
    )


def corners(topic: str) -> str:
    """Return one table of times and ratios."""
    before = {key(row): row["ratio"] for row in rows(HERE / "speed_before.csv")}
    body = []
    for row in rows(HERE / "speed.csv"):
        if row["topic"] == topic:
            told = [time(row["seconds"]), row["instead"], row["ratio"], before.get(key(row), "")]
            body.append([row["what"], *told])
    return table(["what", "time", "beside", "ratio", "ratio before"], body)


def growth() -> str:
    """Return how the time of a verdict grows, and the exponents between the two largest sizes."""
    found: dict[str, dict[str, list[Row]]] = {}
    for name in ("speed", "speed_before"):
        for row in rows(HERE / f"{name}.csv"):
            if row["topic"] == "growth":
                found.setdefault(row["instead"], {}).setdefault(name, []).append(row)
    body = []
    for name, parts in found.items():
        now, before = parts["speed"], parts["speed_before"]
        told = ", ".join(f"{row['what'].split()[0]}: {time(row['seconds'])}" for row in now)
        body.append([name, told, now[-1]["ratio"], before[-1]["ratio"]])
    return table(["what grows", "time of a verdict", "exponent", "exponent before"], body)


def screens() -> str:
    """Return how long a key takes in a screen, and in a loop."""
    body = []
    for row in rows(HERE / "screen.csv"):
        keys, seconds = int(row["keys"]), float(row["seconds a key"])
        memory = f" and {row['gigabytes']} GB" if row["gigabytes"] else ""
        ratio = f"{float(row['ratio']):.0f}"
        body.append(
            [
                row["shape"],
                f"{keys:,}",
                f"{time(str(seconds * keys))}{memory}",
                f"{1000 * seconds:.2g} ms",
                time(row["seconds in a loop"]),
                ratio,
            ]
        )
    return table(
        ["shape", "keys", "all keys", "one key", "one key in a loop of `detect`", "times faster"], body
    )


def refreshed(page: str) -> str:
    """Return the page with every table as the results have it."""
    makers = {topic: lambda topic=topic: corners(topic) for topic in TOPICS} | {
        "growth": growth,
        "screens": screens,
    }
    for name, make in makers.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, _, rest = page.partition(start)
        _, _, after = rest.partition(end)
        page = f"{before}{start}{make()}{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
