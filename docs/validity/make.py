"""Make the tables and the figure of the validity page, and the tables of the promise, from the committed results.

``python docs/validity/make.py`` rewrites what stands between the marks of both pages, and error_rates.png; a test fails
while a page differs from the results.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
PAGES = (HERE / "index.md", HERE.parent / "explanation" / "promise.md")
SEEDS = ("3", "5", "8", "10", "20")
EXCEPTION_SEEDS = ("3", "4", "5", "7", "8", "10", "20")
MOST_SEEDS = "most seeds: "
# Cases outside the promise in place_trials.csv: question and truth there, name and truth in the table of exceptions.
PLACE_EXCEPTIONS = {
    ("shown", "seeds jump at one of two gaps"): ("step at two gaps", "half of the seeds jump one gap later"),
    ("quiet", "half, onset at the last level but one"): (
        "late hinge in the control",
        "the control bends half as much, at the last level but one",
    ),
}
# The same for cells of ordinary.csv in which too few 90 % intervals cover the effect.
GAPS = "a fifth missing between the ends, a rise in two gaps, mean effect at min_effect"
UNCOVERED = (
    "a rise in two gaps, then none; a fifth of the cells missing: the 90 % interval misses (.1 is right)"
)
PLACE_SEEDS = ("3", "4", "5", "7", "10")
Z_999 = 3.29
PRACTICES = {
    "mann_kendall_on_means": "Mann-Kendall on the mean curve",
    "regional_mann_kendall": "Mann-Kendall, seeds pooled",
    "page": "Page's L, seeds as blocks",
    "least_squares": "least squares on all points",
    "random_intercept": "random-intercept model",
    "percentile_bootstrap": "percentile bootstrap over seeds",
}
Row = dict[str, str]


def read(name: str) -> list[Row]:
    """Return the rows of a results file."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _cells(rows: Iterable[Row], kinds: tuple[str, ...]) -> dict[str, dict[str, Row]]:
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["kind"] in kinds:
            cells.setdefault(row["cell"], {})[row["n_seeds"]] = row
    return cells


def _table(heads: list[str], body: list[list[str]]) -> str:
    lines = [" | ".join(heads), "|".join(["---"] * len(heads))]
    return (
        "\n".join(f"| {line} |" for line in [*lines[:1]])
        + "\n|"
        + lines[1]
        + "|\n"
        + "\n".join("| " + " | ".join(row) + " |" for row in body)
        + "\n"
    )


def _rate(text: str) -> str:
    """Return a rate without its leading zero, as in .05."""
    if text in ("", "nan"):
        return ""
    value = f"{float(text):.3f}"
    return value.removeprefix("0")


def _grid(cells: dict[str, dict[str, Row]], column: str) -> str:
    body = [
        [name, rows[next(iter(rows))]["about"], *(_rate(rows[s][column]) if s in rows else "" for s in SEEDS)]
        for name, rows in cells.items()
    ]
    return _table(["cell", "truth", *(f"{s} seeds" for s in SEEDS)], body)


def promise() -> str:
    """Return how often the worst single statement was false, per cell that the promise covers."""
    return _grid(_cells(read("validity.csv"), ("promise",)), "worst_statement")


def exceptions() -> str:
    """Return the same for the cases outside the promise, which two pages list."""
    found = _cells(read("validity.csv"), ("limit",))
    for row in read("seed_groups.csv"):
        if not row["cell"].startswith(MOST_SEEDS):
            found.setdefault(row["cell"], {})[row["n_seeds"]] = row
    for row in read("place_trials.csv"):
        name, about = PLACE_EXCEPTIONS.get((row["question"], row["truth"]), ("", ""))
        if name:
            found.setdefault(name, {})[row["n_seeds"]] = {"about": about, "worst_statement": row["rate"]}
    found |= _lost_too_often()
    for row in read("ordinary.csv"):
        if row["cell"] == GAPS:
            missed = str(1.0 - float(row["covers_truth"]))
            found.setdefault("gaps in a bent curve", {})[row["n_seeds"]] = {
                "about": UNCOVERED,
                "worst_statement": missed,
            }
    return _rates(found, EXCEPTION_SEEDS)


