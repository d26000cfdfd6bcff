"""A whole card in one call, from files, frames and paths."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from sigstats_card_samples import sweep

from sigstats import Card, Comparison, Idea, Signature, Verdict, detect
from sigstats.cards.lock.standing import without_lock
from sigstats.cards.verdict.outcomes import Outcome
from sigstats.cards.verdict.rules import IdeaStatus
from sigstats.errors import CardError, InputError, OptionError

IDEA = Idea(name="More helps", claim="More of it\nhelps.", fails_when=["there is enough"])


@pytest.fixture(scope="module")
def frame():
    return sweep({"a": 5.0, "b": 5.0, "c": 0.0}).to_frame()


def rises(name="rises", **fields):
    fields = {"shape": "increasing", "treatment": "a", "control": "c", "min_effect": 1.0, **fields}
    return Signature(name=name, **fields)


def card(*signatures, idea=IDEA, **fields):
    return Card(idea=idea, signatures=signatures or [rises()], **fields)


@pytest.mark.long
def test_every_signature_is_judged_as_detect_does(frame):
    both = card(rises(), rises("other", treatment="b"))
    found = both.check(frame)
    assert [each.to_dict() for each in found.verdicts] == [
        detect(frame, each).to_dict() for each in both.signatures
    ]
    assert found.status is IdeaStatus.SUPPORTED
    assert [each.outcome for each in found.predictions] == [Outcome.AS_EXPECTED] * 2


def test_expectation_and_role_are_those_of_the_card(frame):
    nothing = rises("nothing", treatment="c", control=None, expect="absent", min_effect=3.0)
    limit = rises("limit", treatment="c", control=None, role="boundary")
    found = card(rises(), nothing, limit).check(frame)
    assert found.status is IdeaStatus.SUPPORTED
    assert [each.outcome for each in found.predictions][1] is Outcome.AS_EXPECTED
    assert [each.labels for each in found.core] == [("rises",), ("nothing",)]


def test_signatures_may_read_different_files(frame, tmp_path):
    """Relative to the card; a file for both is read once."""
    frame.to_csv(tmp_path / "one.csv", index=False)
    sweep({"a": 5.0, "c": 0.0}, rng=2).to_frame().to_csv(tmp_path / "two.csv", index=False)
    (tmp_path / "card.toml").write_text(card(rises(data="one.csv"), rises("again", data="two.csv")).to_toml())
    found = Card.from_toml(tmp_path / "card.toml").check()
    assert [each.status for each in found.verdicts] == ["present", "present"]
    assert len({each.provenance.data_hash for each in found.verdicts}) == 2


def test_data_may_be_a_path_or_differ_by_name(frame, tmp_path):
    path = tmp_path / "sweep.csv"
    frame.to_csv(path, index=False)
    both = card(rises(data="nowhere.csv"), rises("falls", shape="decreasing", treatment="b"))
    assert [each.status for each in both.check(path).verdicts] == ["present", "absent"]
    turned = frame.assign(metric=-frame["metric"])
    assert [each.status for each in both.check({"rises": path, "falls": turned}).verdicts] == [
        "present",
        "present",
    ]
    with pytest.raises(OptionError, match=r"`data` has an entry 'rise', .* Did you mean 'rises'"):
        both.check({"rise": frame})


def test_missing_data_are_an_error_unless_they_may_stay_open(frame, tmp_path):
    """A file that is not there, and a signature that names none."""
    frame.to_csv(tmp_path / "sweep.csv", index=False)
    signatures = rises(data="sweep.csv"), rises("later", data="later.csv"), rises("never", data=None)
    whole = card(*signatures, path=tmp_path / "card.toml")
    with pytest.raises(InputError, match=r"(?s)signature 2 'later': .*later\.csv"):
        whole.check()
    with pytest.raises(CardError, match="signature 'never' names no `data`"):
        card(signatures[2]).check()
    found = whole.check(missing="open")
    assert [each.outcome for each in found.predictions] == [
        Outcome.AS_EXPECTED,
        Outcome.MISSING,
        Outcome.MISSING,
    ]
    assert found.status is IdeaStatus.OPEN
    assert "'later': provide its data (later.csv)." in " ".join(found.summary(full=True).split())
    assert "'later' (its data are missing)" in " ".join(found.summary(full=True).split())
    assert [each["status"] for each in found.to_dict()["idea"]["predictions"]] == ["present", None, None]


def test_a_signature_that_is_asked_alone_leaves_the_idea_open(frame):
    both = card(rises(), rises("other", treatment="b"))
    found = both.check(frame, signature="other")
    assert [each.outcome for each in found.predictions] == [Outcome.NOT_ASKED, Outcome.AS_EXPECTED]
    assert (found.status, len(found.verdicts)) == (IdeaStatus.OPEN, 1)
    with pytest.raises(OptionError, match=r"`signature` is 'othr'; .*Did you mean 'other'"):
        both.check(frame, signature="othr")


def test_a_claim_without_a_knob_is_a_signature_like_any_other(frame):
    last = frame[frame["knob"] == frame["knob"].max()].drop(columns="knob")
    against = Signature(name="gains", shape="higher", treatment="a", baseline="c")
    found = card(against, rises()).check({"gains": last, "rises": frame})
    assert [type(each) for each in found.verdicts] == [Comparison, Verdict]
    assert found.status is IdeaStatus.SUPPORTED
    assert found.table()["effect"].notna().all()


@pytest.mark.parametrize(("option", "value"), [("dependence", "none"), ("missing", "skip")])
def test_options_that_do_not_exist_are_refused(frame, option, value):
    with pytest.raises(OptionError, match=f"`{option}` is '{value}'"):
        card().check(frame, **{option: value})


def test_it_is_no_condition(frame):
    """An `if` would take every answer for yes."""
    with pytest.raises(InputError, match=r"result\.status == 'supported'"):
        bool(card().check(frame))


@pytest.mark.long
def test_the_command_line_prints_and_writes_the_same(frame, tmp_path, capsys, pictureless):
    from sigstats.cli.main import main

    frame.to_csv(tmp_path / "sweep.csv", index=False)
    path = tmp_path / "card.toml"
    path.write_text(card(rises(data="sweep.csv"), rises("other", treatment="b", data="sweep.csv")).to_toml())
    found = Card.from_toml(path).check()
    assert main(["check", str(path), "--full", "--html", str(tmp_path / "page.html")]) == 0
    exploratory = replace(found, standing=without_lock(["rises", "other"]))
    assert capsys.readouterr().out == exploratory.summary(full=True) + "\n"
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == exploratory.to_html()
    main(["check", str(path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [step["code"] for step in told.pop("next")] == ["lock_card"]
    assert told == json.loads(exploratory.to_json())


def test_the_table_has_a_row_for_each_signature(frame):
    found = card(rises(), rises("falls", shape="decreasing", treatment="b")).check(frame)
    table = found.table()
    assert isinstance(table, pd.DataFrame)
    assert table["outcome"].tolist() == ["as expected", "otherwise"]
    assert table["adjusted_pvalue"].tolist() == list(found.adjusted)
    assert table["adjusted_pvalue_otherwise"][1] == pytest.approx(2 * table["pvalue_otherwise"][1])


def test_alpha_is_that_of_the_core(frame):
    found = card(rises(alpha=0.01), rises("other", alpha=0.1, role="auxiliary")).check(frame)
    assert found.alpha == 0.01
