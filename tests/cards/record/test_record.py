"""A folder of answers on one page."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from sigstats.cards.record.folder import read_record
from sigstats.cli.main import main
from sigstats.errors import InputError

CARD = """
[idea]
name = "{idea}"
claim = "It rises."

[[signature]]
name = "rises"
data = "{data}"
shape = "increasing"

[[signature]]
name = "falls"
data = "{data}"
shape = "decreasing"
exclusive_with = ["rises"]
"""


def rows(shift: int) -> str:
    lines = [
        f"{seed},{knob},{knob + shift + ((seed * 7 + knob * 3) % 5) / 10}"
        for seed in range(4)
        for knob in range(6)
    ]
    return "\n".join(["seed,knob,metric", *lines]) + "\n"


@pytest.fixture
def folder(tmp_path, capsys):
    """Return a folder with two ideas, one answer without a card, and three files that hold none."""
    place = tmp_path / "answers"
    (place / "deeper").mkdir(parents=True)
    for at, idea in enumerate(("Zebras", "Ants <b>")):
        (tmp_path / f"data{at}.csv").write_text(rows(at), encoding="utf-8")
        card = tmp_path / f"card{at}.toml"
        card.write_text(CARD.format(idea=idea, data=f"data{at}.csv"), encoding="utf-8")
        if at == 0:
            (tmp_path / "data0.csv").unlink()
            assert main(["lock", str(card)]) == 0
            (tmp_path / "data0.csv").write_text(rows(at), encoding="utf-8")
            os.utime(tmp_path / "data0.csv", (4e9, 4e9))
        capsys.readouterr()
        main(["check", str(card), "--json"])
        values = json.loads(capsys.readouterr().out)
        values["idea"] = {"name": idea, "status": "supported", "sentence": f"The data support {idea}."}
        (place / f"card{at}.json").write_text(json.dumps(values), encoding="utf-8")
    main(["check", str(tmp_path / "data1.csv"), "--shape", "increasing", "--json"])
    (place / "deeper" / "plain.json").write_text(capsys.readouterr().out, encoding="utf-8")
    (place / "broken.json").write_text("{", encoding="utf-8")
    (place / "foreign.json").write_text('{"name": "<script>x</script>"}', encoding="utf-8")
    (place / "other.json").write_text(
        '{"schema": 1, "results": [{"status": 3, "signature": {}}]}', encoding="utf-8"
    )
    (place / ".hidden.json").write_text("{", encoding="utf-8")
    return place


@pytest.mark.long
def test_answers_are_sorted_by_idea_and_signature(folder):
    found = read_record(folder)
    assert [(each.idea, each.signature, each.status) for each in found.answers] == [
        ("Ants <b>", "falls", "absent"),
        ("Ants <b>", "rises", "present"),
        ("Zebras", "falls", "absent"),
        ("Zebras", "rises", "present"),
        (None, None, "present"),
    ]


@pytest.mark.long
def test_locks_and_looks_are_told(folder):
    answers = {(each.idea, each.signature): each for each in read_record(folder).answers}
    locked = answers["Zebras", "rises"]
    assert (locked.standing, locked.look, locked.planned) == ("confirmatory", 1, 1)
    assert locked.locked is not None
    assert answers["Ants <b>", "rises"].standing == "exploratory"
    assert answers[None, None].standing is None
    assert len(locked.data_hash) == 64


@pytest.mark.long
def test_what_is_no_answer_is_named(folder):
    assert [each.file for each in read_record(folder).unread] == ["broken.json", "foreign.json", "other.json"]
    text = read_record(folder).summary()
    assert "broken.json is left out" in text
    assert ".hidden" not in text


@pytest.mark.long
def test_the_page_is_escaped_and_has_badges(folder, tmp_path, capsys):
    page = tmp_path / "record.html"
    assert main(["record", str(folder), "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "<b>" not in text
    assert "Ants &lt;b&gt;" in text
    assert re.search('<td[^<>]* class="present"><span class="badge">PRESENT</span></td>', text)
    assert main(["record", str(folder), "--html", str(page)]) != 0
    assert main(["record", str(folder), "--html", str(page), "--force"]) == 0
    capsys.readouterr()


@pytest.mark.long
def test_json_and_exit_codes(folder, tmp_path, capsys):
    assert main(["record", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert len(told["answers"]) == 5
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["record", str(empty)]) == 2
    assert main(["record", str(tmp_path / "nowhere")]) == 2
    assert "no folder" in capsys.readouterr().err


@pytest.mark.long
def test_the_same_claim_on_the_same_data_is_named(folder):
    first = folder / "card0.json"
    (folder / "copy.json").write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    twins = [each for each in read_record(folder).answers if each.same_data]
    assert [(each.file, each.same_data) for each in twins] == [("copy.json", "card0.json")] * 2
    assert "same data as card0.json" in read_record(folder).summary()


@pytest.mark.long
@pytest.mark.parametrize(
    "change",
    [
        {"idea": 3},
        {"idea": {"name": "x"}},
        {"standing": []},
        {"standing": {"signatures": [3]}},
        {"schema": 2},
        {"results": [3]},
        {"results": {}},
    ],
)
def test_a_file_that_was_tampered_with_never_crashes(folder, change):
    path = folder / "card0.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, **change}), encoding="utf-8")
    found = read_record(folder)
    assert "card0.json" in {each.file for each in found.unread} | {each.file for each in found.answers}


def test_a_folder_of_strangers_is_an_error(tmp_path):
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds no answer; 1 JSON"):
        read_record(tmp_path)


def git(folder: Path, *words: str, date: str = "") -> None:
    environment = {**os.environ, **({"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date} if date else {})}
    names = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True, env=environment)


@pytest.mark.long
def test_the_day_is_that_of_the_commit(folder):
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", "answers/card0.json", "answers/deeper/plain.json", "answers/card1.json")
    git(folder.parent, "commit", "-q", "-m", "x", date="2021-03-04T12:00:00+0000")
    path = folder / "card1.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    days = {each.file: (each.date, each.committed) for each in read_record(folder).answers}
    assert days["card0.json"] == days["deeper/plain.json"] == ("2021-03-04", True)
    assert days["card1.json"][1] is False
