"""Confirmatory, deviating, exploratory: each where it belongs, with the look that it is."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sigstats.cards.card import Card
from sigstats.cards.lock import words
from sigstats.cards.lock.canonical import hash_of, written
from sigstats.cards.lock.existing import _fingerprint
from sigstats.cards.lock.lock import amend, lock
from sigstats.cards.lock.result import Ground, Kind, SignatureStanding, Standing
from sigstats.errors import OutputError

SECOND = """
[[signature]]
name = "bends"
data = "sweep.csv"
knob = "steps"
metric = "score"
seed = "run"
shape = "convex"
"""
HIGHER = """
[[signature]]
data = "runs.csv"
metric = "score"
seed = "run"
condition = "model"
shape = "higher"
baseline = "a"
min_effect = 1
"""
LOOKS = "min_effect = 0.5\nlooks = [3, 5]"


def check(place, *options):
    """Return the standing of the card's first signature, and all of it."""
    _, out, err = place.run("check", "card.toml", "--json", *options)
    assert not err.startswith(("sigstats", "warning"))
    found = json.loads(out)["standing"]
    return found["signatures"][0], found


def grounds(place, *options):
    return check(place, *options)[0]["grounds"]


def test_without_a_lock_it_is_exploratory(place):
    place.data()
    one, whole = check(place)
    assert (one["kind"], one["grounds"], one["look"]) == ("exploratory", ["no_lock"], None)
    assert whole["sentence"] == "Exploratory: the card was not locked before the data."
    assert not place.lock_file.exists()


@pytest.mark.long
def test_without_a_card_there_is_no_standing(place):
    place.data()
    columns = ("--shape", "increasing", "--knob", "steps", "--metric", "score", "--seed", "run")
    _, out, _ = place.run("check", "sweep.csv", *columns, "--json")
    assert "standing" not in json.loads(out)
    assert place.run("check", "sweep.csv", *columns, "--confirmatory")[0] == 14


def test_data_that_came_later_confirm(place):
    lock(place.card())
    place.data()
    one, whole = check(place)
    assert (one["kind"], one["grounds"], one["look"], one["planned"]) == ("confirmatory", [], 1, 1)
    assert whole["sentence"] == (
        "Confirmatory: the card is as it was locked on 2020-01-01 08:00 UTC, and these data were not there then; "
        "look 1 of 1."
    )


@pytest.mark.long
def test_planned_looks_are_told_by_their_seeds(place):
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(3)
    assert check(place)[1]["sentence"].endswith("; look 1 of 2.")
    place.data(5)
    assert check(place)[1]["sentence"].endswith("; look 2 of 2.")
    one, whole = check(place)
    assert (one["kind"], one["repeated"]) == ("confirmatory", True)
    assert whole["sentence"].endswith("; look 2 of 2, the same look as before.")


def test_a_look_that_is_skipped_is_no_harm(place):
    """Fewer looks than planned err less often."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(5)
    one, _ = check(place)
    assert (one["kind"], one["look"], one["planned"]) == ("confirmatory", 2, 2)


def test_a_look_at_other_seeds_than_planned_deviates(place):
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(6)
    one, whole = check(place)
    assert (one["kind"], one["grounds"], one["look"]) == ("deviates", ["unplanned_look"], None)
    assert whole["sentence"] == "Deviates from the lock: no look was planned at these numbers of seeds."


@pytest.mark.long
@pytest.mark.parametrize("first", [3, 5, 6])
def test_a_planned_look_is_taken_once_and_in_order(place, first):
    """Other data with as many seeds are another try, and so is a look after a later one or after an unplanned one."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(first)
    check(place)
    place.data(3, entropy=2)
    one, whole = check(place)
    assert (one["kind"], one["grounds"], one["look"]) == ("deviates", ["repeated_look"], 1)
    assert (
        "other data were seen before at look 1 or a later one, or at numbers of seeds that were"
        in whole["sentence"]
    )


