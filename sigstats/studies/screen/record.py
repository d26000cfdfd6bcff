"""A screen as data: what words, figures and formats read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sigstats.data.table.cells import FloatArray
from sigstats.data.table.keyed.keys import Keys
from sigstats.data.table.keyed.reduce import BoolArray
from sigstats.errors import OptionError
from sigstats.signature.signature import Signature
from sigstats.studies.screen.correction import Correction
from sigstats.studies.screen.rows import STATUSES, UNKNOWN, Rows
from sigstats.verdict.rules import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRecord:
    """A screen without its reports; `Screen` lists the attributes."""

    by: tuple[str, ...]
    keys: Keys
    signatures: tuple[Signature, ...]
    fdr: float
    correction: Correction
    rows: Rows = field(repr=False)
    null: BoolArray = field(repr=False)
    calibrated_pvalue: FloatArray = field(repr=False)
    adjusted_pvalue: FloatArray = field(repr=False)
    discovery: BoolArray = field(repr=False)
    adjusted_absent_pvalue: FloatArray = field(repr=False)
    absent_discovery: BoolArray = field(repr=False)
    selective_low: FloatArray = field(repr=False)
    selective_high: FloatArray = field(repr=False)
    fallbacks: int | None
    engine: str

    @property
    def counts(self) -> dict[Status, int]:
        """How many rows have each status."""
        return {status: int((self.rows.status == code).sum()) for code, status in enumerate(STATUSES)}

    @property
    def n_unknown(self) -> int:
        """How many rows have no status, since their key could not be analysed."""
        return int((self.rows.status == UNKNOWN).sum())

    def place(self, key: object, signature: object = None) -> tuple[int, int]:
        """Return the place of a key and that of a signature."""
        given = _as_tuple(key, self.by)
        at = self.keys.find(given) if len(given) == len(self.by) else -1
        if at < 0:
            example = self.keys.key(0)
            shown = example[0] if len(example) == 1 else example
            raise OptionError(
                f"`key` is {key!r}, which is none of the {len(self.keys)} keys; a key has a value for each of "
                f"{self.by}, such as {shown!r}."
            )
        return at, self._place_of_signature(signature)

    def _place_of_signature(self, given: object) -> int:
        names = [each.name for each in self.signatures]
        if given is None and len(names) == 1:
            return 0
        if given in self.signatures:
            return self.signatures.index(given)
        if isinstance(given, str) and names.count(given) == 1:
            return names.index(given)
        if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(names):
            return given
        raise OptionError(
            f"`signature` is {given!r}; {len(names)} were asked: name one of {tuple(names)}, or give its place, from 0."
        )


def _as_tuple(key: object, by: Sequence[str]) -> tuple[Any, ...]:
    if isinstance(key, dict):
        return tuple(key.get(name) for name in by) if set(key) == set(by) else ()
    return tuple(key) if isinstance(key, tuple | list) else (key,)
