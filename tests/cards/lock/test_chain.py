"""Whoever alters a lock is found out, or it is said that nobody can be."""

import json
import subprocess

import pytest

from sigstats.cards.lock.canonical import hash_of, written
from sigstats.cards.lock.chain import BreakCode, parse
from sigstats.cards.lock.lock import amend, lock, verify

WRITTEN: dict[str, bytes] = {}


@pytest.fixture
def looked(place, time):
    """Return a place whose lock has a lock, a look, an amendment and another look; made once, then copied."""
    if WRITTEN:
        for name, content in WRITTEN.items():
            (place.folder / name).write_bytes(content)
        time("2020-01-04T08:00:00Z")
        return place
    lock(place.card())
    place.data(4)
    time("2020-01-02T08:00:00Z")
    place.run("check", "card.toml")
    place.edit("min_effect = 0.5", "min_effect = 0.4")
    time("2020-01-03T08:00:00Z")
    amend(place.card(), "half was a slip of the pen")
    place.data(6)
    time("2020-01-04T08:00:00Z")
    place.run("check", "card.toml")
    assert [json.loads(line)["kind"] for line in place.lines()] == ["lock", "look", "amendment", "look"]
    WRITTEN.update((path.name, path.read_bytes()) for path in place.folder.iterdir())
    return place


def codes(place):
    return {each.code for each in verify(place.card())[1]}


def altered(line, **fields):
    return written({**json.loads(line), **fields})


def rehashed(line, **fields):
    body = {key: value for key, value in {**json.loads(line), **fields}.items() if key != "hash"}
    return written({**body, "hash": hash_of(body)})


@pytest.mark.long
def test_a_lock_as_it_was_written_is_whole(looked):
    assert verify(looked.card())[1] == ()
    assert looked.run("lock", "card.toml", "--verify")[0] == 0


def data_hash_of(line):
    return json.loads(line)["signatures"][0]["data_hash"]


