"""From the data that a caller hands in to the sweep table that a signature is about."""

from typing import Any

from sigstats.data.table.sweep import SweepTable, only_conditions
from sigstats.errors import SignatureError
from sigstats.signature.signature import Signature


def read_table(data: Any, signature: Signature) -> SweepTable:  # noqa: ANN401 - see detect
    """Return the sweep table that a signature is about."""
    if signature.shape.along is not None:
        from sigstats.evidence.fading import effects_along

        return effects_along(data, signature, signature.shape.along)
    if signature.shape.against_baseline:
        raise SignatureError(
            f"the claim {signature.shape.name!r} has no knob: it compares treatments with the baseline "
            f"{signature.baseline!r}. Use sigstats.compare(data, signature)."
        )
    used = signature.in_use
    if isinstance(data, SweepTable):
        if signature.where or signature.aggregate or signature.levels:
            raise SignatureError(
                "`where`, `aggregate` and `levels` work on a data frame, and a SweepTable was given. "
                "Pass them to SweepTable.from_frame instead."
            )
        return data if used is None else only_conditions(data, used)
    return SweepTable.from_frame(
        data,
        knob=signature.knob,
        metric=signature.metric,
        seed=signature.seed,
        condition=signature.condition,
        where=signature.where,
        aggregate=signature.aggregate,
        conditions=used,
        levels=signature.levels,
    )