@pytest.mark.long
def test_numbers_seen_between_planned_looks_do_no_harm_as_long_as_the_plan_is_kept(place):
    """At a number of seeds that was not planned nothing is claimed, so that nothing is paid for."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    for n_seeds in (2, 3, 4):
        place.data(n_seeds)
        one, _ = check(place)
        assert one["kind"] == ("confirmatory" if n_seeds == 3 else "deviates")
    place.data(5)
    one, _ = check(place)
    assert (one["kind"], one["grounds"], one["look"], one["n_between"]) == ("confirmatory", [], 2, 2)
    _, out, _ = place.run("check", "card.toml")
    assert (
        "data were also seen at numbers of seeds that were not planned (2 times), where nothing was claimed; all of "
        "them are part of these data." in " ".join(out.split())
    )
    told = place.run("lock", "card.toml", "--verify")[1]
    assert "the lock is whole: 5 lines, 0 amendments, 4 looks recorded, 2 of them planned" in told


@pytest.mark.long
def test_seeds_chosen_from_those_seen_between_planned_looks_deviate(place):
    """Of six seeds that were seen, five can be chosen to look well."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(6)
    check(place)
    place.data(5)
    assert grounds(place) == ["repeated_look"]


@pytest.mark.long
def test_a_run_that_was_replaced_after_it_was_seen_deviates(place):
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(4)
    check(place)
    place.data(5, first=1)
    assert grounds(place) == ["repeated_look"]