def most_seeds() -> str:
    """Return the largest rate of a false statement on most seeds, and how often they are shown."""
    found: dict[str, dict[str, Row]] = {}
    for row in read("seed_groups.csv"):
        if row["cell"].startswith(MOST_SEEDS):
            found.setdefault(row["cell"].removeprefix(MOST_SEEDS), {})[row["n_seeds"]] = row
    seeds = ("3", "4", "5", "7", "10")
    body = [
        [
            name,
            rows["3"]["about"],
            *(f"{_rate(rows[s]['worst_statement'])} / {_rate(rows[s]['present'])}" for s in seeds),
        ]
        for name, rows in found.items()
    ]
    return _table(["cell", "truth", *(f"{s} seeds" for s in seeds)], body)


def _rates(found: dict[str, dict[str, Row]], seeds: tuple[str, ...]) -> str:
    body = [
        [
            name,
            next(iter(rows.values()))["about"]
            .removesuffix(": outside the promise below 6 seeds")
            .removesuffix(": outside the promise"),
            *(_rate(rows[s]["worst_statement"]) if s in rows else "" for s in seeds),
        ]
        for name, rows in found.items()
    ]
    return _table(["case", "truth", *(f"{s} seeds" for s in seeds)], body)


def groups() -> str:
    """Return how often scores are said to fall into two groups, where they do not and where they do."""
    rows = read("two_groups.csv")
    body = [
        [row["n_seeds"], *(_rate(row[name]) for name in ("false_alarm", "found_8", "found_20"))]
        for row in rows
    ]
    return _table(["seeds", "normal scores", "two groups, 8 sd apart", "20 sd apart"], body)


def bounds() -> str:
    """Return how far upper bounds of a bounded mean reach, and how often they hold."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in read("bounded_means.csv"):
        found.setdefault((row["distribution"], row["method"]), {})[row["n_seeds"]] = row
    seeds = ("3", "5", "7", "10")
    body = [
        [name, method, *(f"{_rate(rows[s]['bound'])} ({_rate(rows[s]['holds'])})" for s in seeds)]
        for (name, method), rows in found.items()
    ]
    return _table(["values in [0, 1]", "bound", *(f"{s} seeds" for s in seeds)], body)


def welch() -> str:
    """Return the power of Welch's test for the control, beside the best that is possible."""
    names = ("welch", "best_at_alpha", "best_at_size", "largest_size")
    body = [[row["n_seeds"], *(_rate(row[name]) for name in names)] for row in read("welch_bound.csv")]
    heads = ["seeds", "Welch", "best test, size .05", "best test, size of Welch's", "largest size of Welch's"]
    return _table(heads, body)


def unseen() -> str:
    """Return which share of all seeds is excluded by seeds of which none shows something."""
    from sigstats.stats.scores.bounded_mean import share_not_excluded

    seeds = (3, 4, 5, 7, 10, 20, 30)
    shares = [_rate(str(share_not_excluded(0, n, confidence=0.95))) for n in seeds]
    return _table(["", *(f"{n} seeds" for n in seeds)], [["share of all seeds", *shares]])


def lost() -> str:
    """Return what is said of sweeps of which cells or runs were lost."""
    return _lost(read("lost_cells.csv"))


def _lost_too_often() -> dict[str, dict[str, Row]]:
    """Return the sweeps of which cells or runs were lost where a rise is claimed too often, with its rates."""
    found: dict[str, dict[str, Row]] = {}
    excess = set()
    for row in read("lost_cells.csv"):
        if not float(row["effect"]):
            rate = float(row["present"]) + float(row["partial"])
            told = {
                "about": "no effect; what was lost goes with what it showed",
                "worst_statement": str(rate),
            }
            found.setdefault(row["cell"], {})[row["n_seeds"]] = told
            if rate > _upper(row["replications"]):
                excess.add(row["cell"])
    return {name: rows for name, rows in found.items() if name in excess}


