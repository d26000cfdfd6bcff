"""What is said of a calibration: how often each verdict came, and how often one was wrong."""

from typing import Any

from sigstats.report.document import Document, Fact, Facts, Table, columns
from sigstats.report.json import fields
from sigstats.report.numbers import percent
from sigstats.studies.simulation.rates import Rates
from sigstats.verdict.rules import Status
from sigstats.verdict.words.names import claim

ROWS = ("status", "reasons", "share", "known to within")


def headline(found: Rates) -> str:
    """Return the shares of the four statuses and of wrong verdicts as one line."""
    shares = ", ".join(f"{status} {found.rate(status):.3f}" for status in Status)
    error = found.margin_of_error(found.wrong_rate)
    return f"{shares}; wrong {found.wrong_rate:.3f} +- {error:.3f} ({found.replications} sweeps)"


def tell(found: Rates) -> Document:
    """Return the rates in words."""
    table: Any = found.table()
    rows = tuple(
        (str(each.status), str(each.reasons or "-"), f"{each.share:.3f}", f"{each.error:.3f}")
        for each in table.itertuples()
    )
    shares = ", ".join(f"{status} in {percent(found.rate(status))}" for status in Status)
    return Document(
        headline=headline(found),
        title=question(found),
        answer=(f"Of {found.replications} simulated sweeps, the verdict is {shares}.", wrong(found)),
        blocks=(
            Facts(heading="What was simulated", facts=tuple(_design(found))),
            Table(
                columns=columns(*ROWS, kinds=("status", "text", "number", "number")),
                rows=rows,
                title="verdicts",
            ),
        ),
        wrapped=True,
    )


def question(found: Rates) -> str:
    """Return what was asked."""
    return f"How often is a verdict on “{claim(found.signature)}” right?"


def wrong(found: Rates) -> str:
    """Return how often a definite verdict was false, and which statement most often."""
    error = found.margin_of_error(found.wrong_rate)
    said = f"A definite verdict is wrong in {found.wrong_rate:.3f} of them, known to within {error:.3f}"
    if not found.wrong:
        return f"{said}."
    worst = max(found.wrong, key=lambda each: found.wrong[each])
    return f"{said}; the statement that is wrong most often is {worst} ({found.worst_statement:.3f})."


def _design(found: Rates) -> list[Fact]:
    effects = ", ".join(f"{name} {size:g}" for name, size in found.plan.effects.items())
    return [
        Fact(label="effects", said=effects),
        Fact(label="levels", said=str(len(found.plan.levels))),
        Fact(label="seeds", said=str(found.plan.n_seeds)),
        Fact(label="noise", said=str(found.plan.noise_sd)),
    ]


def record(found: Rates) -> dict[str, Any]:
    """Return counts and rates by name."""
    return {
        "replications": found.replications,
        "entropy": found.entropy,
        "truth": fields(found.truth),
        "table": found.table().to_dict("records"),
        "wrong": dict(found.wrong),
        "lines": dict(found.lines),
    }
