"""Ask a signature in every cell, correct over the cells, and find where along an ordered moderator it stops to hold."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from sigstats.data.progress import progress
from sigstats.data.table.cells import id_text
from sigstats.errors import OptionError, SigstatsError, unknown_option
from sigstats.evidence.open_table import read_table
from sigstats.signature.keywords import Claim, HasSignature, claimed, takes_claim
from sigstats.signature.signature import Signature
from sigstats.studies.answers.ask import ask
from sigstats.studies.answers.pvalues import Answer, denied_pvalue, is_absent, present_pvalue
from sigstats.studies.baseline.table import read
from sigstats.studies.scope.boundary import Boundary, boundary_along
from sigstats.studies.scope.cells import Moderators, cells_of, moderators_of
from sigstats.studies.scope.record import ScopeCell, Suggestion, Unsettled
from sigstats.studies.scope.result import Scope
from sigstats.studies.scope.statements import ENDS, End, corrected
from sigstats.verdict.rules import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The answer in one cell, or why there is none."""

    values: dict[str, Any]
    signature: Signature
    answer: Answer | None = None
    error: SigstatsError | None = None


@takes_claim
def scope(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows
    signature: Signature | HasSignature | None = None,
    *,
    by: str | Sequence[str] = (),
    ordered: str | Sequence[str] | Mapping[str, Sequence[Any] | None] = (),
    holds_at: End | None = None,
    rng: np.random.Generator | int | None = None,
    **claim: Unpack[Claim],
) -> Scope:
    """Say where a signature holds, where it does not, and where that is not known.

    The signature is asked in each cell of the design: each combination of values of the moderators.

    Parameters
    ----------
    data : data frame
        The sweep, as for `sigstats.detect`, with a column for each moderator.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    by : str or list of str
        Columns on which the claim may depend: architecture, layer, data set.
    ordered : str, list of str or mapping
        Moderators with an order, along which a boundary is sought: columns of numbers, or columns with their values in
        order, as in ``{"size": ["small", "base", "large"]}``. They need not be in `by` as well.
    holds_at : {"low", "high"} or None
        The end of the one ordered moderator at which the signature holds, if it does not hold everywhere, and if that
        was declared before the data were seen. Cells are then tested in that order, without a correction for their
        number.
    rng : numpy.random.Generator, int or None
        As for `sigstats.detect`.
    **claim
        Keywords of `detect`.

    Returns
    -------
    Scope
        Three lists of cells - `holds`, `holds_not`, `unknown` - and what is known of the boundaries, with reports.

    Raises
    ------
    OptionError
        If a column is not there, has a role in the sweep already, has no order, or makes too many cells.
    InputError
        If no cell can be analysed: the error of the first one.

    Notes
    -----
    Two kinds of statement are made. The probability that any cell is said to show the signature although it does not is
    at most alpha; so is the probability that any cell is said not to show it although it does. By default both are kept
    by Holm's procedure over the cells, which holds whatever the dependence, so that cells may share seeds. With
    `holds_at`, cells are tested one after the other from the declared end, for "does not hold" from the other end; with
    further moderators, each of their combinations has its share of alpha.

    The interval of a boundary lies between a cell that is shown to hold and one that is shown not to hold, so all
    intervals together have confidence ``1 - 2 * alpha``.

    *Assumptions.* Those of `sigstats.detect` in every cell. The moderators and their values were not chosen for the
    answers.

    *What would fool it.* Moderators that were tried and left out; an order that was declared after the data were seen;
    cells that differ in more than the moderator.

    References
    ----------
    .. [1] P. Westfall, A. Krishen, "Optimally weighted, fixed sequence and gatekeeper multiple testing procedures",
           Journal of Statistical Planning and Inference 99(1), 25-40, 2001.
           https://doi.org/10.1016/S0378-3758(01)00077-5

    Examples
    --------
    >>> import pandas as pd
    >>> wiggle = [0.0, 0.1, -0.1, 0.05]
    >>> rows = [
    ...     (width, s, x, (width < 50) * x * (1 + 0.1 * s) + wiggle[(s + x) % 4])
    ...     for width in (16, 32, 64, 128) for s in range(8) for x in range(6)
    ... ]
    >>> frame = pd.DataFrame(rows, columns=["width", "seed", "knob", "metric"])
    >>> found = scope(frame, Signature(shape="increasing", min_effect=1.0), ordered="width")
    >>> [cell.values["width"] for cell in found.holds], [cell.values["width"] for cell in found.holds_not]
    ([16, 32], [64, 128])
    >>> found.boundaries[0].low, found.boundaries[0].high
    (32, 64)
    """
    signature = claimed(signature, claim, {})
    columns, order = moderators_of(by, ordered)
    _check_end(holds_at, tuple(order))
    moderators, cells = cells_of(data, signature, columns, order)
    if not cells:
        ask(data, signature)  # which says what is wrong with data without rows
    asked = _ask_each(data, signature, cells, rng)
    if all(each.answer is None for each in asked):
        raise next(each.error for each in asked if each.error is not None)
    found = conclude(asked, moderators, holds_at=holds_at, alpha=signature.alpha)
    return Scope(
        signature=signature,
        moderators=moderators,
        holds_at=holds_at,
        alpha=signature.alpha,
        cells=found,
        boundaries=tuple(_boundaries(found, moderators, signature.alpha)),
        suggestions=_suggestions(data, signature, moderators, [each for each in found if each.holds]),
    )


