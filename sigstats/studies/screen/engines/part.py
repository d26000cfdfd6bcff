"""The keys in one part of the data, judged where the part is."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from sigstats.data.table.keyed.keys import NAME, Keys
from sigstats.data.table.keyed.reduce import BoolArray
from sigstats.evidence.reason import Reason
from sigstats.signature.signature import Signature
from sigstats.studies.screen.rows import Rows
from sigstats.studies.screen.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

ASKED = "asked"  # which of the signatures
BETWEEN = ", "
WHOLE = ("status", "rule")
TEXT = ("reasons", "problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked of every part."""

    by: tuple[str, ...]
    signatures: tuple[Signature, ...]
    # For each signature the keys that it is asked of; None for all.
    only: tuple[frozenset[tuple[Any, ...]], ...] | None = None

    def __call__(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return a row per key and signature: values of the key, then the columns of `Rows`."""
        import pandas as pd

        if not len(frame):
            return self.empty()
        tables = Tables(frame, self.by)
        keys = [tables.keys.key(at) for at in range(len(tables.keys))]
        found = []
        for at, signature in enumerate(self.signatures):
            wanted = None
            if self.only is not None:
                wanted = np.array([key in self.only[at] for key in keys], dtype=bool)
            rows = _as_frame(tables.keys, tables.judge(signature, wanted)).assign(**{ASKED: at})
            found.append(rows if wanted is None else rows[wanted])
        return pd.concat(found, ignore_index=True)[self.columns]

    @property
    def columns(self) -> list[str]:
        """The columns of what is returned."""
        return [*(f"{NAME}{at}" for at in range(len(self.by))), ASKED, *(each.name for each in fields(Rows))]

    def empty(self) -> "pd.DataFrame":
        """Return a frame without rows."""
        import pandas as pd

        kinds = dict.fromkeys(self.columns, "float64") | dict.fromkeys([ASKED, *WHOLE], "int64")
        kinds |= dict.fromkeys([*TEXT, *self.columns[: len(self.by)]], "object")
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})[self.columns]


def _as_frame(keys: Keys, rows: Rows) -> "pd.DataFrame":
    import pandas as pd

    columns: dict[str, Any] = {
        f"{NAME}{at}": pd.Series(keys.column(at)).infer_objects() for at in range(len(keys.columns))
    }
    columns |= {each.name: getattr(rows, each.name) for each in fields(Rows)}
    columns |= {name: columns[name].astype(np.int64) for name in WHOLE}
    columns["reasons"] = [BETWEEN.join(each) for each in rows.reasons]
    return pd.DataFrame(columns)


def rows_from(frame: "pd.DataFrame", places: Any, n: int) -> Rows:  # noqa: ANN401 - an array of int
    """Return what parts returned as the rows of all keys, those of a part at its places."""
    from sigstats.studies.screen.rows import placed

    reasons = np.empty(len(frame), dtype=object)
    known: dict[str, tuple[Reason, ...]] = {"": ()}
    for at, said in enumerate(frame["reasons"]):
        if said not in known:
            known[said] = tuple(map(Reason, said.split(BETWEEN)))
        reasons[at] = known[said]
    problems = np.array(
        [None if not isinstance(each, str) else each for each in frame["problem"]] + [None], object
    )
    columns = {each.name: frame[each.name].to_numpy() for each in fields(Rows)}
    columns |= {name: columns[name].astype(np.int8) for name in WHOLE}
    part = Rows(**(columns | {"reasons": reasons, "problem": problems[:-1]}))
    return placed([part], places, n)


def selected(keys: Keys, only: Sequence[BoolArray]) -> tuple[frozenset[tuple[Any, ...]], ...]:
    """Return keys in the form that is handed to parts."""
    return tuple(frozenset(keys.key(at) for at in np.flatnonzero(each).tolist()) for each in only)