@pytest.mark.long
def test_data_seen_between_planned_looks_with_another_card_deviate(place):
    """Without its plan the card can claim something at four seeds, or fail to."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(4)
    place.edit(LOOKS, "min_effect = 50")
    check(place)
    place.edit("min_effect = 50", LOOKS)
    place.data(5)
    assert "repeated_look" in grounds(place)


@pytest.mark.long
def test_a_lock_without_fingerprints_of_its_looks_is_read(place):
    """Earlier versions wrote none: whether all that was seen is still there is then not known."""
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(4)
    check(place)
    first, second = map(json.loads, place.lines())
    for each in second["signatures"]:
        del each["runs"], each["levels"]
    second["hash"] = hash_of({key: value for key, value in second.items() if key != "hash"})
    place.write_lines([written(first), written(second)])
    place.data(5)
    assert grounds(place) == ["repeated_look"]


@pytest.mark.long
def test_without_a_plan_one_look_is_planned(place):
    lock(place.card())
    place.data(3)
    check(place)
    place.data(5)
    one, whole = check(place)
    assert (one["kind"], one["grounds"], one["look"]) == ("deviates", ["unplanned_look"], 2)
    assert whole["sentence"] == "Deviates from the lock: this is look 2 at data, and the card plans 1."


@pytest.mark.long
def test_a_repeated_check_is_the_same_look(place):
    lock(place.card())
    place.data()
    check(place)
    lines = place.lines()
    check(place)
    assert place.lines() == lines


@pytest.mark.long
def test_looks_are_recorded_with_data_and_verdict(place, time):
    lock(place.card())
    place.data()
    time("2020-02-01T00:00:00Z")
    _, out, _ = place.run("check", "card.toml", "--json")
    told = json.loads(out)["results"][0]
    entry = json.loads(place.lines()[1])
    assert (entry["kind"], entry["time"]) == ("look", "2020-02-01T00:00:00Z")
    looked = entry["signatures"][0]
    assert (looked["data_hash"], looked["rows"]) == (told["provenance"]["data_hash"], 24)
    assert (looked["verdict"], list(looked["seeds"].values())) == (told["status"], [4])
    assert entry["versions"]["sigstats"] == told["provenance"]["versions"]["sigstats"]


@pytest.mark.long
def test_no_record_leaves_no_trace(place):
    lock(place.card())
    place.data()
    lines = place.lines()
    assert check(place, "--no-record")[0]["kind"] == "confirmatory"
    assert place.lines() == lines


def test_a_lock_says_nothing_of_outcomes(place):
    """Hashes, levels of the knob and numbers of rows only."""
    place.data()
    found = json.loads(json.dumps(lock(place.card()).data[0].__class__.__slots__))
    assert set(found) == {"signature", "path", "file_hash", "data_hash", "rows", "levels", "runs"}


@pytest.mark.long
def test_data_that_existed_are_exploratory(place):
    place.data()
    lock(place.card())
    one, whole = check(place)
    assert (one["kind"], one["grounds"]) == ("exploratory", ["data_existed"])
    assert "these data existed when the card was locked on 2020-01-01 08:00 UTC" in whole["sentence"]


@pytest.mark.long
def test_data_that_existed_under_another_name_are_exploratory(place):
    place.data()
    lock(place.card())
    (place.folder / "sweep.csv").rename(place.folder / "new.csv")
    assert grounds(place, "--data", "new.csv") == ["data_existed"]


@pytest.mark.long
def test_data_that_existed_and_were_sorted_are_exploratory(place):
    """The hash is that of the table, not of the file."""
    place.data()
    lock(place.card())
    head, *rows = (place.folder / "sweep.csv").read_text().splitlines()
    (place.folder / "sweep.csv").write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert grounds(place) == ["data_existed"]


@pytest.mark.long
def test_data_that_existed_under_other_labels_are_exploratory(place):
    """A run is known by its values: calling it something else does not make it new."""
    place.data()
    lock(place.card())
    path = place.folder / "sweep.csv"
    frame = pd.read_csv(path)
    frame.assign(run=[f"rerun {run}" for run in frame["run"]]).to_csv(path, index=False)
    assert grounds(place) == ["data_existed"]


def test_runs_with_too_few_values_to_know_them_by_are_known_by_their_labels():
    """An accuracy of .5 at two levels may well recur in a new run."""
    few, many = np.array([0.5, 0.6]), np.array([0.5, 0.6, 0.7])
    assert _fingerprint("a", "1", few) != _fingerprint("a", "2", few)
    assert _fingerprint("a", "1", many) == _fingerprint("b", "2", many)
    assert _fingerprint("a", "1", many) != _fingerprint("a", "1", many + 1e-12)


@pytest.mark.long
def test_part_of_the_data_existed(place):
    """A pilot that is counted in again."""
    place.data(3)
    lock(place.card())
    place.data(8)
    one, whole = check(place)
    assert (one["kind"], one["grounds"]) == ("exploratory", ["some_data_existed"])
    assert (one["n_existed"], one["n_runs"]) == (3, 8)
    assert "3 of 8 runs existed when the card was locked" in whole["sentence"]


@pytest.mark.long
def test_a_pilot_that_is_left_out_harms_nothing(place):
    place.data(3)
    lock(place.card())
    place.data(5, first=3)
    assert check(place)[0]["kind"] == "confirmatory"


def test_a_run_that_went_on_is_known_again(place):
    """Its values at the levels of that time are the same."""
    place.data(4)
    path = place.folder / "sweep.csv"
    whole = path.read_text()
    path.write_text("\n".join(row for row in whole.splitlines() if ",5," not in row) + "\n")
    lock(place.card())
    path.write_text(whole)
    assert grounds(place) == ["data_existed"]


@pytest.mark.long
def test_a_subset_of_the_levels_does_not_hide_the_file(place):
    place.data(4)
    lock(place.card())
    place.write(place.CARD + "where = { steps = { max = 4 } }\n")
    assert grounds(place) == ["data_existed", "card_changed"]


@pytest.mark.long
def test_a_file_that_is_older_than_the_lock_is_exploratory(place):
    lock(place.card())
    place.data()
    os.utime(place.folder / "sweep.csv", (1_500_000_000, 1_500_000_000))
    assert grounds(place) == ["data_older"]


@pytest.mark.long
def test_files_that_match_a_pattern_are_known_again(place):
    place.edit('data = "sweep.csv"', 'data = "sweep_*.csv"')
    place.data(2, name="sweep_1.csv")
    assert lock(place.card()).data[0].rows == 12
    place.data(4, first=2, name="sweep_2.csv")
    assert grounds(place, "--no-record") == ["some_data_existed"]
    (place.folder / "sweep_2.csv").unlink()
    assert grounds(place) == ["data_existed"]


@pytest.mark.long
def test_a_folder_of_logs_is_known_again(place):
    """By its table, and by when its files were last changed."""
    text = '[[signature]]\ndata = "runs"\nknob = "step"\nmetric = "loss"\nshape = "decreasing"\n'
    place.write(text)
    write_logs(place.folder / "runs")
    assert lock(place.card()).data[0].file_hash is None
    assert grounds(place) == ["data_existed"]


@pytest.mark.long
def test_a_folder_of_older_logs_is_exploratory(place):
    place.write('[[signature]]\ndata = "runs"\nknob = "step"\nmetric = "loss"\nshape = "decreasing"\n')
    lock(place.card())
    write_logs(place.folder / "runs")
    for path in (place.folder / "runs").rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    assert grounds(place) == ["data_older"]


def write_logs(folder):
    """Write a log for each of four seeds."""
    for seed in range(4):
        (folder / f"seed_{seed}").mkdir(parents=True)
        rows = [f"{step},{10 - step + 0.1 * ((seed + step) % 3)}" for step in range(6)]
        (folder / f"seed_{seed}" / "metrics.csv").write_text("\n".join(["step,loss", *rows]) + "\n")


def test_a_lock_that_cannot_be_read_does_not_take_the_answer_away(place):
    place.data()
    place.lock_file.mkdir()
    one, whole = check(place)
    assert one["grounds"] == ["broken_lock"]
    assert "is not a regular file" in whole["sentence"]


@pytest.mark.long
def test_data_that_cannot_be_read_yet_are_known_by_their_bytes(place):
    (place.folder / "sweep.csv").write_text("not,a\nsweep,\n")
    entry = lock(place.card())
    assert entry.data[0].data_hash is None
    assert entry.data[0].file_hash is not None
    place.data()
    assert check(place)[0]["kind"] == "confirmatory"


@pytest.mark.long
def test_a_change_deviates_field_by_field(place):
    lock(place.card())
    place.data()
    place.edit("min_effect = 0.5", "min_effect = 0.4\nalpha = 0.01")
    one, whole = check(place)
    assert (one["kind"], one["grounds"]) == ("deviates", ["card_changed"])
    assert [(each["field"], each["locked"], each["now"], each["why"]) for each in whole["deviations"]] == [
        ("min_effect", 0.5, 0.4, None),
        ("alpha", None, 0.01, None),
    ]
    out = place.run("check", "card.toml")[1]
    assert "`min_effect` of 'rises' was 0.5 and is 0.4; not declared." in out
    assert "`alpha` of 'rises' was left out and is 0.01; not declared." in out


@pytest.mark.long
def test_a_declared_change_deviates_with_its_reason(place, time):
    lock(place.card())
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    time("2020-01-02T00:00:00Z")
    amend(place.card(), "a slip of the pen.")
    place.data()
    _, whole = check(place)
    found = whole["deviations"][0]
    assert (whole["kind"], found["why"], found["before_data"]) == ("deviates", "a slip of the pen.", True)
    out = place.run("check", "card.toml")[1]
    assert "declared on 2020-01-02 00:00 UTC, before any data: a slip of the pen.\n" in " ".join(
        out.split("\n    ")
    )


@pytest.mark.long
def test_a_change_after_a_look_was_not_declared_before_data(place):
    lock(place.card())
    place.data()
    check(place)
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    amend(place.card(), "smaller")
    one, whole = check(place)
    assert whole["deviations"][0]["before_data"] is False
    assert one["grounds"] == ["card_changed", "other_version_seen"]


@pytest.mark.long
def test_a_second_change_that_was_not_declared_has_no_reason(place):
    lock(place.card())
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    amend(place.card(), "smaller")
    place.edit("min_effect = 0.4", "min_effect = 0.3")
    place.data()
    assert [each["why"] for each in check(place)[1]["deviations"]] == [None]


@pytest.mark.long
def test_data_seen_with_another_card_are_not_confirmed_by_going_back(place):
    lock(place.card())
    place.data()
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    check(place)
    place.edit("min_effect = 0.4", "min_effect = 0.5")
    assert check(place)[0]["grounds"] == ["other_version_seen"]


@pytest.mark.long
def test_signatures_that_were_added_and_taken_away_are_named(place):
    lock(place.card())
    place.data()
    place.edit('name = "rises"', 'name = "goes up"')
    _, whole = check(place)
    assert [(each["signature"], each["field"]) for each in whole["deviations"]] == [
        ("rises", "signature"),
        ("goes up", "signature"),
    ]
    out = place.run("check", "card.toml")[1]
    assert "'rises' was taken away; not declared." in out
    assert "'goes up' was added; not declared." in out


@pytest.mark.long
def test_a_change_of_one_signature_leaves_the_other_alone(place):
    place.write(place.CARD + SECOND)
    lock(place.card())
    place.data()
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    _, whole = check(place)
    assert [each["kind"] for each in whole["signatures"]] == ["deviates", "confirmatory"]
    assert whole["sentence"].startswith("Deviates from the lock in 1 of 2 signatures: ")
    assert (
        "'bends': confirmatory; look 1 of 1, the same look as before." in place.run("check", "card.toml")[1]
    )


@pytest.mark.long
def test_an_option_for_reading_that_the_card_does_not_have_is_a_deviation(place):
    lock(place.card())
    place.data()
    assert [each["field"] for each in check(place, "--decimal", ".")[1]["deviations"]] == ["read"]


@pytest.mark.long
def test_one_signature_of_a_card_is_checked_alone(place):
    place.write(place.CARD + SECOND)
    lock(place.card())
    place.data()
    _, whole = check(place, "--signature", "bends")
    assert [(each["signature"], each["kind"]) for each in whole["signatures"]] == [("bends", "confirmatory")]
    assert [each["signature"] for each in json.loads(place.lines()[1])["signatures"]] == ["bends"]


def test_claims_without_a_knob_have_a_standing_too(place):
    place.write(HIGHER)
    lock(place.card())
    scores = {"a": (0.0, 0.15, 0.2, 0.35, 0.4), "b": (3.0, 3.15, 3.2, 3.35, 3.4)}
    rows = [f"{model},{run},{score}" for model, found in scores.items() for run, score in enumerate(found)]
    (place.folder / "runs.csv").write_text("\n".join(["model,run,score", *rows]) + "\n")
    one, _ = check(place)
    assert (one["kind"], one["signature"], one["n_runs"]) == ("confirmatory", "#1", 10)
    assert json.loads(place.lines()[1])["signatures"][0]["seeds"] == {"a": 5, "b": 5}


@pytest.mark.long
def test_the_command_fails_unless_confirmatory_where_asked(place):
    place.data()
    assert place.run("check", "card.toml", "--confirmatory")[0] == 14
    (place.folder / "sweep.csv").unlink()
    lock(place.card())
    place.data()
    assert place.run("check", "card.toml", "--confirmatory")[0] == 0


@pytest.mark.long
def test_a_lock_that_is_a_link_is_not_written_and_said_once_why(place):
    """The reason stands there once, as one sentence."""
    lock(place.card())
    place.data()
    place.lock_file.rename(place.folder / "real")
    place.lock_file.symlink_to("real")
    err = place.run("check", "card.toml")[2]
    assert err == (
        "warning: this look at the data was not recorded: the lock 'card.toml.lock' could not be written: there is a "
        "directory, link or device of that name.\n"
    )


def test_a_folder_that_cannot_be_written_to_gives_a_warning(place, monkeypatch):
    """The answer is given all the same."""
    lock(place.card())
    place.data()
    before = place.lines()

    def refuse(*_args, **_options):
        raise OutputError("no") from PermissionError(13, "Permission denied")

    monkeypatch.setattr("sigstats.cards.lock.file.write_report", refuse)
    code, out, err = place.run("check", "card.toml")
    assert code == 0
    assert "Confirmatory" in out
    assert err == (
        "warning: this look at the data was not recorded: the lock 'card.toml.lock' could not be written: "
        "Permission denied.\n"
    )
    assert place.lines() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_read_only_folder_gives_a_warning(place):
    lock(place.card())
    place.data()
    place.folder.chmod(0o555)
    try:
        code, _, err = place.run("check", "card.toml")
    finally:
        place.folder.chmod(0o755)
    assert (code, err.startswith("warning: this look")) == (0, True)


AT_ONCE = """
import os, sys
import sigstats.detection
from sigstats.cli.main import main
children = []
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        os._exit(main(["check", "card.toml", name]))
    children.append(child)
