"""A screen in words: how many keys show the signature, and which findings stand together."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.data.table.cells import id_text
from sigstats.data.table.frames import plural
from sigstats.errors import place_of_caller
from sigstats.report.document import Column, Document, Picture, Table
from sigstats.report.escaping import shortened
from sigstats.report.json import fields
from sigstats.report.numbers import bare_pvalue, interval, percent
from sigstats.signature.share import Share
from sigstats.stats.estimate import Estimate
from sigstats.studies.screen.frame import names, table
from sigstats.studies.screen.record import ScreenRecord
from sigstats.studies.screen.rows import STATUSES, UNKNOWN
from sigstats.verdict.words.names import LONGEST_NAME, claim, counted, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS, MOST_PROBLEMS, PIXELS_FROM = 25, 5, 2000
HOW = {
    "bh": "Benjamini-Hochberg, for keys that are independent or depend positively on each other",
    "by": "Benjamini-Yekutieli, whatever the dependence",
    "holm": "Holm, whatever the dependence",
}


def tell(found: ScreenRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    many = len(found.rows) > PIXELS_FROM
    return Document(
        headline=headline(found),
        title=listed((claim(each) for each in found.signatures), most=3),
        brief=brief(found),
        answer=(sentence(found),),
        picture=Picture(draw=draw, format="png" if many else "svg"),
        blocks=(_counts(found), *_by_column(found), _table(found)),
        notes=tuple(_notes(found)),
        remarks=tuple(_remarks(found)),
    )


def headline(found: ScreenRecord) -> str:
    """Return the answer as one line."""
    return f"{listed((claim(each) for each in found.signatures), most=3)} ({brief(found)})"


def brief(found: ScreenRecord) -> str:
    """Return the answer in counts."""
    n, m = len(found.keys), len(found.signatures)
    asked = counted(n, "key") if m == 1 else f"{counted(n, 'key')} and {m} signatures"
    present, absent = int(found.discovery.sum()), int(found.absent_discovery.sum())
    return f"{asked}: {plural(present, 'discovery')} of present, {absent} of absent"


def sentence(found: ScreenRecord) -> str:
    """Return one sentence on how many keys show what."""
    parts = [f"{count} {status}" for status, count in found.counts.items() if count]
    if found.n_unknown:
        parts.append(f"{found.n_unknown} not analysed")
    present, absent = int(found.discovery.sum()), int(found.absent_discovery.sum())
    return (
        f"Of {counted(len(found.rows), 'verdict')}, {listed(parts, most=5)}. What stands after correction "
        f"for their number: {present} as present, {absent} as absent."
    )


def _counts(found: ScreenRecord) -> Table:
    """Return the table with one row per signature."""
    heads = ["signature", *map(str, STATUSES), "not analysed", "discoveries", "discoveries of absent"]
    n, rows = len(found.signatures), []
    for at, name in enumerate(names(found)):
        status = found.rows.status[at::n]
        counts = [int((status == code).sum()) for code in (*range(len(STATUSES)), UNKNOWN)]
        stand = [int(found.discovery[at::n].sum()), int(found.absent_discovery[at::n].sum())]
        rows.append((shortened(name, LONGEST_NAME), *map(str, [*counts, *stand])))
    return Table(
        heading="Verdicts",
        columns=tuple(Column(head=head, kind="text" if head == "signature" else "number") for head in heads),
        rows=tuple(rows),
    )


def _by_column(found: ScreenRecord) -> Iterator[Table]:
    """Yield counts for each value of a column, where keys have several: a long list may be all of one model."""
    if len(found.by) < 2:
        return
    n, stand = len(found.signatures), np.asarray(found.discovery)
    for at, name in enumerate(found.by):
        told = np.array([str(id_text(value)) for value in found.keys.column(at)], dtype=object)
        values, where = np.unique(told, return_inverse=True)
        if not 1 < values.size < len(found.keys):
            continue
        where = np.repeat(where, n)
        counts = [
            np.bincount(where[found.rows.status == code], minlength=values.size)
            for code in (*range(len(STATUSES)), UNKNOWN)
        ]
        counts.append(np.bincount(where[stand], minlength=values.size))
        order = np.lexsort((np.arange(values.size), -counts[0], -counts[-1]))
        more = values.size - MOST_ROWS
        yield Table(
            heading=f"Verdicts by {shortened(name, LONGEST_NAME)}",
            title=f"Verdicts by {shortened(name, LONGEST_NAME)}",
            columns=tuple(
                Column(head=head, kind="number" if column else "text")
                for column, head in enumerate(
                    [shortened(name, LONGEST_NAME), *map(str, STATUSES), "not analysed", "discoveries"]
                )
            ),
            rows=tuple(
                (shortened(values[k], LONGEST_NAME), *(str(each[k]) for each in counts))
                for k in order[:MOST_ROWS]
            ),
            below=(f"{more} more have fewer discoveries, or as many.",) if more > 0 else (),
        )


def _table(found: ScreenRecord) -> Table:
    """Return the table of discoveries: the smallest p-values first."""
    heads = [Column(head=shortened(name, LONGEST_NAME)) for name in found.by]
    if len(found.signatures) > 1:
        heads.append(Column(head="signature"))
    heads += [Column(head="effect", kind="interval"), Column(head="p", kind="number")]
    heads.append(Column(head="corrected", kind="number"))
    order = np.flatnonzero(found.discovery)
    order = order[np.argsort(found.calibrated_pvalue[order], kind="stable")]
    more: tuple[str, ...] = ()
    if order.size > MOST_ROWS:
        where = "`--parquet FILE` or `--csv FILE`" if place_of_caller() == "shell" else "`table()`"
        more = (f"{order.size - MOST_ROWS} more discoveries are in {where}.",)
    return Table(
        heading="Discoveries of present",
        title="Discoveries of present",
        columns=tuple(heads),
        rows=tuple(_row(found, int(at)) for at in order[:MOST_ROWS]),
        below=(*more, *_below(int(order.size))),
    )


def _below(n: int) -> tuple[str, ...]:
    if not n:
        return ("No key stands as present after correction.",)
    return ("Intervals allow for the selection of these keys.",)


def _row(found: ScreenRecord, at: int) -> tuple[str, ...]:
    key, which = divmod(at, len(found.signatures))
    said = [shortened(str(id_text(value)), LONGEST_NAME) for value in found.keys.key(key)]
    if len(found.signatures) > 1:
        said.append(shortened(names(found)[which], LONGEST_NAME))
    signature = found.signatures[which]
    estimate = Estimate(
        value=float(found.rows.effect[at]),
        low=float(found.selective_low[at]),
        high=float(found.selective_high[at]),
        confidence=1.0 - 2.0 * signature.alpha,
        unit="",
    )
    p, corrected = float(found.calibrated_pvalue[at]), float(found.adjusted_pvalue[at])
    return (*said, interval(estimate), bare_pvalue(p), bare_pvalue(corrected))


def _notes(found: ScreenRecord) -> Iterator[str]:
    if found.n_unknown:
        yield f"{counted(found.n_unknown, 'row')} could not be analysed, and count as asked."
    problems = np.flatnonzero(found.rows.status == UNKNOWN)[:MOST_PROBLEMS]
    for at in problems.tolist():
        said = " ".join(shortened(str(found.rows.problem[at]), 300).split())
        yield f"{key_words(found, at // len(found.signatures))}: {said}"
    if found.n_unknown > MOST_PROBLEMS:
        yield f"{found.n_unknown - MOST_PROBLEMS} more are in the column `problem` of `table()`."
    if found.fallbacks:
        yield (
            f"{counted(found.fallbacks, 'key')} had rows out of the ordinary, and were read one by one: the same "
            "answer, more slowly."
        )


def key_words(found: ScreenRecord, place: int) -> str:
    """Return a key as one phrase: ``"task t1, model b"``."""
    pairs = zip(found.by, found.keys.key(place), strict=True)
    return ", ".join(
        f"{shortened(name, LONGEST_NAME)} {shortened(str(id_text(value)), LONGEST_NAME)}"
        for name, value in pairs
    )


def _remarks(found: ScreenRecord) -> Iterator[str]:
    rate, n = percent(found.fdr), int((~found.null).sum())
    if found.correction == "holm":
        said = f"the probability that any is false is at most {rate}"
    else:
        said = f"an expected share of at most {rate} is false"
    if found.null.any():
        yield (
            f"{int(found.null.sum())} rows are of keys in which nothing can be there: a p-value of the others is no "
            "smaller than its rank among theirs."
        )
    yield (
        f"Of the discoveries of present among all {n} verdicts, {said}, and so for those of absent "
        f"({HOW[found.correction]}). A discovery is of the whole claim: p is the largest of all that present needs."
    )


def record(found: ScreenRecord) -> dict[str, Any]:
    """Return everything by name: what was asked, counts, and the rows of `table()`."""
    rows = table(found).replace({np.nan: None}).to_dict("records")
    return {
        "by": found.by,
        "fdr": found.fdr,
        "correction": found.correction,
        "signatures": [_signature(each) for each in found.signatures],
        "sentence": sentence(found),
        "n_keys": len(found.keys),
        "counts": {str(status): count for status, count in found.counts.items()},
        "not_analysed": found.n_unknown,
        "discoveries": int(found.discovery.sum()),
        "absent_discoveries": int(found.absent_discovery.sum()),
        "fallbacks": found.fallbacks,
        "engine": found.engine,
        "rows": rows,
    }


def _signature(signature: Any) -> dict[str, Any]:  # noqa: ANN401 - a Signature
    said = {**fields(signature), "shape": {"name": signature.shape.name, **signature.shape.options()}}
    if isinstance(signature.min_effect, Share):
        said["min_effect"] = str(signature.min_effect)
    return said
