"""Studies put together, from verdicts and JSON files to what is said."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

import sigstats as ss
from sigstats.cli.main import main
from sigstats.errors import InputError, OptionError, StudiesError
from sigstats.studies.combining.record import Finding

SEEDS, LEVELS = range(4), range(6)


def sweep(slope, *, at=0, noise=0.3, **names):
    """Return a sweep of four seeds with a slope, and noise of its own."""
    rng = np.random.default_rng([7, at])
    lines = slope + 0.05 * rng.normal(size=len(SEEDS))
    rows = [
        (seed, level, line * level + noise * rng.normal())
        for seed, line in zip(SEEDS, lines, strict=True)
        for level in LEVELS
    ]
    return pd.DataFrame(rows, columns=["seed", "knob", "metric"]).rename(columns=names)


def verdict(slope, *, at=0, shape="increasing", **options):
    return ss.detect(sweep(slope, at=at), shape=shape, **options)


@pytest.fixture(scope="module")
def three():
    return [verdict(slope, at=at, min_effect=1.0) for at, slope in enumerate((0.8, 1.0, 1.1))]


@pytest.fixture(scope="module")
def found(three):
    return ss.combine(three)


@pytest.mark.long
def test_the_mean_lies_among_the_effects(three, found):
    effects = [each.effect.value for each in three]
    assert min(effects) < found.mean.value < max(effects)
    assert found.mean.low > 0
    assert found.findings[:3] == (Finding.SHOWN, Finding.EACH_SHOWN, Finding.REACHES_MARGIN)
    assert found.margin == 1.0


@pytest.mark.long
def test_verdicts_dictionaries_and_files_say_the_same(three, found, tmp_path):
    paths = []
    for at, each in enumerate(three):
        paths.append(tmp_path / f"study{at}.json")
        paths[-1].write_text(each.to_json(), encoding="utf-8")
    from_files, from_dicts = ss.combine(paths), ss.combine([each.to_dict() for each in three])
    assert from_files.mean == from_dicts.mean == found.mean
    assert [each.name for each in from_files.studies] == ["study0", "study1", "study2"]
    assert [each.name for each in found.studies] == ["study 1", "study 2", "study 3"]


@pytest.mark.long
def test_what_check_prints_can_be_combined(tmp_path, capsys):
    paths = []
    for at in range(2):
        table = tmp_path / f"data{at}.csv"
        sweep(1.0, at=at).to_csv(table, index=False)
        main(["check", str(table), "--shape", "increasing", "--json"])
        paths.append(tmp_path / f"found{at}.json")
        paths[-1].write_text(capsys.readouterr().out, encoding="utf-8")
    assert ss.combine(paths).mean.low > 0


@pytest.mark.long
def test_names_come_from_a_mapping_and_are_told_apart(three):
    assert [each.name for each in ss.combine({"a": three[0], "b": three[1]}).studies] == ["a", "b"]
    named = [verdict(1.0, at=at) for at in range(2)]
    records = [
        {**each.to_dict(), "signature": {**each.to_dict()["signature"], "name": "rises"}} for each in named
    ]
    assert [each.name for each in ss.combine(records).studies] == ["rises (1)", "rises (2)"]


@pytest.mark.long
def test_an_inconclusive_study_counts():
    studies = [verdict(0.06, at=at) for at in range(6)]
    assert {str(each.status) for each in studies} - {"present"}
    narrow = ss.combine(studies).mean
    wide = ss.combine(studies[:2]).mean
    assert narrow.high - narrow.low < wide.high - wide.low


@pytest.mark.long
def test_contradiction_is_named():
    found = ss.combine({"rises": verdict(1.0, at=1), "falls": verdict(-1.0, at=2)})
    assert Finding.CONTRADICTION in found.findings
    assert "'rises' shows an effect above 0, 'falls' one below 0" in found.summary(full=True)
    assert Finding.DIFFER in found.findings
    assert Finding.NEXT_OPEN in found.findings


@pytest.mark.long
def test_contrasts_are_those_of_the_verdicts():
    tables = [
        pd.concat([sweep(1.0, at=at).assign(condition="new"), sweep(0.1, at=at + 50).assign(condition="old")])
        for at in range(3)
    ]
    studies = [ss.detect(table, shape="increasing", treatment="new", control="old") for table in tables]
    found = ss.combine(studies, of="contrast")
    assert [each.effect.value for each in found.studies] == [each.contrast.value for each in studies]
    assert "beyond the control" in str(found)
    with pytest.raises(StudiesError, match="no control"):
        ss.combine([verdict(1.0), verdict(1.0, at=1)], of="contrast")


def comparison(shift, at, claim="lower"):
    rng = np.random.default_rng([9, at])
    rows = [("base", seed, 10 + rng.normal()) for seed in range(6)]
    rows += [("new", seed + 10, 10 + shift + rng.normal()) for seed in range(6)]
    table = pd.DataFrame(rows, columns=["condition", "seed", "metric"])
    return ss.compare(table, baseline="base", claim=claim, min_effect=0.5)


@pytest.mark.long
def test_comparisons_are_combined_with_the_sign_of_the_claim():
    studies = [comparison(-2.0, at) for at in range(3)]
    found = ss.combine(studies)
    assert found.mean.low > 0
    for study, made in zip(found.studies, studies, strict=True):
        assert study.effect.value == -made.rows[0].difference.value
        assert study.margin == 0.5
    with pytest.raises(StudiesError, match="kind") as raised:
        ss.combine([studies[0], verdict(1.0)])
    assert raised.value.values == ("against a baseline", "along a knob")


def raised_up():
    return sweep(1.0, at=1).assign(metric=lambda table: table.metric + 9)


@pytest.mark.long
@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("metric", lambda: ss.detect(sweep(1.0, at=1, metric="loss"), shape="increasing", metric="loss")),
        ("knob", lambda: ss.detect(sweep(1.0, at=1, knob="width"), shape="increasing", knob="width")),
        ("shape", lambda: verdict(1.0, at=1, shape="decreasing")),
        ("metric_scale", lambda: ss.detect(raised_up(), shape="increasing", metric_scale="log")),
        ("knob_scale", lambda: verdict(1.0, at=1, knob_scale="rank")),
        ("range", lambda: ss.detect(sweep(1.0, at=1).query("knob < 5"), shape="increasing")),
        ("across", lambda: verdict(1.0, at=1, across="each")),
    ],
)  # fmt: skip
def test_studies_of_other_things_are_refused_with_both_values(field, other):
    with pytest.raises(StudiesError) as raised:
        ss.combine([verdict(1.0), other()])
    found = raised.value
    assert found.field == field or (field == "metric_scale" and found.field == "unit")
    assert len(set(found.values)) == 2
    assert all(repr(value) in str(found) for value in found.values)
    assert isinstance(pickle.loads(pickle.dumps(found)), StudiesError)  # noqa: S301 - made here


@pytest.mark.long
def test_what_may_differ_must_be_allowed_and_is_told():
    studies = [
        verdict(1.0),
        ss.detect(
            sweep(1.0, at=1, metric="acc", knob="width"), shape="increasing", metric="acc", knob="width"
        ),
    ]
    found = ss.combine(studies, allow=["metric", "knob"])
    assert found.differing == ("metric", "knob")
    assert "differ in `knob`, which was allowed" in found.summary(full=True)
    with pytest.raises(OptionError, match="measure different things"):
        ss.combine(studies, allow="knob_scale")
    with pytest.raises(OptionError, match="allow"):
        ss.combine(studies, allow="nonsense")


def test_the_same_data_are_refused(three):
    with pytest.raises(StudiesError, match="same data") as raised:
        ss.combine([three[0], three[0]])
    assert raised.value.field == "data_hash"


@pytest.mark.long
def test_shared_runs_are_refused():
    first = sweep(1.0)
    second = pd.concat([first[first.seed < 2], sweep(1.0, at=1)[lambda t: t.seed > 1]])
    studies = [ss.detect(table, shape="increasing") for table in (first, second)]
    with pytest.raises(StudiesError, match="share 2 runs"):
        ss.combine(studies)
    assert ss.combine(studies, allow="runs").mean.value > 0


def test_one_study_and_strange_things_are_refused(three, tmp_path):
    for wrong, said in (
        ([three[0]], "at least 2"),
        (three[0], "one study"),
        (three[0].to_dict(), "one study"),
        ([three[0], 3], "int"),
        ([three[0], {"schema": 1}], "no verdict"),
        ([three[0], {**three[1].to_dict(), "schema": 2}], "schema 2"),
        ([three[0], tmp_path / "missing.json"], "could not be read"),
    ):
        with pytest.raises(InputError, match=said):
            ss.combine(wrong)
    for text, said in (
        ("{", "not JSON"),
        ("[" * 100_000, "deep|JSON"),
        ('{"schema": 1, "status": "present", "signature": {}}', "not as sigstats"),
    ):
        path = tmp_path / "broken.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=said):
            ss.combine([three[0], path])


def test_studies_without_an_error_are_named():
    few = ss.detect(sweep(1.0, at=3)[lambda t: t.seed < 1], shape="increasing")
    with pytest.raises(StudiesError, match="no standard error"):
        ss.combine([few, verdict(1.0)])
    most = verdict(1.0, at=2, across_seeds="majority")
    with pytest.raises(StudiesError, match="most seeds"):
        ss.combine([verdict(1.0, across_seeds="majority"), most])


@pytest.mark.long
def test_one_of_several_signatures_is_named(three, tmp_path):
    results = [
        {**three[at].to_dict(), "signature": {**three[at].to_dict()["signature"], "name": name}}
        for at, name in enumerate("ab")
    ]
    path = tmp_path / "two.json"
    path.write_text(json.dumps({"schema": 1, "results": results}), encoding="utf-8")
    with pytest.raises(StudiesError, match="2 signatures"):
        ss.combine([path, three[2]])
    other = {
        **results[0],
        "provenance": three[2].to_dict()["provenance"],
        "evidence": three[2].to_dict()["evidence"],
    }
    assert len(ss.combine([path, other], signature="a").studies) == 2


@pytest.mark.long
def test_reports_in_every_format(found):
    json.loads(found.to_json())
    for text in (found.summary(full=True), found.to_markdown(), found.to_latex(), found.to_html()):
        assert "next study" in text
    assert list(found.table().study)[-2:] == ["mean", "next study"]
    assert found.plot().axes[0].get_label() == "title"


@pytest.mark.long
def test_names_are_escaped(three):
    page = ss.combine({"<script>alert(1)</script>": three[0], "$x$": three[1]}).to_html()
    assert "<script>" not in page


@pytest.mark.long
def test_an_own_prior_is_used(three):
    from sigstats.priors import half_normal

    found = ss.combine(three, tau=half_normal(0.01))
    assert found.prior == "half_normal(0.01)"
    assert found.between.high < 0.1
    assert [each.prior for each in found.sensitivity] == ["half_normal(0.005)", "half_normal(0.02)"]