sys.exit(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) not in (0, 10, 11, 12) for child in children))
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are started otherwise here")
def test_processes_that_check_at_once_lose_no_look(place):
    """Each waits for the others, and the chain stays whole; they are copies of one that has loaded the package."""
    lock(place.card())
    names = [f"sweep{number}.csv" for number in range(4)]
    for number, name in enumerate(names):
        place.data(4, entropy=number, name=name)
    subprocess.run([sys.executable, "-c", AT_ONCE, *names], check=True, capture_output=True, timeout=120)
    assert len(place.lines()) == 5
    assert place.run("lock", "card.toml", "--verify")[0] == 0


@pytest.mark.parametrize("ground", Ground)
def test_every_ground_has_words(ground):
    one = SignatureStanding(
        signature="rises", kind=Kind.EXPLORATORY, grounds=(ground,), n_runs=3, n_existed=2
    )
    told = Standing(kind=Kind.EXPLORATORY, signatures=(one,), locked="2020-01-01T00:00:00Z")
    assert len(words.sentence(told)) > len("Exploratory: .")


# --- in Python ---


@pytest.mark.long
def test_python_gives_the_standing_and_records_the_look_as_the_command_line_does(place):
    place.edit("min_effect = 0.5", LOOKS)
    lock(place.card())
    place.data(3)
    found = place.card().check()
    assert (found.standing.kind, found.standing.signatures[0].look) == ("confirmatory", 1)
    assert "look 1 of 2" in found.summary(full=True)
    assert "look 1 of 2" in found.to_html()
    assert len(place.lines()) == 2
    _, told = check(place)
    assert len(place.lines()) == 2
    assert told["signatures"][0]["repeated"]
    assert {**found.standing.to_dict()["signatures"][0], "repeated": True} == told["signatures"][0]