def _lost(rows: Iterable[Row]) -> str:
    names = ("present", "partial", "absent", "inconclusive", "noted", "undecided")
    body = [[row["cell"], row["n_seeds"], *(_rate(row[name]) for name in names)] for row in rows]
    return _table(["sweep", "seeds", *names[:4], "noted", "kept open"], body)


def ordinary() -> str:
    """Return how often something false is said of ordinary sweeps."""
    return _ordinary(read("ordinary.csv"))


def _ordinary(rows: Iterable[Row]) -> str:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        found.setdefault((row["cell"], row["false"]), {})[row["n_seeds"]] = row["rate"]
    sizes = sorted({int(size) for each in found.values() for size in each})
    body = [[*names, *(_rate(each.get(str(size), "")) for size in sizes)] for names, each in found.items()]
    return _table(["sweep", "false statement", *(f"{size} seeds" for size in sizes)], body)


def _upper(replications: str) -> float:
    """Return the largest rate that chance explains where the true one is .05."""
    return 0.05 + 2.0 * (0.05 * 0.95 / int(replications)) ** 0.5


def verdicts() -> str:
    """Return what the verdicts were in the cells that measure power: present / absent / partial / inconclusive."""
    cells = _cells(read("validity.csv"), ("power",))
    statuses = ("present", "absent", "partial", "inconclusive")
    body = [
        [
            name,
            rows[next(iter(rows))]["about"],
            *(
                " / ".join(_rate(rows[s][status])[:3] for status in statuses) if s in rows else ""
                for s in SEEDS
            ),
        ]
        for name, rows in cells.items()
    ]
    return _table(["cell", "truth", *(f"{s} seeds" for s in SEEDS)], body)


def confusion() -> str:
    """Return all verdicts of all cells at 5 seeds."""
    rows = [row for row in read("validity.csv") if row["n_seeds"] == "5"]
    columns = ["present", "absent", "partial", "inconclusive", "worst_statement"]
    body = [[row["cell"], row["kind"], *(_rate(row[name]) for name in columns)] for row in rows]
    return _table(
        ["cell", "kind", "present", "absent", "partial", "inconclusive", "worst false statement"], body
    )


def lines() -> str:
    """Return size and coverage of each line of evidence under no effect."""
    cells = _cells(read("validity.csv"), ("promise",))
    body = []
    for name, rows in cells.items():
        first = rows[next(iter(rows))]
        if not first["about"].startswith(("no effect", "slopes", "the same, a fifth", "a tenth")):
            continue
        for column, words in (
            ("trend_pvalue", "trend"),
            ("interval_low", "interval"),
            ("slopes_prob_positive", "slopes"),
            ("interval_covers", "coverage of the 90 % interval"),
            ("posterior_covers", "coverage of the 90 % posterior interval"),
        ):
            body.append([name, words, *(_rate(rows[s][column]) if s in rows else "" for s in SEEDS)])
    return _table(["cell", "line", *(f"{s} seeds" for s in SEEDS)], body)


def practice() -> str:
    """Return how often common practice claims an increase where there is none, beside sigstats."""
    cells = _cells(read("validity.csv"), ("promise", "limit"))
    names = {"present": "sigstats: present"} | PRACTICES
    body = []
    for name, rows in cells.items():
        first = rows[next(iter(rows))]
        null = first["about"].startswith(("no effect", "slopes", "a tenth"))
        if not null or any(first[column] in ("", "nan") for column in PRACTICES):
            continue
        shown = [s for s in ("3", "5", "10") if s in rows]
        body += [[name, s, *(_rate(rows[s][column]) for column in names)] for s in shown]
    return _table(["cell", "seeds", *names.values()], body)


