"""The next card: narrowed to where the data show a signature, and marked so that these data cannot confirm it."""

import json

import numpy as np
import pandas as pd
import pytest

from sigstats import Card, Idea, Signature, detect, scope
from sigstats.cards.lock.lock import lock
from sigstats.errors import OptionError, SignatureError

CLAIM = Signature(name="rises", shape="increasing", min_effect=1.0)
CARD = Card(idea=Idea(name="More helps"), signatures=[CLAIM])


def design(effects, *, nested=False, seed0=0):
    """Return a sweep for each value of a moderator; nested, each value has runs of its own."""
    rng = np.random.default_rng(seed0)
    rows = [
        (name, f"{name}-{seed}" if nested else seed, level, effect * level / 5 + 0.2 * rng.standard_normal())
        for name, effect in effects.items()
        for seed in range(8)
        for level in range(6)
    ]
    return pd.DataFrame(rows, columns=["net", "seed", "knob", "metric"])


def test_runs_that_make_one_table_become_one_signature():
    frame = design({"cnn": 4.0, "mlp": 4.0, "rnn": 0.0}, nested=True)
    card = CARD.narrowed(scope(frame, CLAIM, by="net"))
    (signature,) = card.signatures
    assert signature.name == "rises"
    assert dict(signature.where) == {"net": ("cnn", "mlp")}
    assert card.idea == CARD.idea


@pytest.mark.long
def test_cells_that_repeat_their_runs_become_a_signature_each():
    card = CARD.narrowed(scope(design({"cnn": 4.0, "mlp": 4.0, "rnn": 0.0}), CLAIM, by="net"))
    assert [each.name for each in card.signatures] == ["rises (net 'cnn')", "rises (net 'mlp')"]
    assert [dict(each.where) for each in card.signatures] == [{"net": "cnn"}, {"net": "mlp"}]


@pytest.mark.long
@pytest.mark.parametrize("nested", [True, False])
def test_the_same_data_cannot_confirm_what_they_suggested(nested, tmp_path):
    """The mark survives the file; other data are free of it."""
    effects = {"cnn": 4.0, "mlp": 4.0, "rnn": 0.0}
    frame, new = design(effects, nested=nested), design(effects, nested=nested, seed0=9)
    (tmp_path / "next.toml").write_text(CARD.narrowed(scope(frame, CLAIM, by="net")).to_toml())
    card = Card.from_toml(tmp_path / "next.toml")
    found = card.check(frame)
    assert all(each.suggested_by_these_data for each in found.predictions)
    assert "cannot confirm" in found.summary(full=True)
    records = json.loads(found.to_json())["idea"]["predictions"]
    assert [each["suggested_by_these_data"] for each in records] == [True] * len(card.signatures)
    assert not any(each.suggested_by_these_data for each in card.check(new).predictions)


def test_one_cell_of_several_is_known_again():
    frame = design({"cnn": 4.0, "mlp": 4.0, "rnn": 0.0}, nested=True)
    (signature,) = CARD.narrowed(scope(frame, CLAIM, by="net")).signatures
    assert detect(frame[frame.net == "cnn"], CLAIM).provenance.data_hash in signature.suggested_by


def test_a_card_without_an_idea_says_it_too():
    frame = design({"cnn": 4.0, "rnn": 0.0})
    card = Card(signatures=[CLAIM]).narrowed(scope(frame, CLAIM, by="net"))
    assert "cannot confirm" in card.check(frame).summary(full=True)


@pytest.mark.long
def test_even_a_lock_does_not_make_them_confirmatory(tmp_path):
    """The data appear only after the card was locked, but their hash is on it."""
    frame = design({"cnn": 4.0, "rnn": 0.0})
    claim = Signature(name="rises", shape="increasing", min_effect=1.0, data="sweep.csv")
    card = Card(signatures=[claim]).narrowed(scope(frame, claim, by="net"))
    path = tmp_path / "next.toml"
    path.write_text(card.to_toml())
    lock(Card.from_toml(path))
    frame.to_csv(tmp_path / "sweep.csv", index=False)
    from typer.testing import CliRunner

    from sigstats.cli.main import app

    done = CliRunner().invoke(app, ["check", str(path), "--json"])
    (standing,) = json.loads(done.stdout)["standing"]["signatures"]
    assert standing["kind"] == "exploratory"
    assert standing["grounds"] == ["suggested_by_these_data"]


def test_a_verdict_that_turns_back_narrows_the_knob():
    rng = np.random.default_rng(0)
    rows = [
        (seed, level, (level if level <= 5 else 10 - level) + 0.3 * rng.standard_normal())
        for seed in range(8)
        for level in range(9)
    ]
    frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    verdict = detect(frame, CLAIM)
    assert [str(each) for each in verdict.reasons] == ["reverses"]
    card = CARD.narrowed(verdict, data=frame)
    assert dict(card.signatures[0].where["knob"]) == {"min": verdict.scope[0], "max": verdict.scope[1]}
    assert card.check(frame).predictions[0].suggested_by_these_data
    with pytest.raises(OptionError, match="not the data of the verdict"):
        CARD.narrowed(verdict, data=frame.assign(metric=frame.metric + 1.0))


@pytest.mark.long
def test_other_signatures_exclude_all_that_one_became():
    other = Signature(name="falls", shape="decreasing", exclusive_with=["rises"])
    card = Card(signatures=[CLAIM, other])
    new = card.narrowed(scope(design({"cnn": 4.0, "mlp": 4.0, "rnn": 0.0}), CLAIM, by="net"))
    assert new.signatures[2].exclusive_with == ("rises (net 'cnn')", "rises (net 'mlp')")


@pytest.mark.long
@pytest.mark.parametrize(
    ("effects", "message"),
    [({"cnn": 4.0, "mlp": 4.0}, "holds in every cell"), ({"cnn": 0.0, "mlp": 0.0}, "in no cell")],
)
def test_nothing_to_narrow_to(effects, message):
    with pytest.raises(OptionError, match=message):
        CARD.narrowed(scope(design(effects), CLAIM, by="net"))


def test_what_was_asked_must_stand_on_the_card():
    found = scope(design({"cnn": 4.0, "rnn": 0.0}), Signature(shape="increasing", min_effect=0.5), by="net")
    with pytest.raises(OptionError, match="none of the signatures of the card makes the claim"):
        CARD.narrowed(found)
    with pytest.raises(OptionError, match="'rises' makes another claim"):
        CARD.narrowed(found, signature="rises")
    with pytest.raises(OptionError, match="str was given"):
        CARD.narrowed("wide")
    verdict = detect(design({"cnn": 4.0}), CLAIM)
    with pytest.raises(OptionError, match="names neither"):
        CARD.narrowed(verdict, data=design({"cnn": 4.0}))


def test_hashes_are_checked():
    with pytest.raises(SignatureError, match="64 hexadecimal digits"):
        Signature(shape="increasing", suggested_by=["wide nets"])