def test_python_leaves_no_trace_where_asked(place):
    lock(place.card())
    place.data()
    assert place.card().check(record=False).standing.kind == "confirmatory"
    assert len(place.lines()) == 1


@pytest.mark.long
def test_a_table_in_memory_is_the_same_data(place):
    """Its hash is that of the file; how old it is is not known, and said."""
    lock(place.card())
    place.data()
    frame = pd.read_csv(place.folder / "sweep.csv")
    found = place.card().check(frame)
    one = found.standing.signatures[0]
    assert (one.kind, one.dated, one.look) == ("confirmatory", False, 1)
    assert "when they were made is not known" in found.standing.sentence
    again, _ = check(place)
    assert (again["kind"], again["repeated"], again["dated"]) == ("confirmatory", True, True)
    assert len(place.lines()) == 2


def test_a_table_in_memory_whose_runs_existed_is_exploratory(place):
    place.data()
    lock(place.card())
    frame = pd.read_csv(place.folder / "sweep.csv")
    assert place.card().check(frame).standing.signatures[0].grounds == ("data_existed",)
    some = place.card().check(frame[frame["run"] > 0]).standing.signatures[0]
    assert (some.kind, some.n_existed) == ("exploratory", 3)


def test_a_card_without_a_file_has_no_standing(place):
    place.data()
    card = Card(signatures=place.card().signatures)
    assert card.check(place.folder / "sweep.csv").standing is None


