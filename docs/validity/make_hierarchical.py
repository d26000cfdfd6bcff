"""Make the tables of the page on hierarchical models from the committed results.

``python docs/validity/make_hierarchical.py`` rewrites what stands between the marks of hierarchical.md; a test fails
while the page differs from the results.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE / "hierarchical.md"
TESTS = HERE.parents[1] / "tests"
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """Return the rows of a results file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def nuts() -> dict[str, Any]:
    """Return the results of the benchmark against samplers."""
    found: dict[str, Any] = json.loads((TESTS / "benchmarks" / "nuts.json").read_text(encoding="utf-8"))
    return found


def table(heads: list[str], body: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *body]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def reference() -> str:
    """Return how far exact posteriors are from stored ones, and from a wider integral."""
    columns = ("case", "parameter", "against", "mean_difference_in_sd", "sd_relative_difference")
    body = [[row[name] for name in columns] for row in rows(HERE / "hierarchical_reference.csv")]
    return table(
        ["case", "parameter", "compared with", "means differ by (sd)", "sds differ by (relative)"], body
    )


def calibration() -> str:
    """Return the distance of the ranks of each quantity from uniform, by case."""
    cases: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows(TESTS / "calibration" / "sbc_random_slopes.csv"):
        key = tuple(
            row[name] for name in ("parameters_from", "option", "groups", "levels", "tables", "not_accurate")
        )
        cases.setdefault(key, {})[row["quantity"]] = row
    quantities = list(dict.fromkeys(name for found in cases.values() for name in found))
    body = []
    for (source, option, groups, levels, tables, failures), found in cases.items():
        cells = [f".{found[name]['ks_distance'][2:]}" if name in found else "" for name in quantities]
        least = min(float(row["band_pvalue"]) for row in found.values())
        body.append([source, option, f"{groups} x {levels}", tables, failures, *cells, f"{least:.3f}"])
    heads = ["parameters from", "option", "groups x levels", "tables", "failures"]
    return table([*heads, *(name.replace("_", " ") for name in quantities), "least band p"], body)


def coverage() -> str:
    """Return coverage of 95 % intervals, and the rate of P > .95 under no effect, by spread and number of seeds."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows(HERE / "slopes_coverage.csv"):
        found.setdefault((row["sampling_sd"], row["spread"]), {})[row["seeds"]] = row
    seeds = list(next(iter(found.values())))
    body = [
        [
            sampling,
            spread,
            *(_rate(each[s]["coverage_95"]) for s in seeds),
            *(_rate(each[s]["positive"]) for s in seeds),
        ]
        for (sampling, spread), each in found.items()
    ]
    heads = ["sampling sd", "spread / sampling sd"]
    heads += [f"coverage, {s} seeds" for s in seeds] + [f"P > .95, {s} seeds" for s in seeds]
    return table(heads, body)


def _rate(text: str) -> str:
    return f"{float(text):.3f}".removeprefix("0")


def crossed() -> str:
    """Return the distance of the ranks of each quantity from uniform where runs and items are crossed, by size."""
    cases: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows(HERE / "crossed_ranks.csv"):
        key = tuple(row[name] for name in ("entropy", "runs", "items", "tables", "not_accurate"))
        cases.setdefault(key, {})[row["quantity"]] = row
    quantities = list(next(iter(cases.values())))
    body = []
    for (_, runs, items, tables, failures), found in cases.items():
        least = min(float(row["ks_pvalue"]) for row in found.values())
        cells = [f".{found[name]['ks_distance'][2:]}" for name in quantities]
        body.append(
            [f"{runs} x {items}", tables, failures, *cells, "< 0.001" if least < 0.001 else f"{least:.3f}"]
        )
    heads = [
        "runs x items",
        "tables",
        "failures",
        *(name.replace("_", " ") for name in quantities),
        "least p",
    ]
    return table(heads, body)


def crossed_coverage() -> str:
    """Return coverage of 90 % intervals where runs and items are crossed, by size and spreads."""
    body = [
        [
            f"{row['runs']} x {row['items']}",
            row["spread_runs"],
            row["spread_items"],
            row["tables"],
            *(_rate(row[name]) for name in ("coverage_90", "these_90", "positive")),
        ]
        for row in rows(HERE / "crossed_coverage.csv")
    ]
    heads = ["runs x items", "spread of runs", "spread of items", "tables"]
    return table([*heads, "coverage", "coverage, on these items", "P > .95 where the mean is 0"], body)


def speed() -> str:
    """Return the processor times of sigstats."""
    found = rows(TESTS / "benchmarks" / "hierarchical.csv")
    return table(
        ["what", "processor time"],
        [[row["what"], f"{float(row['processor_seconds']) * 1e3:.0f} ms"] for row in found],
    )


def samplers() -> str:
    """Return time and posterior of samplers beside the exact one."""
    found = nuts()
    ours = found["sigstats"][1]
    body = [
        [
            "sigstats",
            "",
            f"{ours['wall_seconds']:.3f}",
            "1",
            f"{ours['processor_seconds']:.3f}",
            "1",
            "",
            "",
            "",
        ]
    ]
    body += [
        [
            row["method"],
            row["versions"],
            f"{row['wall_seconds']:.0f}",
            f"{row['wall_ratio']:,}",
            f"{row['processor_seconds']:.0f}",
            f"{row['processor_ratio']:,}",
            f"{row['largest_mean_difference_in_sd']:.3f}",
            f"{row['largest_relative_difference_of_sd']:.3f}",
            f"{row['smallest_effective_sample_size']:,}",
        ]
        for row in found["samplers"]
    ]
    heads = ["method", "versions", "wall time (s)", "ratio", "processor time (s)", "ratio"]
    return table([*heads, "means off by (sd)", "sds off by (relative)", "least effective draws"], body)


def machine() -> str:
    """Return where and when the samplers were timed."""
    found = nuts()
    return (
        f"{found['date']}, {found['processor']}, Python {found['python']}, numpy {found['numpy']}, scipy "
        f"{found['scipy']}; {found['chains']} chains of {found['draws_per_chain']:,} draws after "
        f"{found['tuning_steps']:,} steps of tuning.\n"
    )


TABLES: dict[str, Callable[[], str]] = {
    "reference": reference,
    "calibration": calibration,
    "crossed": crossed,
    "crossed-coverage": crossed_coverage,
    "coverage": coverage,
    "speed": speed,
    "samplers": samplers,
    "machine": machine,
}


def refreshed(page: str) -> str:
    """Return the page with current tables between its marks."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = page.split(start)
        _, after = rest.split(end)
        page = f"{before}{start}{make()}{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
