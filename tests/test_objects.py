"""What every answer is at a prompt, in a notebook and in a condition; and that all questions take the same keywords."""

import inspect

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.errors import InputError, SignatureError
from sigstats.signature import keywords
from sigstats.signature.signature import CLAIM

CLAIMED = {"shape": "increasing", "control": "control", "min_effect": 1.0}
ASKING = (
    ss.compare_control,
    ss.compare_shapes,
    ss.effect_interval,
    ss.forecast,
    ss.hierarchical_slopes,
    ss.onset,
    ss.plan,
    ss.robustness,
    ss.scope,
    ss.trend_test,
)


ANSWERS = (
    "calibration", "card verdict", "combined", "comparison", "control", "evidence", "forecast", "lint", "plan",
    "replication", "robustness", "scope", "screen", "shapes", "slopes", "strength", "table", "verdict",
)  # fmt: skip


@pytest.fixture(scope="module")
def sweep() -> pd.DataFrame:
    """Return a table of a rise that the control does not share, run at two widths."""
    table = ss.simulate_sweep({"treatment": 5.0, "control": 0.0}, n_seeds=4, levels=5, rng=3)
    rows = [
        (name, seed, level, value)
        for name in table.conditions
        for seed, row in zip(table.seeds(name), table.matrix(name), strict=True)
        for level, value in zip(table.levels, row, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "knob", "metric"])
    wide = frame.assign(
        seed=frame.seed + "b", width=64, metric=frame.metric + 0.1 * np.sin(10 * frame.metric)
    )
    return pd.concat([frame.assign(width=32), wide], ignore_index=True)


@pytest.fixture(scope="module")
def answers(sweep):
    """Return one answer to each question."""
    narrow = sweep[sweep.width == 32]
    verdict = ss.detect(narrow, **CLAIMED)
    other = ss.detect(sweep[sweep.width == 64], **CLAIMED)
    last = narrow[narrow.knob == narrow.knob.max()]
    return {
        "verdict": verdict,
        "table": ss.SweepTable.from_frame(narrow),
        "slopes": ss.hierarchical_slopes(narrow, verdict),
        "shapes": ss.compare_shapes(narrow, verdict, shapes=["flat", "linear"]),
        "plan": ss.plan(verdict, noise=1.0, seeds=3, levels=5, replications=20),
        "scope": ss.scope(sweep, verdict, by="width"),
        "forecast": ss.forecast(narrow, shape="linear", treatment="treatment", to=4.0),
        "robustness": ss.robustness(narrow, verdict, choices=[], replications=0),
        "comparison": ss.compare(last, claim="higher", treatment="treatment", baseline="control"),
        "combined": ss.combine([verdict, other]),
        "card": ss.Card(signatures=[verdict.signature]),
        "calibration": ss.calibrate({"treatment": 5.0}, n_seeds=3, levels=4, replications=2),
        "evidence": verdict.evidence,
        "control": verdict.evidence.control,
        "strength": verdict.strength,
        "signature": verdict.signature,
        "screen": ss.screen(sweep, verdict.signature, by="width"),
        "card verdict": ss.Card(signatures=[verdict.signature]).check(narrow),
        "replication": ss.replicates(verdict, other),
        "lint": ss.Card(signatures=[verdict.signature]).lint(),
    }


SEEN = ("plot", "to_arviz", "sensitivity")  # drawn below; tests of their own ask the others, which take long


def called(answer):
    """Return what an answer says by each public property, and each public method that needs no argument."""
    found = {}
    for name, each in inspect.getmembers_static(type(answer)):
        if name.startswith("_") or name in SEEN:
            continue
        if inspect.isfunction(each):
            needed = [
                one
                for one in list(inspect.signature(each).parameters.values())[1:]
                if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            ]
            if not needed:
                found[name] = getattr(answer, name)()
        elif isinstance(each, property):
            found[name] = getattr(answer, name)
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_every_public_method_without_required_arguments_answers(answers, name):
    """No method is first called by a user."""
    found = called(answers[name])
    assert found, name
    assert all(said for method, said in found.items() if method in ("summary", "to_html", "to_json"))


def test_every_answer_is_among_those_whose_methods_are_called(answers):
    public = {getattr(ss, name) for name in ss.__all__ if inspect.isclass(getattr(ss, name))}
    told = {each for each in public if hasattr(each, "to_dict") and hasattr(each, "summary")}
    assert told - {type(each) for each in answers.values()} == set()


def test_an_answer_at_a_prompt_is_one_short_line(answers):
    found = {name: repr(each) for name, each in answers.items()}
    assert {name: said for name, said in found.items() if "\n" in said or len(said) > 330} == {}


def test_a_notebook_shows_every_answer_as_html_that_scrolls_by_itself(answers):
    pages = {
        name: each._repr_html_()
        for name, each in answers.items()
        if name not in ("evidence", "control", "strength", "signature", "lint")
    }
    assert {
        name for name, said in pages.items() if "<table" in said and "overflow-x: auto" not in said
    } == set()
    assert {name for name, said in pages.items() if "<script" in said or "http" in said} == set()


def test_labels_of_a_table_are_escaped_in_a_notebook():
    frame = pd.DataFrame({"seed": [1, 2], "knob": [0.0, 1.0], "metric": 1.0, "condition": "<b>a</b>"})
    assert "<b>a" not in ss.SweepTable.from_frame(frame)._repr_html_()


