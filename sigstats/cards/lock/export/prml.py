"""A locked card as a manifest of PRML 0.1 (Pre-Registered ML Manifest), which the tool `falsify` locks and verifies.

A manifest compares one number with one threshold. Here the number is the share of the card's signatures that were
fulfilled, and it must reach 1; what they say is bound by the hashes of the card and of its lock.

References
----------
PRML 0.1, https://spec.falsify.dev/v0.1, DOI 10.5281/zenodo.20177839; the fields are those of its JSON schema, and the
canonical bytes are those of its reference implementation, which is PyYAML's dump with sorted keys.
"""

import hashlib
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any

import yaml

from sigstats.cards.lock.canonical import hash_of
from sigstats.cards.lock.chain import Chain
from sigstats.cards.lock.clock import seconds
from sigstats.cards.lock.entries import Amended, Locked
from sigstats.report.escaping import shortened, visible
from sigstats.stats.random import ENTROPY

VERSION = "prml/0.1"
LONGEST_NOTES = 4000
LONGEST_NAME = 200


def manifest(chain: Chain, producer: str) -> str:
    """Return the manifest of what was declared last, in canonical form; it names the one before it, if there is one."""
    text = ""
    locked = chain.locked
    if locked is None:
        return text
    versions: list[Locked | Amended] = [locked, *chain.amendments]
    for entry in versions:
        prior = None if not text else hashlib.sha256(text.encode()).hexdigest()
        text = canonical(_fields(entry, locked, producer, prior))
    return text


def canonical(fields: Mapping[str, Any]) -> str:
    """Return the canonical form of a manifest."""
    given = {**fields, "threshold": float(fields["threshold"])}
    dumped = yaml.safe_dump(
        given, default_flow_style=False, sort_keys=True, width=float("inf"), allow_unicode=True
    )
    return str(dumped).rstrip() + "\n"


def _fields(entry: Locked | Amended, locked: Locked, producer: str, prior: str | None) -> dict[str, Any]:
    signatures = entry.card["signatures"]
    known = len(entry.data) == len(signatures) and all(each.data_hash for each in entry.data)
    paths = sorted({str(each.get("data", "not named")) for each in signatures.values()})
    return {
        "version": VERSION,
        "claim_id": _identifier(locked),
        "created_at": entry.time,
        "metric": "sigstats_share_of_signatures_fulfilled",
        "comparator": ">=",
        "threshold": 1.0,
        "dataset": {
            "id": _text(", ".join(paths)),
            "hash": hash_of({each.signature: each.data_hash for each in entry.data})
            if known
            else entry.card_hash,
        },
        "seed": ENTROPY,
        "producer": {"id": _text(producer)},
        "metric_args": {
            "card_sha256": entry.card_hash,
            "dataset_hash_is_of": "data" if known else "card",
            "lock_sha256": entry.hash,
            "sigstats_version": str(entry.versions.get("sigstats", "unknown")),
            **({} if entry.git is None else {"git_commit": entry.git.commit}),
            "signatures": {_text(key): _text(_claim(each)) for key, each in signatures.items()},
        },
        "notes": _notes(entry, known=known),
        **({} if prior is None else {"prior_hash": prior}),
    }


def _claim(signature: Mapping[str, Any]) -> str:
    shape = signature["shape"].get("name", "") if isinstance(signature.get("shape"), Mapping) else ""
    return f"{shape}, expected {signature.get('expect', 'present')}"


def _notes(entry: Locked | Amended, *, known: bool) -> str:
    said = [
        "The metric is the share of the signatures in metric_args whose verdict by sigstats check is the expected one.",
        ""
        if known
        else "The data did not exist yet, so dataset.hash is the hash of the card that declares them.",
        f"Amended: {entry.why}" if isinstance(entry, Amended) else "",
    ]
    return _text(" ".join(part for part in said if part), LONGEST_NOTES)


def _text(given: str, longest: int = LONGEST_NAME) -> str:
    """Return text as manifests may hold it: composed, and without what cannot be seen."""
    return shortened(visible(unicodedata.normalize("NFC", given)), longest)


def _identifier(locked: Locked) -> str:
    """Return a UUID of version 7 that a lock always gets: its time, and digits of its hash."""
    milliseconds = int(seconds(locked.time) * 1000) & (2**48 - 1)
    rest = int(locked.hash[:19], 16)  # 76 bits, of which 74 are used
    bits = milliseconds << 80 | 0x7 << 76 | (rest >> 64 & 0xFFF) << 64 | 0b10 << 62 | rest & (2**62 - 1)
    return str(uuid.UUID(int=bits))
