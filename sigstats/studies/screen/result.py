"""The public answer to which of many keys show a signature, and the reports on it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigstats.report.drawn import Drawn
from sigstats.stats.by_value import by_value
from sigstats.studies.answers.pvalues import Answer
from sigstats.studies.screen.record import ScreenRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigstats.report.document import Document
    from sigstats.report.layout import Layout


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Screen(Drawn, ScreenRecord):
    """Signatures asked of many keys: a row for each, and which findings stand together.

    A screen keeps columns; `verdict` reads the rows of one key again.

    Attributes
    ----------
    by : tuple of str
        Columns that tell keys apart.
    keys : Keys
        The keys, in order.
    signatures : tuple of Signature
        What was asked of each of them.
    fdr : float
        Share of discoveries that may be false, in expectation; with Holm's procedure the probability of any.
    correction : str
        ``"bh"``, ``"by"`` or ``"holm"``.
    rows : Rows
        Status, reasons, rule, effect with bounds and p-values, as arrays: for each key all signatures.
    null : ndarray of bool
        Whether the key is one of those in which nothing can be there.
    calibrated_pvalue : ndarray of float
        The p-value of *present* that counts: with null keys, no smaller than the rank among theirs.
    adjusted_pvalue, adjusted_absent_pvalue : ndarray of float
        p-values of *present* and of *absent*, adjusted over all rows.
    discovery, absent_discovery : ndarray of bool
        Whether the status is *present* (*absent*) and stands after the correction.
    selective_low, selective_high : ndarray of float
        Interval of each discovery that allows for its selection; NaN elsewhere.
    fallbacks : int or None
        Keys that were read and judged one by one, since something in their rows is out of the ordinary. None where
        parts of the data were judged elsewhere.
    engine : str
        What judged the data.
    """

    _data: Any = field(default=None, compare=False, metadata={"json": False})

    def __repr__(self) -> str:
        """Return the answer as one line."""
        from sigstats.studies.screen.words import headline

        return f"Screen({headline(self)})"

    def __str__(self) -> str:
        """Return the answer as one line."""
        from sigstats.studies.screen.words import headline

        return headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per key and signature: status, reasons, effect with bounds, p-values, discoveries."""
        from sigstats.studies.screen.frame import table

        return table(self)

    def verdict(self, key: object, signature: object = None) -> Answer:
        """Return the whole verdict on one key: what `sigstats.detect` says of its rows.

        Parameters
        ----------
        key : value, tuple or dict
            The value of the column that tells keys apart; of several columns a tuple, or a dict by column.
        signature : str, int or Signature
            Which of several signatures: its name or its place.

        Returns
        -------
        Verdict or Comparison
            The verdict.

        Raises
        ------
        OptionError
            If there is no such key or signature.
        InputError
            If the key cannot be analysed.
        """
        from sigstats.studies.screen.tables import answer_on

        at, which = self.place(key, signature)
        return answer_on(self._data, self.keys, at, self.signatures[which])

    def _figure(self, asked: "Layout") -> "Figure":
        """Return the figure: p-values against effects, and the intervals of all keys, for each signature."""
        from sigstats.studies.screen.figure import screen_figure

        return screen_figure(self, asked)

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write `table` as comma-separated text.

        Parameters
        ----------
        path : str or path-like
            Where to write.
        overwrite : bool
            Whether a file that exists is replaced; otherwise it is kept, and an error raised.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        OutputError
            If it exists and is to be kept, or cannot be written.
        """
        from sigstats.studies.screen.files import write_csv

        return write_csv(self, path, overwrite=overwrite)

    def to_parquet(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write `table` as Parquet.

        Parameters
        ----------
        path : str or path-like
            Where to write.
        overwrite : bool
            Whether a file that exists is replaced; otherwise it is kept, and an error raised.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        OutputError
            If it exists and is to be kept, or cannot be written.
        """
        from sigstats.studies.screen.files import write_parquet

        return write_parquet(self, path, overwrite=overwrite)

    def _document(self) -> "Document":
        """Return all that reports say."""
        from sigstats.studies.screen.words import tell

        return tell(self, self.plot)

    def _record(self) -> dict[str, Any]:
        """Return everything by name, and the sentence."""
        from sigstats.studies.screen.words import record

        return record(self)
