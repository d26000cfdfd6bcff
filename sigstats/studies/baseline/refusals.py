"""What a table of runs must not hold, refused in the words in which sweeps refuse it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sigstats.data.table.checks import NO_SEED
from sigstats.data.table.frames import SHOWN, shorten
from sigstats.data.table.spelled import is_summary
from sigstats.data.table.summaries import summaries_among
from sigstats.data.table.to_numbers import CORRECT, as_numbers
from sigstats.errors import TableError
from sigstats.studies.baseline.rows import Rows, refusal


def refuse_summaries(rows: Rows, labels: dict[str, str]) -> None:
    """Refuse seeds that are no runs but summaries over runs, and ids that mean a missing value."""
    label = labels["seed"]
    used = [rows.names["seed"][code] for code in np.unique(rows.seed).tolist()]
    blank = [name for name in used if name.strip().casefold() in NO_SEED]
    if blank:
        message = f"the seed column {label!r} holds {shorten(blank[0])}, which means a missing value"
        raise refusal("MISSING_SEED", label, message, "Fill in the seed, or leave out the rows with `where`.")
    summaries = summaries_among(used)
    if summaries:
        verb = "is no run but a summary" if len(summaries) == 1 else "are no runs but summaries"
        named = " and ".join(map(shorten, summaries[:SHOWN]))
        message = (
            f"the seed column {label!r} holds {named}, which {verb} over runs; such rows never count as seeds"
        )
        remedy = "Leave these rows out of the table, or rename the runs if they are some."
        raise refusal("SUMMARY_SEEDS", label, message, remedy)


def refuse_flags(values: Sequence[Any], label: str) -> None:
    """Refuse true or false among numbers, which need not mean 1 or 0 there."""
    flags = [isinstance(each, bool | np.bool_) for each in values]
    if any(flags) and not all(flags):
        flag = values[flags.index(True)]
        message = f"the metric column {label!r} holds {flag} among numbers, which is not one of them"
        raise refusal("METRIC_NOT_NUMERIC", label, message, CORRECT)


def not_numeric(values: Sequence[Any], wrong: Sequence[int], label: str) -> TableError:
    """Return the refusal of a metric that is not made of numbers, with what makes numbers of it."""
    rows, texts = [int(place) for place in wrong[:SHOWN]], [each for each in values if isinstance(each, str)]
    odd = values[rows[0]]
    if not isinstance(odd, str):
        message = f"the metric column {label!r} holds {shorten(odd)} ({type(odd).__name__}), which is not a real number"
        return refusal("METRIC_NOT_NUMERIC", label, message, CORRECT, rows)
    spread = next((text for text in texts if is_summary(text)), None)
    if spread is not None:
        message = (
            f"the metric column {label!r} holds means with their spread, such as {spread!r}; a mean over runs is not a "
            "run, and what the runs did cannot be found out from it"
        )
        return refusal(
            "MEANS_NOT_SEEDS", label, message, "Give the value of each run, in a row of its own.", rows
        )
    message = f"the metric column {label!r} holds text, such as {shorten(odd)}; a metric must be numeric"
    return refusal("METRIC_IS_TEXT", label, message, as_numbers(label, values), rows)