TAMPERINGS = {
    "a field is edited": (
        lambda lines: [altered(lines[0], card={"idea": {}, "signatures": {}}), *lines[1:]],
        BreakCode.CHANGED,
    ),
    "a reason is edited": (
        lambda lines: [*lines[:2], altered(lines[2], why="planned"), lines[3]],
        BreakCode.CHANGED,
    ),
    "a field is edited and its line hashed again": (
        lambda lines: [rehashed(lines[0], file="other.toml"), *lines[1:]],
        BreakCode.OUT_OF_ORDER,
    ),
    "lines are reordered": (lambda lines: [lines[0], lines[2], lines[1], lines[3]], BreakCode.OUT_OF_ORDER),
    "the lock is made earlier": (
        lambda lines: [altered(lines[0], time="2019-01-01T08:00:00Z"), *lines[1:]],
        BreakCode.CHANGED,
    ),
    "the lock is made earlier and hashed again": (
        lambda lines: [rehashed(lines[0], time="2019-01-01T08:00:00Z"), *lines[1:]],
        BreakCode.OUT_OF_ORDER,
    ),
    "the last line is made earlier than the one before and hashed again": (
        lambda lines: [*lines[:3], rehashed(lines[3], time="2019-01-01T08:00:00Z")],
        BreakCode.EARLIER,
    ),
    "data are swapped": (
        lambda lines: [
            lines[0],
            lines[1].replace(json.loads(lines[1])["signatures"][0]["data_hash"], "0" * 64),
            *lines[2:],
        ],
        BreakCode.CHANGED,
    ),
    "a verdict is edited": (
        lambda lines: [lines[0], lines[1].replace("present", "absent"), *lines[2:]],
        BreakCode.CHANGED,
    ),
    "the first line is deleted": (lambda lines: lines[1:], BreakCode.NO_LOCK),
    "a line in the middle is deleted": (lambda lines: [*lines[:1], *lines[2:]], BreakCode.OUT_OF_ORDER),
    "a line is duplicated": (lambda lines: [*lines[:2], lines[1], *lines[2:]], BreakCode.OUT_OF_ORDER),
    "the lock is duplicated": (lambda lines: [lines[0], *lines], BreakCode.OUT_OF_ORDER),
    "the file is emptied": (lambda _: [], BreakCode.NO_LOCK),
    "a line is no JSON": (lambda lines: [*lines[:2], "{", *lines[2:]], BreakCode.NOT_AN_ENTRY),
    "a line is something else": (lambda lines: [*lines[:2], "[1]", *lines[2:]], BreakCode.NOT_AN_ENTRY),
    "a line is nested too deeply": (lambda lines: [*lines, "[" * 100_000], BreakCode.NOT_AN_ENTRY),
    "a line says a thing twice": (
        lambda lines: [lines[0], *lines[1:3], lines[3].replace('"number":', '"number":9,"number":')],
        BreakCode.NOT_AN_ENTRY,
    ),
    "a line holds no number": (
        lambda lines: [*lines[:3], lines[3].replace('"rows":36', '"rows":NaN')],
        BreakCode.NOT_AN_ENTRY,
    ),
    "fields are missing": (
        lambda lines: [*lines[:3], rehashed("{}", kind="look", schema=1)],
        BreakCode.NOT_AN_ENTRY,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("case", TAMPERINGS)
def test_tampering_is_found(looked, case):
    tamper, code = TAMPERINGS[case]
    before = looked.lines()
    looked.write_lines(tamper(before))
    assert looked.lines() != before
    assert code in codes(looked)
    assert looked.run("lock", "card.toml", "--verify")[0] == 14


@pytest.mark.long
@pytest.mark.parametrize("case", TAMPERINGS)
def test_nothing_is_added_to_a_lock_that_was_tampered_with(looked, case):
    looked.write_lines(TAMPERINGS[case][0](looked.lines()))
    content = looked.lock_file.read_bytes()
    _, out, _ = looked.run("check", "card.toml")
    assert "Exploratory: the lock cannot be trusted." in out
    looked.edit("min_effect = 0.4", "min_effect = 0.3")
    assert looked.run("amend", "card.toml", "--why", "x")[0] == 2
    assert looked.lock_file.read_bytes() == content


def test_a_file_that_was_cut_off_is_found(looked):
    content = looked.lock_file.read_bytes()
    for length in (len(content) - 1, len(content) - 100, 10):
        assert {BreakCode.CUT_OFF, BreakCode.NO_LOCK} & {each.code for each in parse(content[:length]).breaks}


@pytest.mark.long
def test_a_missing_last_line_is_found_by_the_head_that_was_published_only(looked):
    """The chain cannot show it, and the answer says so."""
    head = json.loads(looked.lines()[-1])["hash"]
    assert looked.run("lock", "card.toml", "--verify", "--head", head)[0] == 0
    looked.write_lines(looked.lines()[:-1])
    code, out, _ = looked.run("lock", "card.toml", "--verify")
    assert code == 0
    assert "This does not show that no line is missing at the end" in out
    code, out, _ = looked.run("lock", "card.toml", "--verify", "--head", head)
    assert code == 14
    assert "lines at the end are missing" in out


@pytest.mark.long
def test_an_earlier_head_stays_in_the_lock(looked):
    for line in looked.lines():
        head = json.loads(line)["hash"]
        assert looked.run("lock", "card.toml", "--verify", "--head", head.upper())[0] == 0
        assert looked.run("lock", "card.toml", "--verify", "--head", head[:16])[0] == 0


@pytest.mark.long
@pytest.mark.parametrize("head", ["", "0", "f" * 64, "no hash at all"])
def test_a_head_that_is_none_is_missing(looked, head):
    assert looked.run("lock", "card.toml", "--verify", "--head", head)[0] == 14


def test_a_file_written_anew_is_found_by_the_head_only(looked, time):
    """Whoever writes the whole file again makes a chain that is whole."""
    head = json.loads(looked.lines()[0])["hash"]
    looked.lock_file.unlink()
    time("2019-01-01T08:00:00Z")
    lock(looked.card())
    assert looked.run("lock", "card.toml", "--verify")[0] == 0
    assert looked.run("lock", "card.toml", "--verify", "--head", head)[0] == 14


@pytest.mark.long
def test_the_lock_of_another_card_is_found(looked):
    looked.write(looked.OTHER)
    assert codes(looked) == {BreakCode.OTHER_CARD}
    assert "Exploratory: the lock cannot be trusted." in looked.run("check", "card.toml", "sweep.csv")[1]
    assert looked.run("lock", "card.toml", "--verify")[0] == 14


def test_the_lock_of_another_card_without_an_idea_is_found(place):
    one = '[[signature]]\nname = "a"\nshape = "increasing"\n'
    lock(place.write(one))
    place.write(one.replace('"a"', '"b"').replace("increasing", "peak"))
    assert codes(place) == {BreakCode.OTHER_CARD}


def test_a_card_that_was_renamed_keeps_its_lock(looked):
    looked.card_file.rename(looked.folder / "new.toml")
    looked.lock_file.rename(looked.folder / "new.toml.lock")
    assert looked.run("lock", "new.toml", "--verify")[0] == 0


def test_two_lines_of_one_second_are_in_order(place):
    """Seconds are not split; a clock that was set back breaks no chain."""
    lock(place.card())
    place.edit("0.5", "0.4")
    amend(place.card(), "first")
    place.edit("0.4", "0.3")
    amend(place.card(), "second")
    assert verify(place.card())[1] == ()


def test_a_clock_that_was_set_back_breaks_no_chain(place, time):
    lock(place.card())
    time("2019-01-01T00:00:00Z")
    place.edit("0.5", "0.4")
    assert amend(place.card(), "x").time == "2020-01-01T08:00:00Z"
    assert verify(place.card())[1] == ()


@pytest.fixture
def repository(place, monkeypatch):
    """Return a function that commits what is there; git asks its own settings."""
    monkeypatch.undo()
    monkeypatch.chdir(place.folder)

    def git(*words):
        named = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *named, *words], cwd=place.folder, check=True, capture_output=True)

    git("init", "-q")

    def commit():
        git("add", "--all")
        git("commit", "-q", "-m", "x")

    return commit