def _check_end(holds_at: object, ordered: Sequence[str]) -> None:
    if holds_at is None:
        return
    if holds_at not in ENDS:
        raise OptionError(unknown_option("holds_at", holds_at, ENDS))
    if len(ordered) != 1:
        raise OptionError(
            f"`holds_at` is {holds_at!r}, and `ordered` names {len(ordered)} moderators: {tuple(ordered)}; it is an "
            "end of exactly one. Name one, or leave `holds_at` out."
        )


def _ask_each(
    data: Any,  # noqa: ANN401 - see scope
    signature: Signature,
    cells: Sequence[dict[str, Any]],
    rng: np.random.Generator | int | None,
) -> list[_Asked]:
    found = []
    with progress("asking in each cell", len(cells)) as advance:
        for values in cells:
            own = replace(signature, where={**(signature.where or {}), **values})
            try:
                found.append(_Asked(values=values, signature=own, answer=ask(data, own, rng=rng)))
            except SigstatsError as error:
                # A cell that cannot be analysed is unknown, with the reason; it never counts as an answer.
                found.append(_Asked(values=values, signature=own, error=error))
            advance()
    return found


def conclude(
    asked: Sequence[Any], moderators: Moderators, *, holds_at: End | None, alpha: float
) -> tuple[ScopeCell, ...]:
    """Return what is said of every cell, from the answers in each."""
    present = [1.0 if each.answer is None else present_pvalue(each.answer) for each in asked]
    absent = [1.0 if each.answer is None else denied_pvalue(each.answer) for each in asked]
    chains = _chains([each.values for each in asked], moderators) if holds_at else ()
    adjusted = corrected(present, absent, chains, holds_at)
    cells = []
    for each, p, q, holds, fails in zip(asked, present, absent, *adjusted, strict=True):
        held = True if holds <= alpha else False if fails <= alpha else None
        cells.append(
            ScopeCell(
                values=each.values,
                holds=held,
                unsettled=None if held is not None else _why(each.answer, holds_at),
                pvalue_holds=p,
                pvalue_not=q,
                adjusted_holds=float(holds),
                adjusted_not=float(fails),
                problem=None if each.error is None else str(each.error),
                verdict=each.answer,
            )
        )
    return tuple(cells)


def _why(answer: Answer | None, holds_at: End | None) -> Unsettled:
    """Return why nothing is said of a cell."""
    if answer is None:
        return Unsettled.NOT_ANALYSED
    if answer.status is Status.INCONCLUSIVE:
        return Unsettled.INCONCLUSIVE
    if answer.status is Status.PARTIAL and not is_absent(answer):
        return Unsettled.IN_PART
    return Unsettled.CORRECTED if holds_at is None else Unsettled.EARLIER_CELL


def _chains(
    cells: Sequence[dict[str, Any]], moderators: Moderators, along: str | None = None
) -> list[list[int]]:
    """Return the cells along an ordered moderator, one list for each combination of the others."""
    along = moderators.ordered[0] if along is None else along
    found: dict[tuple[str | None, ...], list[int]] = {}
    for at, cell in enumerate(cells):
        key = tuple(id_text(value) for name, value in cell.items() if name != along)
        found.setdefault(key, []).append(at)
    return list(found.values())


def _boundaries(cells: Sequence[ScopeCell], moderators: Moderators, alpha: float) -> list[Boundary]:
    """Return what becomes of the signature along each ordered moderator; none where it has one value."""
    found = []
    for along in moderators.ordered:
        for chain in _chains([dict(each.values) for each in cells], moderators, along):
            members = [cells[at] for at in chain]
            if len(members) < 2:
                continue
            found.append(
                boundary_along(
                    along,
                    {name: value for name, value in members[0].values.items() if name != along},
                    [each.values[along] for each in members],
                    [each.holds for each in members],
                    alpha=alpha,
                )
            )
    return found


def _suggestions(
    data: Any,  # noqa: ANN401 - see scope
    signature: Signature,
    moderators: Moderators,
    holding: Sequence[ScopeCell],
) -> tuple[Suggestion, ...]:
    """Return the rows in which the signature holds: all at once where they make one table, else cell by cell."""
    alone = tuple(
        Suggestion(where=each.values, data_hashes=(each.verdict.provenance.data_hash,))
        for each in holding
        if each.verdict is not None
    )
    values = {
        name: [each for each in order if any(cell.values[name] == each for cell in holding)]
        for name, order in moderators.values.items()
    }
    if len(holding) < 2 or len(list(itertools.product(*values.values()))) != len(holding):
        return alone
    where = {name: several if len(several) > 1 else several[0] for name, several in values.items()}
    own = replace(signature, where={**(signature.where or {}), **where})
    try:
        table = read(data, own) if signature.shape.against_baseline else read_table(data, own)
    except SigstatsError:
        # Cells that repeat the same runs under other values of a moderator make no table together.
        return alone
    hashes = (table.data_hash, *(digest for each in alone for digest in each.data_hashes))
    return (Suggestion(where=where, data_hashes=hashes),)