def intervals() -> str:
    """Return what intervals cover by method at a nominal 95 %."""
    rows = [row for row in read("interval_coverage.csv") if row["confidence"] == "0.95"]
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["scores"], row["method"]), {})[row["n_seeds"]] = row
    body = [[s, m, *(_rate(each[n]["coverage"]) for n in SEEDS)] for (s, m), each in found.items()]
    return _table(["scores", "method", *(f"{n} seeds" for n in SEEDS)], body)


def stopping() -> str:
    """Return how often seeds that are added until the verdict is present end there, without an effect."""
    body = [[row["most_seeds"], _rate(row["ever_present"])] for row in read("optional_stopping.csv")]
    return _table(["seeds added up to", "ever present"], body)


def flat_power() -> str:
    """Return how often a flat curve is shown to be flat, by level and by contrast."""
    return _by_seeds(
        ("by", "design", "n_levels"),
        ["what must lie inside", "design", "levels"],
        (row for row in read("flat_contrasts.csv") if _is_flat_power(row)),
    )


def _is_flat_power(row: dict[str, str]) -> bool:
    return (row["question"], row["truth"], row["noise"]) == ("shown", "flat", "independent")


def flat_errors() -> str:
    """Return the largest rates at which a curve that departs is shown to be flat, or a flat one is refuted."""
    largest: dict[tuple[str, ...], dict[str, str]] = {}
    for row in read("flat_contrasts.csv"):
        if row["question"] == "shown":
            continue
        key = {name: row[name] for name in ("question", "by", "design", "truth")}
        cell = largest.setdefault((*key.values(), row["n_seeds"]), {**row, **key})
        cell["rate"] = max(cell["rate"], row["rate"], key=float)
    return _by_seeds(
        ("question", "by", "design", "truth"),
        ["what", "what must lie inside", "design", "truth"],
        largest.values(),
    )


def declared_onsets() -> str:
    """Return how often a threshold with a declared onset is shown, where it is true and where it is not."""
    heads = ["form", "truth", "declared at", "size in sd", "true"]
    names = ("form", "truth", "declared at", "size", "true")
    return _by_seeds(names, heads, read("declared_onset.csv"))


def _by_seeds(names: tuple[str, ...], heads: list[str], rows: Iterable[dict[str, str]]) -> str:
    """Return rates with a column for each number of seeds."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), {})[row["n_seeds"]] = _rate(row["rate"])
    seeds = sorted({n for each in found.values() for n in each}, key=int)
    body = [[*key, *(each.get(n, "") for n in seeds)] for key, each in found.items()]
    return _table([*heads, *(f"{n} seeds" for n in seeds)], body)


def places() -> str:
    """Return what is said of shapes whose place is near an end, elsewhere in the control, or not one for all seeds."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for row in read("place_trials.csv"):
        key = (row["question"], row["shape"], f"{row['truth']}, {float(row['size']):g} sd")
        without = f" ({_rate(row['without'])})" if row["without"] else ""
        rows.setdefault(key, {})[row["n_seeds"]] = f"{_rate(row['rate'])}{without}"
    body = [[*key, *(found.get(n, "") for n in PLACE_SEEDS)] for key, found in rows.items()]
    return _table(["what", "shape", "truth", *(f"{n} seeds" for n in PLACE_SEEDS)], body)


def precision() -> str:
    """Return how many sweeps each cell was measured on, and how well a rate of .05 is known from so many."""
    words = {"promise": "cells of the promise", "limit": "known limits", "power": "cells that measure power"}
    found: dict[tuple[str, int], set[str]] = {}
    for row in read("validity.csv"):
        found.setdefault((row["kind"], int(row["replications"])), set()).add(row["n_seeds"])
    body = [
        [
            words[kind],
            ", ".join(sorted(seeds, key=int)),
            f"{count:,}",
            _rate(str(Z_999 * (0.05 * 0.95 / count) ** 0.5)),
        ]
        for (kind, count), seeds in sorted(
            found.items(), key=lambda item: (list(words).index(item[0][0]), item[0][1])
        )
    ]
    return _table(["what", "seeds", "sweeps per cell", "a rate of .05 is known to"], body)


