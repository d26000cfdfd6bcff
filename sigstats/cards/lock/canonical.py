"""What a card says, as plain values with one spelling, and the hash of it.

Comments, white space, the order of keys and of named signatures, defaults that are written out, and ``2`` for ``2.0``
say nothing, and change no hash.
"""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from sigstats.cards.data import Checkable
from sigstats.shapes import Shape
from sigstats.signature.fields import without_defaults
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature

Record = dict[str, Any]
EXACT = 2**53  # from here on, neighbouring whole numbers share one float


def written(record: Mapping[str, Any]) -> str:
    """Return plain values as canonical JSON: one line, keys in order, ASCII only."""
    return json.dumps(record, allow_nan=False, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def hash_of(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(written(record).encode("ascii")).hexdigest()


def record_of(card: Checkable) -> Record:
    """Return what a card says: its idea and its signatures by name."""
    idea = (
        {}
        if card.idea is None
        else {key: _plain(value) for key, value in without_defaults(card.idea).items()}
    )
    return {"idea": idea, "signatures": {key: signature_record(each) for key, each in keyed(card).items()}}


def signature_record(signature: Signature) -> Record:
    """Return what a signature says; fields that have their defaults are left out."""
    return {key: _plain(value) for key, value in without_defaults(signature).items()}


def keyed(card: Checkable) -> dict[str, Signature]:
    """Return the signatures by their names; one without a name is called by its place, as in ``#2``."""
    return {each.name or f"#{place}": each for place, each in enumerate(card.signatures, start=1)}


def _plain(value: object) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, Shape):
        return {
            "name": value.name,
            **{key: _plain(each) for key, each in value.options().items() if each is not None},
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _number(value: float) -> int | float | str:
    """Return a number with one spelling: shares and what is not finite as text, whole numbers without a point."""
    if isinstance(value, Share) or not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < EXACT else value
