"""Whether a replication agrees with its original."""

import json

import pytest

import sigstats as ss
from sigstats.errors import OptionError, StudiesError
from sigstats.stats.combining.agreement import Measured, agreement
from sigstats.studies.combining.judge import Agrees, Ground, judged
from tests.studies.combining.test_combine import verdict


def test_a_close_replication_agrees_within_the_margin():
    found = ss.replicates(verdict(1.0, min_effect=2.0), verdict(1.0, at=1))
    assert (found.status, found.margin) == (Agrees.AGREES, 2.0)
    assert found.reasons[0] is Ground.WITHIN_MARGIN
    assert "smaller than 2 metric" in " ".join(found.summary(full=True).split())


@pytest.mark.long
def test_without_a_margin_it_cannot_be_said_to_agree():
    found = ss.replicates(verdict(1.0), verdict(1.0, at=1))
    assert found.status is Agrees.CANNOT_TELL
    assert Ground.NO_MARGIN in found.reasons
    assert ss.replicates(verdict(1.0), verdict(1.0, at=1), margin=2.0).status is Agrees.AGREES


def test_an_effect_the_other_way_disagrees():
    found = ss.replicates(verdict(1.0), verdict(-1.0, at=1))
    assert found.status is Agrees.DISAGREES
    assert found.reasons == (Ground.OUTSIDE_PREDICTION, Ground.OPPOSITE, Ground.UNDETECTABLE_BY_ORIGINAL)
    assert not found.prediction.low <= found.new.effect.value <= found.prediction.high


def test_a_large_study_without_effect_after_a_small_one_cannot_tell_but_says_what_it_saw():
    old, new = Measured(value=1.0, se=0.5, df=2.0), Measured(value=0.02, se=0.05, df=30.0)
    found = judged(agreement(old, new, margin=0.2, alpha=0.05), alpha=0.05)
    assert found.status is Agrees.CANNOT_TELL
    assert Ground.UNDETECTABLE_BY_ORIGINAL in found.reasons


def test_a_difference_that_is_shown_but_does_not_matter_agrees():
    old, new = Measured(value=1.0, se=0.01, df=30.0), Measured(value=1.1, se=0.01, df=30.0)
    found = judged(agreement(old, new, margin=0.5, alpha=0.05), alpha=0.05)
    assert (found.status, found.reasons) == (Agrees.AGREES, (Ground.WITHIN_MARGIN, Ground.SHOWN_TO_DIFFER))


def test_the_status_is_symmetric_in_the_sign_of_the_effects():
    for old, new in ((1.0, 0.2), (1.0, 1.4), (0.1, 0.2)):
        pairs = [
            (Measured(value=s * old, se=0.2, df=4.0), Measured(value=s * new, se=0.1, df=4.0))
            for s in (1, -1)
        ]
        first, second = (judged(agreement(*pair, margin=0.5, alpha=0.05), alpha=0.05) for pair in pairs)
        assert first == second


@pytest.mark.long
def test_wrong_input_is_refused():
    one = verdict(1.0)
    with pytest.raises(StudiesError, match="same data"):
        ss.replicates(one, one)
    with pytest.raises(StudiesError, match="shape"):
        ss.replicates(one, verdict(1.0, at=1, shape="decreasing"))
    with pytest.raises(OptionError, match="margin"):
        ss.replicates(one, verdict(1.0, at=1), margin=0.0)


@pytest.mark.long
def test_reports_in_every_format():
    found = ss.replicates(verdict(1.0, min_effect=1.0), verdict(0.9, at=1))
    assert json.loads(found.to_json())["status"] == str(found.status)
    for text in (found.summary(full=True), found.to_markdown(), found.to_latex(), found.to_html()):
        assert "original" in text
    assert list(found.table().study) == ["original", "new", "difference", "prediction"]
    assert found.plot().axes[0].get_label() == "title"