def several() -> str:
    """Return the error rates of several primary claims together."""
    rows = read("several_claims.csv")
    names = ("holm_any_false", "bh_false_share", "holm_found")
    body = [
        [
            row["claims"],
            row["true"],
            row["n_seeds"],
            row["replications"],
            *(_rate(row[name]) for name in names),
        ]
        for row in rows
    ]
    heads = [
        "claims",
        "of them true",
        "seeds",
        "sets",
        "Holm: any false",
        "BH: share false",
        "Holm: true ones found",
    ]
    return _table(heads, body)


TABLES: dict[str, Callable[[], str]] = {
    "precision": precision,
    "promise": promise,
    "exceptions": exceptions,
    "most seeds": most_seeds,
    "groups": groups,
    "bounds": bounds,
    "welch": welch,
    "unseen": unseen,
    "lost": lost,
    "ordinary": ordinary,
    "verdicts": verdicts,
    "confusion": confusion,
    "lines": lines,
    "practice": practice,
    "intervals": intervals,
    "stopping": stopping,
    "several": several,
    "places": places,
    "flat power": flat_power,
    "flat errors": flat_errors,
    "declared onsets": declared_onsets,
}


def refreshed(page: str) -> str:
    """Return a page with current tables between its marks."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        if start not in page:
            continue
        before, rest = page.split(start)
        _, after = rest.split(end)
        page = f"{before}{start}{make()}{end}{after}"
    return page


def figure() -> None:
    """Draw how often an increase is claimed where there is none, by method, at 3 and 5 seeds."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wanted = (
        "iid",
        "random slopes",
        "steep random slopes",
        "slopes 20 times the score sd",
        "autocorrelation .9",
    )
    words = {
        "iid": "independent noise",
        "random slopes": "slopes vary by seed",
        "steep random slopes": "slopes vary 3 x the noise",
        "slopes 20 times the score sd": "slopes vary far more",
        "autocorrelation .9": "autocorrelated curves",
    }
    methods = {"present": "sigstats says present"} | PRACTICES
    colours = dict(
        zip(
            methods,
            ("#0072b2", "#d55e00", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#8c8c8c"),
            strict=True,
        )
    )
    cells = _cells(read("validity.csv"), ("promise",))
    drawing = Figure(figsize=(10, 4.6), layout="constrained")
    FigureCanvasAgg(drawing)
    for panel, s in zip(drawing.subplots(1, 2, sharey=True), ("3", "5"), strict=True):
        for height, name in enumerate(reversed(wanted)):
            row = cells[name][s]
            for column, label in methods.items():
                ours = column == "present"
                panel.plot(
                    float(row[column]),
                    height,
                    marker="D" if ours else "o",
                    markersize=10 if ours else 7,
                    color=colours[column],
                    linestyle="none",
                    zorder=4 if ours else 3,
                    label=label if height == 0 else None,
                )
        panel.axvline(0.05, color="#444444", linewidth=1, linestyle="--")
        panel.set_title(f"{s} seeds", loc="left", fontsize=11)
        panel.set_yticks(range(len(wanted)), [words[name] for name in reversed(wanted)])
        panel.set_xlim(-0.02, 0.5)
        panel.text(0.055, 3.45, "5 %", fontsize=9, color="#444444")
        panel.set_xlabel("share called increasing, though there is no effect")
        panel.grid(axis="y", color="#dddddd")
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    handles, labels = drawing.axes[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    drawing.savefig(HERE / "error_rates.png", dpi=110)


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(refreshed(each.read_text(encoding="utf-8")), encoding="utf-8")
    figure()
