"""Locked cards in the formats of registries."""

import hashlib
import json

import pytest

from sigstats.cards.lock import lock as locking
from sigstats.cards.lock.export.prml import canonical
from sigstats.cards.lock.lock import amend, lock

# Vectors TV-001, TV-005, TV-008, TV-009 and TV-013 of the conformance suite of PRML 0.1,
# https://github.com/studio-11-co/falsify/tree/main/spec/test-vectors/v0.1: what differs from TV-001, and the SHA-256.
TV_001 = {
    "version": "prml/0.1",
    "claim_id": "01900000-0000-7000-8000-000000000000",
    "created_at": "2026-05-01T12:00:00Z",
    "metric": "accuracy",
    "comparator": ">=",
    "threshold": 0.85,
    "dataset": {
        "id": "imagenet-val-2012",
        "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    },
    "seed": 42,
    "producer": {"id": "studio-11.co"},
}
VECTORS = [
    ({}, "1a3466cc08ee7fb60a726ea1c4db6ecf48a9f847b9b7523bfb54b2ffaefee546"),
    (
        {"claim_id": "01900000-0000-7000-8000-000000000002", "producer": {"id": "üniversite.edu.tr"}},
        "6cf48a868f8f2fec59647d4b8327a27aba7dc219c14ab799ad85398a5aa9e1b6",
    ),
    (
        {
            "claim_id": "01900000-0000-7000-8000-000000000005",
            "metric": "exact_match",
            "comparator": "==",
            "threshold": 1.0,
            "dataset": {"id": "synth-100", "hash": "abcdef0123456789" * 4},
            "seed": 7,
        },
        "fc2bf632dfb10bac8cf88b0c0756af2b53175c9b3078ae34aaf6ce63102c1b56",
    ),
    (
        {
            "claim_id": "01900000-0000-7000-8000-000000000006",
            "created_at": "2026-05-15T14:00:00Z",
            "threshold": 0.87,
            "prior_hash": "1a3466cc08ee7fb60a726ea1c4db6ecf48a9f847b9b7523bfb54b2ffaefee546",
            "notes": "Threshold raised after dataset re-curation found 12 mislabeled examples.",
        },
        "29c60f7ccfb1f12777127785be25e3b2ca121b9b85b020f7bbd8e89a65ff1a04",
    ),
    (
        {
            "claim_id": "01900000-0000-7000-8000-00000000000a",
            "created_at": "2026-06-01T12:00:00Z",
            "metric": "accuracy_pct",
            "threshold": 90,
            "dataset": {"id": "eval-2k", "hash": "abcd1234" * 8},
            "producer": {"id": "falsify.dev"},
        },
        "cb9683ce70f5d45d407b827d0b9223d342ebd3600c560ec6a9e76dd336bf007d",
    ),
]


@pytest.mark.parametrize(("differs", "expected"), VECTORS)
def test_manifests_have_the_canonical_form_of_prml(differs, expected):
    assert hashlib.sha256(canonical({**TV_001, **differs}).encode()).hexdigest() == expected


@pytest.fixture
def exported(place, monkeypatch):
    """Return a function that exports the card, whose lock names made-up versions."""
    monkeypatch.setattr(locking, "versions", lambda: {"sigstats": "1.2.3"})
    lock(place.card())

    def export(*options):
        code, out, err = place.run("lock", "card.toml", "--export", *options)
        assert (code, err) == (0, "")
        return out

    return export


def test_the_manifest_of_a_card_is_this(exported):
    """`falsify hash` (falsify 0.4.0) gives the same SHA-256 for this file."""
    told = exported("prml", "--producer", "example.org")
    assert told.startswith(
        "claim_id: 016f601e-5c00-7e01-9c05-79db8c42a4c5\n"
    )  # version 7: the time of the lock
    assert "dataset_hash_is_of: card" in told
    assert hashlib.sha256(told.encode()).hexdigest() == (
        "5206d08f67f7780a91bc1c077830a0571a4d3519b6a0f1890adaa903add4abbe"
    )


def test_an_amended_manifest_names_the_one_before(exported, place, time):
    first = exported("prml", "--producer", "example.org")
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    time("2020-01-02T00:00:00Z")
    amend(place.card(), "a slip of the pen")
    second = exported("prml", "--producer", "example.org")
    assert f"prior_hash: {hashlib.sha256(first.encode()).hexdigest()}\n" in second
    assert first.splitlines()[0] == second.splitlines()[0]  # claim_id
    assert "Amended: a slip of the pen" in second


def test_a_manifest_needs_a_producer(place):
    lock(place.card())
    code, out, err = place.run("lock", "card.toml", "--export", "prml")
    assert (code, out) == (2, "")
    assert "--producer" in err


def test_a_preregistration_has_the_headings_of_the_form(exported):
    """Those of "OSF Preregistration", https://doi.org/10.31222/osf.io/epgjd."""
    told = exported("osf")
    assert [line for line in told.splitlines() if line.startswith("## ")] == [
        "## Study Information",
        "## Design Plan",
        "## Sampling Plan",
        "## Variables",
        "## Analysis Plan",
        "## Other",
    ]
    assert "Registration prior to creation of data" in told
    assert "### Authors\n\n*The card does not say this; fill it in.*" in told


def test_a_preregistration_holds_the_whole_card(exported, place):
    told = exported("osf")
    whole = json.loads(told.split("```json\n")[1].split("\n```")[0])
    assert whole == json.loads(place.lines()[0])["card"]


def test_nothing_on_a_card_breaks_out_of_a_preregistration(place):
    place.write(place.CARD.replace("rises", "<script>`*_#").replace("steps help", "![x](http://y) ``` # z"))
    lock(place.card())
    told = place.run("lock", "card.toml", "--export", "osf")[1]
    assert "![x](http" not in told.split("```json")[0]
    assert "<script>" not in told.split("```json")[0]
    assert told.count("\n```") == 2


def test_a_preregistration_lists_amendments(exported, place):
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    amend(place.card(), "a slip of the pen")
    told = exported("osf")
    assert "Amendments:" in told
    assert "a slip of the pen" in told


def test_a_broken_lock_is_not_exported(exported, place):
    exported("osf")
    place.write_lines([place.lines()[0].replace("0.5", "0.6")])
    assert place.run("lock", "card.toml", "--export", "osf")[0] == 2


def test_an_unknown_format_is_named(exported, place):
    exported("osf")
    assert "it must be one of ('osf', 'prml')" in place.run("lock", "card.toml", "--export", "odf")[2]