def test_a_verdict_is_no_condition_and_no_word(answers):
    verdict = answers["verdict"]
    with pytest.raises(InputError, match=r"neither true nor false\. .*result.is_present"):
        bool(verdict)
    with pytest.raises(InputError, match=r"compared with the word 'present'\. .*result.status == 'present'"):
        assert verdict == "present"
    with pytest.raises(InputError, match="neither true nor false"):
        assert answers["slopes"]
    assert verdict != 1


def test_a_verdict_says_which_of_the_four_it_is(answers):
    verdict = answers["verdict"]
    asked = (verdict.is_present, verdict.is_absent, verdict.is_partial, verdict.is_inconclusive)
    assert asked == tuple(verdict.status == each for each in ss.Status)
    assert sum(asked) == 1


@pytest.mark.parametrize("function", ASKING, ids=lambda each: each.__name__)
def test_every_question_lists_the_keywords_of_detect_with_their_defaults(function):
    expected = inspect.signature(ss.detect).parameters
    own = set(inspect.signature(ss.plan).parameters) - set(CLAIM) | {"bounds", "levels", "item"}
    found = inspect.signature(function).parameters
    assert set(CLAIM) <= set(found)
    assert {name for name in set(CLAIM) - own if found[name].default != expected[name].default} == set()


def test_type_checkers_know_the_keywords_of_a_claim():
    known = {**keywords._Shared.__annotations__, **keywords.Claim.__annotations__}
    assert set(known) == set(CLAIM)


def test_a_verdict_stands_for_its_signature(sweep, answers):
    narrow = sweep[sweep.width == 32]
    again = ss.detect(narrow, answers["verdict"])
    assert again == answers["verdict"]
    assert ss.trend_test(narrow, again) == ss.trend_test(narrow, **CLAIMED)


def test_a_keyword_that_no_claim_has_is_refused_with_the_nearest_one(sweep):
    with pytest.raises(SignatureError, match=r"no keyword 'contrl'\. Did you mean 'control'"):
        ss.trend_test(sweep, contrl="control")


def test_a_signature_of_another_kind_is_named_shortly(sweep):
    with pytest.raises(SignatureError, match="`signature` is a DataFrame; it must be a Signature") as caught:
        ss.robustness(sweep, sweep)
    assert len(str(caught.value)) < 300


def test_what_is_not_a_number_is_equal_to_itself_in_an_answer(answers):
    assert answers["slopes"] == answers["slopes"]
    assert np.isfinite(answers["slopes"].mean)


def test_another_word_for_a_direction_leads_to_that_direction():
    with pytest.raises(SignatureError, match="Did you mean 'decreasing'"):
        ss.Signature(shape={"name": "threshold", "direction": "falling"})
    with pytest.raises(SignatureError, match="Did you mean 'increasing'"):
        ss.Signature(shape={"name": "threshold", "direction": "rising"})


def test_a_forecast_names_its_options_as_they_are(sweep):
    narrow = sweep[sweep.width == 32]
    with pytest.raises(InputError, match="`beyond` is 'yes'; it must be True or False"):
        ss.forecast(narrow, shape="linear", treatment="treatment", to=4.0, beyond="yes")
    found = ss.forecast(narrow, shape="linear", treatment="treatment", to=4.0, within=0.999)
    assert "99.9 %" in found.summary()
    assert "100 %" not in found.summary()


def test_a_summary_is_five_lines_and_names_the_way_to_all_of_it(answers):
    verdict = answers["verdict"]
    lines = [line for line in verdict.summary().splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in lines] == ["PRESENT:", "effect", "seeds", "control", "tests"]
    assert "summary(full=True)" in verdict.summary()
    assert len(verdict.summary(full=True)) > 2 * len(verdict.summary())


def test_every_figure_takes_a_width_a_title_and_a_style(answers):
    for name in (
        "slopes",
        "shapes",
        "plan",
        "scope",
        "forecast",
        "robustness",
        "comparison",
        "combined",
        "calibration",
    ):
        figure = answers[name].plot(width=5.0, title="what was found", style={"axes.grid": False})
        assert figure.get_size_inches()[0] == pytest.approx(5.0), name
        assert "what was found" in [text.get_text() for axes in figure.axes for text in axes.texts], name


def test_many_verdicts_are_drawn_as_small_panels(answers):
    verdict = answers["verdict"]
    figure = ss.plot_grid([verdict, verdict, verdict], columns=2, width="column")
    titles = [
        " ".join(axes.get_title("left").split()) for axes in figure.axes if axes.get_label() == "curves"
    ]
    assert titles == ["PRESENT metric rises with knob"] * 3
    with pytest.raises(InputError, match="holds a Slopes"):
        ss.plot_grid([answers["slopes"]])
    with pytest.raises(InputError, match="there are 0 verdicts"):
        ss.plot_grid([])


def test_verdicts_are_tabulated_by_name_without_p_values(answers):
    """P-values of several verdicts would have to be corrected; the rest is that of each verdict."""
    verdict = answers["verdict"]
    table = ss.tabulate({"first": verdict, 2: verdict})
    assert list(table["name"]) == ["first", "2"]
    assert set(table["status"]) == {str(verdict.status)}
    assert set(table["effect"]) == {verdict.effect.value}
    assert [column for column in table if "pvalue" in column] == []
    assert "<table" in table._repr_html_()
    with pytest.raises(InputError, match="at least one"):
        ss.tabulate([])
