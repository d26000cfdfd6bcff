import dataclasses
import unicodedata

import pytest

from sigstats.report import text
from sigstats.report.document import Bundle, Document, Table, columns
from sigstats.verdict.rules import Status


@pytest.mark.long
def test_the_answer_comes_first(sample):
    """A summary starts with status, claim and the main reason, which are what str() gives."""
    verdict = sample()
    shown = " ".join(verdict.summary(full=True).split())
    assert shown.startswith(f"{verdict.status.upper()}: ")
    assert shown.startswith(str(verdict))


@pytest.mark.long
def test_a_summary_fits_a_terminal(sample):
    """At most 100 columns and about 40 lines."""
    lines = sample().summary(full=True).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 42


@pytest.mark.long
def test_a_summary_of_many_conditions_is_cut(samples):
    """Twenty conditions do not flood the terminal."""
    summary = samples.many(20, 5).summary(full=True)
    assert "... and 12 more conditions (see table())" in summary
    assert len(summary.splitlines()) <= 50


def test_each_line_names_its_null_and_its_replicate(samples):
    """The reader can tell what was tested and what was counted."""
    summary = samples.present().summary(full=True)
    for expected in (
        "null: mean tau <= 0",
        "null: effect <= 0",
        "replicate: seed (n = 3)",
        "smallest possible for an exact test: p",
    ):
        assert expected in summary


def test_effect_and_ends_are_both_told(samples):
    """The change of the line and last minus first stand beside each other."""
    summary = samples.present().summary(full=True)
    assert "rise of the fitted line" in summary
    assert "rise from the first level to the last" in summary


@pytest.mark.long
def test_a_pvalue_is_never_printed_as_zero(samples):
    """An underflowing p-value is printed as a bound."""
    verdict = samples.present()
    trend = dataclasses.replace(verdict.evidence.trend, pvalue=0.0)
    criterion = dataclasses.replace(verdict.criteria[0], value=0.0)
    evidence = dataclasses.replace(verdict.evidence, trend=trend)
    shown = dataclasses.replace(verdict, evidence=evidence, criteria=(criterion,))
    for report in (shown.summary(full=True), shown.to_markdown(), shown.to_html(), shown.to_latex()):
        assert "p = 0 " not in report
        assert "p = 0," not in report
    assert "p < 1e-16" in shown.summary(full=True)
    assert "trend_pvalue <= 0.05: below 1e-16" in shown.summary(full=True)


@pytest.mark.long
def test_a_terminal_sees_no_control_characters(payload, samples):
    """Names can neither colour, move the cursor, nor set the title of the window."""
    summary = samples.hostile(payload).summary(full=True)
    assert {unicodedata.category(each) for each in summary if each != "\n"} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    } == set()
    assert max(map(len, summary.splitlines())) <= 100


def test_an_inconclusive_summary_says_what_to_do_next(samples):
    """What would resolve it stands beside why."""
    lines = samples.inconclusive().summary(full=True).splitlines()
    assert any(line.startswith("to resolve About 9 seeds") for line in lines)


@pytest.mark.long
def test_too_few_seeds_leave_a_summary_that_stands(samples):
    """Without any line of evidence there is still a report in every format."""
    bare = {"trend": None, "interval": None, "slopes": None, "control": None}
    verdict = samples.present(status=Status.INCONCLUSIVE, evidence=bare)
    for report in (verdict.summary(full=True), verdict.to_markdown(), verdict.to_html(), verdict.to_latex()):
        assert "inconclusive" in report.lower()
    assert "lines of evidence" not in verdict.summary(full=True)


def test_several_documents_end_with_what_holds_for_all(samples):
    """Every verdict in full, then the document on all of them, with what would settle it."""
    first, second = samples.present(), samples.absent()
    whole = Document(
        headline="OPEN: both", title="both", resolve=("More runs.",), remarks=("They are open.",)
    )
    documents = tuple(each._document() for each in (first, second))
    report = text.several(Bundle(documents=documents, whole=whole))
    assert first.summary(full=True) in report
    assert second.summary(full=True) in report
    assert "to resolve More runs." in report
    assert report.endswith("They are open.")
    assert text.several(Bundle(documents=documents[:1])) == first.summary(full=True)


def test_a_name_in_a_table_is_cut_only_where_its_numbers_leave_no_room():
    head = ("condition", "n")
    name = "random crops with reflected padding"
    few = Document(
        headline="said",
        title="said",
        status=Status.PRESENT,
        brief="",
        blocks=(Table(columns=columns(*head), rows=((name, "5"), ("x" * 300, "5")), compact=True),),
    )
    lines = text.render(few).splitlines()
    assert any(line.startswith(f"{name} ") for line in lines)
    assert max(map(len, lines)) <= 100
    many = dataclasses.replace(
        few, blocks=(Table(columns=columns(*head), rows=((name, "5" * 66),), compact=True),)
    )
    (cut,) = [line for line in text.render(many).splitlines() if line.startswith("random")]
    assert cut.split("...")[0] in name
    assert cut.endswith("5" * 66)
