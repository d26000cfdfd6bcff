"""What lint reports: places, comments that ignore a rule, choices of rules, and formats."""

import dataclasses
import json
import pickle

import pytest
from sigstats_lint_samples import CLEAN, FIRST, IDEA, SECOND, without

import sigstats as ss
from sigstats.cli.main import main
from sigstats.errors import OptionError

COMPUTED = '"mean over all states of 100 episodes"'
NO_PLACE = without("place", FIRST)[1]
OPEN = without("rivals", IDEA)[1] + without("place", FIRST)[1] + without("place", SECOND)[1]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a card beside which the test runs."""
    monkeypatch.chdir(tmp_path)

    def written(text):
        (tmp_path / "card.toml").write_text(text, encoding="utf-8")
        return ss.Card.from_toml("card.toml")

    return written


def codes(report):
    """Return code and line of each finding."""
    return [(each.code, each.line) for each in report.findings]


def line_of(text, start):
    """Return the number of the first line that begins so."""
    return next(n for n, line in enumerate(text.split("\n"), start=1) if line.startswith(start))


def test_findings_stand_in_the_order_of_the_card(write):
    """Each has the line of its key, or of the table that lacks it."""
    report = write(OPEN).lint()
    second = OPEN.rindex("[[signature]]")
    assert codes(report) == [
        ("SIG107", 1),
        ("SIG204", line_of(OPEN, "[[signature]]")),
        ("SIG204", OPEN[:second].count("\n") + 1),
    ]
    assert [each.subject for each in report.findings] == [
        "the idea",
        "signature 'return rises'",
        "signature 'entropy stays'",
    ]


def test_the_summary_reads_like_that_of_a_linter(write):
    """One line for each finding: place, code, what, why and what mends it."""
    assert write(without("rivals", IDEA)[1] + FIRST + SECOND).lint().summary().split("\n") == [
        (
            "card.toml:1 SIG107 the idea: there is no `rivals`; a signature that other explanations predict as well "
            'speaks for none of them. Add rivals = ["..."] to [idea]: what else would give the same curves.'
        ),
        "card.toml: 1 finding (SIG107)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("[idea]\n", "# lint: ignore[SIG107, SIG204] for a test\n[idea]\n", []),
        ("[idea]\n", "[idea]  # lint: ignore[SIG107] for a test\n", ["SIG204", "SIG204"]),
        (NO_PLACE, f"# lint: ignore[SIG204] for a test\n# More.\n\n{NO_PLACE}", ["SIG107", "SIG204"]),
        ('metric = "entropy"\n', 'metric = "entropy"   # lint: ignore[sig204]: for a test\n', ["SIG107", "SIG204"]),
        ('metric = "entropy"\n', 'metric = "entropy"\n# lint: ignore[SIG204] for a test\n', ["SIG107", "SIG204"]),
        ("seeds = 5\n", "seeds = 5\n# lint: ignore[SIG204] for a test\n", ["SIG107", "SIG204"]),
        (COMPUTED, '"# lint: ignore[SIG204] in a text"', ["SIG107", "SIG204", "SIG204"]),
        (COMPUTED, "'''\n# lint: ignore[SIG204] in a text'''", ["SIG107", "SIG204", "SIG204"]),
    ],
)  # fmt: skip
def test_a_comment_ignores_a_rule_where_it_stands(write, old, new, left):
    """Above the first table it is about the whole card; what stands in a text is no comment."""
    assert OPEN.count(old) == 1
    report = write(OPEN.replace(old, new)).lint()
    assert [each.code for each in report.findings] == left
    assert {each.reason for each in report.ignored} <= {"for a test"}
    assert len(report.ignored) == 3 - len(left)


def test_an_ignore_without_a_reason_still_ignores(write):
    """It is a finding of its own."""
    report = write(OPEN.replace("[idea]\n", "# lint: ignore[SIG107,SIG204]\n[idea]\n")).lint()
    assert codes(report) == [("SIG001", 1)]
    assert [each.reason for each in report.ignored] == [""] * 3


def test_an_ignore_is_not_called_useless_by_a_run_that_does_not_ask_its_rule(write):
    """Only the rules that were asked can tell."""
    card = write(OPEN.replace("[idea]\n", "# lint: ignore[SIG107,SIG204] for a test\n[idea]\n"))
    assert card.lint(select=["SIG0", "SIG1"]).clean
    assert card.lint(ignore="SIG2").clean


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"select": "SIG107"}, ["SIG107"]),
        ({"select": "sig2"}, ["SIG204", "SIG204"]),
        ({"select": ["SIG1", "SIG2"], "ignore": ["SIG204"]}, ["SIG107"]),
        ({"ignore": "SIG107,SIG2"}, []),
        ({}, ["SIG107", "SIG204", "SIG204"]),
    ],
)
def test_rules_are_chosen_by_their_codes(write, options, left):
    """Or by the beginnings of these."""
    assert [each.code for each in write(OPEN).lint(**options).findings] == left


def test_a_code_that_no_rule_has_is_an_error(write):
    """Rather than a report without findings."""
    with pytest.raises(OptionError, match="`select` is 'SIG7', with which no code begins"):
        write(CLEAN).lint(select="SIG7")


def test_lines_are_known_while_the_file_says_what_the_card_says(write):
    """A card that was changed in Python has no lines, and comments of the file are not about it."""
    card = write(OPEN.replace("[idea]\n", "# lint: ignore[SIG107] for a test\n[idea]\n"))
    other = dataclasses.replace(card, idea=dataclasses.replace(card.idea, name="another"))
    assert codes(other.lint(select="SIG1")) == [("SIG107", None)]
    assert card.lint(select="SIG1").clean
    assert other.lint(select="SIG1").summary().startswith("card.toml SIG107 the idea: ")


def test_the_report_is_one_line_in_a_notebook(write):
    """The findings are listed by `summary` and `table`."""
    report = write(OPEN).lint()
    assert repr(report) == "<LintReport of card.toml: 3 findings (SIG107, SIG204 x2)>"
    frame = report.table()
    assert list(frame["code"]) == ["SIG107", "SIG204", "SIG204"]
    assert list(
        ss.Card(signatures=[ss.Signature(shape="flat", min_effect=1)]).lint().table()["line"].isna().unique()
    ) == [True]
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301 - our own bytes


def test_the_report_is_strict_json_that_says_what_to_do_next(write):
    """Codes are stable, lines are numbers, and each finding has a step."""
    record = json.loads(write(OPEN).lint().to_json())
    assert (record["schema"], record["card"], record["clean"]) == (1, "card.toml", False)
    first = record["findings"][0]
    assert (first["code"], first["line"], first["field"]) == ("SIG107", 1, "rivals")
    assert [(step["code"], step["signature"], step["field"]) for step in record["next"]] == [
        ("declare_field", None, "rivals"),
        ("declare_field", "return rises", "place"),
        ("declare_field", "entropy stays", "place"),
    ]
    few = write(CLEAN.replace("control = 8", "control = 1")).lint().to_dict()
    assert [(step["code"], step["role"], step["n"]) for step in few["next"]] == [("add_seeds", "control", 2)]
    assert [step["code"] for step in write(CLEAN).lint().to_dict()["next"]] == ["nothing_to_do"]


def test_names_act_in_no_terminal(write):
    """What a terminal would act upon is spelled out."""
    text = OPEN.replace('"entropy stays"', '"\\u001b[31m"')
    assert "\x1b" not in write(text).lint().summary()


# --- the command line ---


@pytest.mark.long
def test_the_exit_code_says_whether_a_rule_trips(write, capsys):
    """0 for a clean card, 1 for findings, 2 for a card that cannot be read."""
    write(CLEAN)
    assert (main(["lint", "card.toml"]), capsys.readouterr().out) == (0, "card.toml: nothing found\n")
    write(OPEN)
    assert main(["lint", "card.toml"]) == 1
    assert capsys.readouterr().out.count("\n") == 4
    assert main(["lint", "card.toml", "--ignore", "SIG1", "--ignore", "SIG204"]) == 0
    assert main(["lint", "card.toml", "--select", "SIG3"]) == 0
    assert main(["lint", "card.toml", "--select", "SIX"]) == 2
    assert main(["lint", "missing.toml"]) == 2
    capsys.readouterr()
    assert main(["lint", "card.toml", "--json"]) == 1
    assert [each["code"] for each in json.loads(capsys.readouterr().out)["findings"]] == [
        "SIG107",
        "SIG204",
        "SIG204",
    ]


def test_data_are_not_opened(write, tmp_path, capsys):
    """The same card gives the same answer before and after the runs."""
    write(OPEN)
    before = main(["lint", "card.toml"]), capsys.readouterr()
    (tmp_path / "sweep.csv").write_text("no table at all")
    assert (main(["lint", "card.toml"]), capsys.readouterr()) == before


def test_lint_leads_from_a_new_card_to_a_full_one(write, tmp_path, capsys):
    """Every key that a new card lacks is asked for, and what it holds for its author to replace is named."""
    assert main(["new", "card.toml"]) == 0
    report = ss.Card.from_toml("card.toml").lint()
    asked = {each.field for each in report.findings}
    idea = {"name", "claim", "mechanism", "applies_to", "fails_when", "rivals", "references"}
    assert asked == idea | {"quantity", "computed", "place", "min_effect", "seeds", "levels"}
    lines = (tmp_path / "card.toml").read_text().split("\n")
    active = [line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in lines]
    rest = ss.Card.from_toml(write("\n".join(active)).path).lint()
    assert {each.code for each in rest.findings} == {"SIG109"}, rest.summary()
    capsys.readouterr()
