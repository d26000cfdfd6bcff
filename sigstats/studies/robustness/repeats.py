"""Other ways to make one value of repeated measurements of a cell than `SweepTable.from_frame` offers."""

from typing import Any

import numpy as np

from sigstats.data.table import columns, frames, roles
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import OptionError
from sigstats.signature.signature import ROLES, Signature
from sigstats.stats.checks import FloatArray

OWN = ("mean", "median", "min", "max")
TRIMMED = {"trimmed mean": 0.1, "interquartile mean": 0.25}


def reduced_table(data: Any, signature: Signature, option: str) -> SweepTable:  # noqa: ANN401 - see detect
    """Return the sweep with repeated measurements reduced in a way of one's choice."""
    if isinstance(data, SweepTable):
        raise OptionError(
            "`data` is a SweepTable, whose repeated measurements are reduced already. Pass the data frame, or leave "
            "the choice 'aggregate' out."
        )
    given = {name: getattr(signature, name) for name in ROLES}
    given |= {} if signature.item is None else {"item": signature.item}
    if option in OWN:
        return SweepTable.from_frame(
            data,
            where=signature.where,
            aggregate=option,
            conditions=signature.in_use,
            levels=signature.order,
            **given,
        )
    source = frames.adopt(data)
    chosen, _ = roles.choose(source.labels, given)
    picked, filters, _ = columns.open_sheet(source, chosen, signature.where or {})
    rows = frames.collect(picked.filter(*(each.keep for each in filters)) if filters else picked)
    frame = rows.to_pandas()[list(chosen)].dropna(subset=["metric"])
    keys = [role for role in chosen if role != "metric"]
    cells = frame.groupby(keys, sort=True, observed=True)["metric"]
    cut = TRIMMED[option]
    reduced = cells.agg(lambda values: trimmed_mean(np.asarray(values, dtype=float), cut)).reset_index()
    named = reduced.rename(columns={role: str(label) for role, label in chosen.items()})
    labels: dict[str, Any] = {role: str(chosen[role]) if role in chosen else None for role in given}
    return SweepTable.from_frame(named, conditions=signature.in_use, levels=signature.order, **labels)


def trimmed_mean(values: FloatArray, cut: float) -> float:
    """Return the mean without the lowest and the highest part of the values."""
    if values.size < 3:
        return float(values.mean())
    k = min(int(np.ceil(cut * values.size)), (values.size - 1) // 2)
    return float(np.sort(values)[k : values.size - k].mean())
