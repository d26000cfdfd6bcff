"""Many verdicts side by side: their names, and a table with one row for each."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sigstats.errors import OptionError
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names, phrases

if TYPE_CHECKING:
    import pandas as pd


def tabulate(verdicts: "Iterable[Any] | Mapping[object, Any]") -> "pd.DataFrame":
    """Return many verdicts as a table with one row for each: what became of it and why, effect and seeds.

    Parameters
    ----------
    verdicts : iterable of Verdict, or mapping of names to them
        A mapping names the rows; else they have the names of their signatures, or their claims.

    Returns
    -------
    pandas.DataFrame
        Columns name, status, reasons, effect, low, high, unit and seeds (how many go the predicted way). A notebook
        shows it as HTML. It has no p-values, which would have to be corrected for the number of verdicts: a card and
        `sigstats.screen` do that.

    Raises
    ------
    OptionError
        If there is no verdict, or something else is among them.

    Examples
    --------
    >>> from sigstats import detect, simulate_sweep
    >>> found = {
    ...     size: detect(simulate_sweep(size, n_seeds=5), shape="increasing") for size in (0.0, 4.0)
    ... }
    >>> tabulate(found)[["name", "status", "seeds"]]
      name   status        seeds
    0  0.0   absent  1 of 5 rise
    1  4.0  present  5 of 5 rise
    """
    from sigstats.data.table.frames import told

    rows = named(verdicts)
    effects = [each.effect for _, each in rows]
    return told(
        {
            "name": [name for name, _ in rows],
            "status": [str(each.status) for _, each in rows],
            "reasons": [", ".join(map(str, each.reasons)) for _, each in rows],
            "effect": [float("nan") if each is None else each.value for each in effects],
            "low": [float("nan") if each is None else each.low for each in effects],
            "high": [float("nan") if each is None else each.high for each in effects],
            "unit": ["" if each is None else each.unit for each in effects],
            "seeds": [phrases.agreeing(each) for _, each in rows],
        }
    )


def named(
    verdicts: "Iterable[Any] | Mapping[object, Any]", *, most: int | None = None
) -> list[tuple[str, Decision]]:
    """Return verdicts with their names, at least one and at most so many."""
    pairs: list[tuple[Any, Any]]
    pairs = list(verdicts.items()) if isinstance(verdicts, Mapping) else [(None, each) for each in verdicts]
    if not pairs or (most is not None and len(pairs) > most):
        asked = "at least one is needed" if most is None else f"a grid has 1 to {most} panels"
        raise OptionError(f"there are {len(pairs)} verdicts; {asked}. Choose among them.")
    for _, each in pairs:
        if not isinstance(each, Decision):
            raise OptionError(
                f"`verdicts` holds a {type(each).__name__}; they must be what sigstats.detect returns."
            )
    return [
        (each.signature.name or names.claim(each.signature) if name is None else str(name), each)
        for name, each in pairs
    ]