def test_the_commit_is_recorded(place, repository):
    repository()
    clean = lock(place.card()).git
    assert clean is not None
    assert (len(clean.commit), clean.clean) == (40, True)
    place.edit("0.5", "0.4")
    assert amend(place.card(), "x").git.clean is False


def test_no_commit_yet_and_no_repository_are_fine(place, repository):
    assert lock(place.card()).git is None
    assert repository is not None


def test_git_that_does_not_answer_is_fine(place, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(place.folder))
    assert lock(place.card()).git is None


def test_a_line_that_was_committed_and_is_gone_is_found(place, repository):
    """Even the last one, without a head that was published."""
    lock(place.card())
    place.edit("0.5", "0.4")
    amend(place.card(), "x")
    repository()
    assert codes(place) == set()
    place.write_lines(place.lines()[:-1])
    assert codes(place) == {BreakCode.COMMITTED_OTHERWISE}
    repository()  # a later commit does not hide it
    assert codes(place) == {BreakCode.COMMITTED_OTHERWISE}


def test_programs_that_a_repository_names_are_not_started(place, repository):
    """Hooks, monitors and signature checkers of a repository that came from elsewhere."""
    repository()
    trap = place.folder / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch sprung\n")
    trap.chmod(0o755)
    (place.folder / ".git" / "hooks").mkdir(exist_ok=True)
    (place.folder / ".git" / "hooks" / "post-index-change").write_text(trap.read_text())
    (place.folder / ".git" / "hooks" / "post-index-change").chmod(0o755)
    settings = {"core.fsmonitor": trap, "core.pager": trap, "gpg.program": trap, "log.showSignature": "true"}
    for key, value in settings.items():
        subprocess.run(["git", "config", key, str(value)], cwd=place.folder, check=True)
    assert lock(place.card()).git is not None
    verify(place.card())
    assert not (place.folder / "sprung").exists()