def test_python_warns_where_the_look_could_not_be_recorded(place):
    lock(place.card())
    place.data()
    place.lock_file.rename(place.folder / "real")
    place.lock_file.symlink_to("real")
    with pytest.warns(UserWarning, match="this look at the data was not recorded: the lock") as caught:
        assert place.card().check().standing.kind == "confirmatory"
    assert caught[0].filename == __file__


def test_data_that_are_missing_are_no_look(place):
    place.write(place.CARD + SECOND.replace("sweep.csv", "later.csv"))
    lock(place.card())
    place.data()
    found = place.card().check(missing="open")
    assert [each.signature for each in found.standing.signatures] == ["rises"]


@pytest.mark.long
def test_the_closing_sentence_carries_the_standing(place):
    """Who quotes it quotes both."""
    place.edit("min_effect = 0.5", LOOKS)
    place.data(3, name="other.csv")
    unlocked = place.card().check(place.folder / "other.csv")
    assert unlocked.to_dict()["idea"]["sentence"].endswith(").")
    lock(place.card())
    place.data(3)
    said = place.card().check().to_dict()["idea"]["sentence"]
    assert said.endswith(", looks counted); confirmatory, look 1 of 2.")
    place.edit(LOOKS, "min_effect = 0.4\nlooks = [3, 5]")
    assert place.card().check().to_dict()["idea"]["sentence"].endswith("; this deviates from the lock.")
    place.lock_file.write_text("nothing\n")
    assert place.card().check().to_dict()["idea"]["sentence"].endswith("; exploratory.")
