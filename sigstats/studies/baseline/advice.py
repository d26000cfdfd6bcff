"""What would resolve an open question, and whether runs or items buy more."""

import math
from collections.abc import Iterator

from sigstats.evidence.reason import Reason
from sigstats.report.numbers import number, percent
from sigstats.studies.baseline.answer import short
from sigstats.studies.baseline.judge import FEWEST
from sigstats.studies.baseline.needed import MOST_ITEMS, MOST_RUNS
from sigstats.studies.baseline.phrases import controls, quoted
from sigstats.studies.baseline.record import Against, Compared, Needed
from sigstats.verdict.rules import Status
from sigstats.verdict.words import names


def resolve(found: Compared, row: Against) -> Iterator[str]:
    """Yield what would resolve an open question on one treatment."""
    if row.status is not Status.INCONCLUSIVE:
        return
    if Reason.TOO_FEW_SEEDS in row.reasons:
        lacking = names.listed(quoted(group.condition) for group in short(found, row))
        yield f"At least {FEWEST} runs are needed of {lacking}; 5 or more make the answer likely."
    elif Reason.TOO_FEW_ITEMS in row.reasons:
        yield f"At least {FEWEST} items are needed; a benchmark usually needs many more."
    elif Reason.ZERO_VARIANCE in row.reasons:
        yield _vary(found, row)
    elif row.margin is not None and math.isnan(row.margin):
        yield "Declare `min_effect` in units of the metric: a part of a mean near 0 has no size."
    elif Reason.CONTROL_UNRESOLVED in row.reasons:
        who = controls(found)
        yield f"{quoted(row.condition)}: the control is what is open; add runs of {who} as well as of the treatment."
    elif row.needed is not None:
        yield _needed(found, row, row.needed)
    elif row.margin is None:
        yield (
            "Declare `min_effect`, the smallest difference that would matter: then the report says how many runs "
            "would tell."
        )


def _vary(found: Compared, row: Against) -> str:
    if found.population == "items":
        return "Items that all differ by the same hint at a table that was computed: check its values."
    if row.pairing == "paired":
        return "Pairs that all differ by the same hint at runs that were not run apart: check both of a pair."
    return "Runs must truly differ: check that the seed reaches the system."


def _needed(found: Compared, row: Against, need: Needed) -> str:
    at = number(need.margin)
    truth = (
        f"would show it with probability {number(need.power)} if there is no difference (margin {at})"
        if found.signature.shape.name in ("equivalent", "not_worse")
        else f"would show a difference of {at} with probability {number(need.power)}"
    )
    now = min(row.n_runs)
    if (need.runs or math.inf) <= now or (need.items or math.inf) <= row.n_items:
        return (
            f"{quoted(row.condition)}: so many runs usually tell; the difference may lie near the margin, where many "
            "more would be needed."
        )
    ways = []
    if need.runs is not None and need.runs > now:
        beside = f" with these {row.n_items} items" if found.population == "both" else ""
        ways.append(f"about {need.runs} runs per condition{beside} (now {now})")
    if need.items is not None and need.items > row.n_items:
        beside = f" with {now} runs" if found.population == "both" else ""
        ways.append(f"about {need.items} items{beside} (now {row.n_items})")
    if not ways:
        most = {
            "runs": f"runs up to {MOST_RUNS}",
            "items": f"items up to {MOST_ITEMS}",
            "both": "runs or items alone",
        }
        return f"{quoted(row.condition)}: no number of {most[found.population]} {truth}."
    return f"{quoted(row.condition)}: {', or '.join(ways)} {truth}."


def buys_more(found: Compared, row: Against) -> str:
    """Return how the variance of the difference splits, and whether more runs or more items narrow it more."""
    if row.split is None:
        return ""
    runs = 2.0 / (1.0 / row.n_runs[0] + 1.0 / row.n_runs[1])
    now = row.split.variance(runs, row.n_items)
    if not 0 < now < math.inf:
        return ""
    parts = (row.split.runs / runs, row.split.items / row.n_items, row.split.rest / (runs * row.n_items))
    shares = dict(zip(("runs", "items", "rest"), (part / now for part in parts), strict=True))
    said = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
    if found.population != "both":
        return f"{said} of its variance over new runs and items"
    by_runs = 1.0 - math.sqrt(row.split.variance(2 * runs, row.n_items) / now)
    by_items = 1.0 - math.sqrt(row.split.variance(runs, 2 * row.n_items) / now)
    better, worse = ("runs", "items") if by_runs >= by_items else ("items", "runs")
    most, least = max(by_runs, by_items), min(by_runs, by_items)
    return (
        f"{said}; twice the {better} would narrow the interval by about {percent(most)}, twice the {worse} by "
        f"{percent(least)}"
    )
