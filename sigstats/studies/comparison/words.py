"""A comparison of shapes in words, and the schema of its plain values."""

from typing import Any

from sigstats.report.document import Document, Kind, Table, columns
from sigstats.report.escaping import shortened, visible
from sigstats.report.json import fields
from sigstats.report.numbers import number
from sigstats.studies.comparison.forms import NONE
from sigstats.studies.comparison.record import ComparisonRecord
from sigstats.verdict.words.names import LONGEST_NAME

HEADS = ("shape", "error", "se", "more than best", "se", "weight")
ONE_WAY = ("linear", "power_law", "scaling_law", "hinge", "step", "saturating", "sigmoid")
KINDS = {"increasing": ONE_WAY, "decreasing": ONE_WAY, "peak": ("tent",), "valley": ("tent",)}
WARNING = (
    "This describes and selects; it is not a test. A shape that was chosen here must not be tested on the same seeds: "
    "declare it, and run `detect` on new ones."
)
THRESHOLDS = {
    "stays": "On the logit scale no smooth shape predicts better than {name} either: the threshold does not come from "
    "the ends of the metric's range.",
    "vanishes": "On the logit scale {smooth} predicts better than {name}, by {gap} +- {se}: the threshold is there on "
    "the metric's own scale only, and may be an artefact of it.",
    "not there": "On the metric's own scale a line predicts no worse than {name}.",
    "unclear": "On the logit scale {smooth} predicts better than {name}, by {gap} +- {se}: these seeds cannot tell "
    "whether the threshold is more than an artefact of the metric's scale.",
}


def tell(found: ComparisonRecord) -> Document:
    """Return all that reports say of a comparison of shapes."""
    unit = shortened(found.unit, LONGEST_NAME)
    title = f"which shape predicts {unit} over {shortened(found.knob, LONGEST_NAME)} best?"
    tables = [_table(found, f"squared error of a new seed's curve, {unit} squared:")]
    if found.on_logit is not None:
        tables.append(_table(found.on_logit, "the same on the logit scale:"))
    return Document(
        headline=title,
        title=title,
        answer=tuple(said for said in (_best(found), _declared(found), _threshold(found)) if said),
        blocks=tuple(tables),
        remarks=(*(f"note: {visible(note)}" for note in found.notes), WARNING),
        wrapped=False,
    )


def record(found: ComparisonRecord) -> dict[str, Any]:
    """Return everything by name, and the rows of the table."""
    on_logit = None if found.on_logit is None else record(found.on_logit)
    return {**fields(found), "on_logit": on_logit, "table": found.table.to_dict("records")}


def _best(found: ComparisonRecord) -> str:
    size = f"{found.n_seeds} seeds, {found.n_levels} levels"
    others = [name for name in found.close if name != found.best]
    near = f" Within one standard error of it: {', '.join(others)}." if others else ""
    if found.best == NONE:
        return (
            f"Best: none of these shapes ({size}). The free mean curve predicts a new seed better than any of them; "
            f"its weight is {found.none_of_these:.2f}.{near}"
        )
    return f"Best: {found.best} ({size}). The weight of none of these is {found.none_of_these:.2f}.{near}"


def _declared(found: ComparisonRecord) -> str:
    if found.declared is None:
        return ""
    if found.declared == found.best:
        return "That is the declared shape."
    gaps = found.against(found.best)
    at = found.names.index(found.declared)
    told = f"larger by {number(gaps.mean[at])} +- {number(gaps.se[at], digits=2)}"
    near = (
        "no more than one standard error" if found.declared in found.close else "more than one standard error"
    )
    general = found.best.partition(",")[0] in KINDS.get(found.declared, ())
    kind = f" {found.best} may be one kind of {found.declared}." if general else ""
    return f"The declared shape, {found.declared}, has an error that is {told}: {near}.{kind}"


def _threshold(found: ComparisonRecord) -> str:
    """Return what becomes of the threshold on the logit scale."""
    told = found.threshold
    if told is None:
        return ""
    gap, se = number(told.difference), number(told.difference_se, digits=2)
    return THRESHOLDS[told.status].format(name=told.shape, smooth=told.smooth, gap=gap, se=se)


def _table(found: ComparisonRecord, title: str) -> Table:
    rows = [
        (
            f"{row['shape']}{' (declared)' if row['shape'] == found.declared else ''}",
            number(row["error"]),
            number(row["se"], digits=2),
            number(row["difference"]),
            number(row["difference_se"], digits=2),
            f"{row['weight']:.2f}",
        )
        for row in found.table.to_dict("records")
    ]
    kinds: list[Kind] = ["number"] * (len(HEADS) - 1)
    return Table(title=title, columns=columns(*HEADS, kinds=("text", *kinds)), rows=tuple(rows))
