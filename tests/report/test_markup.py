"""Markdown and LaTeX: names stay text."""

import re

import pytest

COMMANDS = {
    *[
        "begin",
        "end",
        "centering",
        "caption",
        "textbf",
        "toprule",
        "midrule",
        "bottomrule",
        "usepackage",
        "tau",
    ],
    *["textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar"],
}


def latex_body(document):
    """Return the document without its first line, which is our own comment."""
    first, rest = document.split("\n", 1)
    assert first == r"% needs \usepackage{booktabs}"
    return rest


@pytest.mark.long
def test_names_become_no_latex_command(payload, samples):
    """Only our own commands occur, braces balance, and nothing is commented out."""
    body = latex_body(samples.hostile(payload).to_latex())
    assert set(re.findall(r"\\([a-zA-Z]+)", body)) <= COMMANDS
    bare = re.sub(r"\\[\\{}$&#_%]", "", body)
    assert bare.count("{") == bare.count("}")
    assert "%" not in bare
    assert "#" not in bare
    assert bare.count("$") == 4
    for row in re.findall(r"^    (.*) \\\\$", body, flags=re.MULTILINE):
        assert re.sub(r"\\&", "", row).count("&") == 6
        assert not row.startswith(("[", "*"))


def test_latex_holds_the_verdict_and_every_condition(samples):
    """The caption gives the answer; the rows give the numbers."""
    body = samples.two_by_two().to_latex()
    assert r"\caption{\textbf{Present}: return rises with step." in body
    for name in ("llama-2", "mpt", "rnn", "ssm"):
        assert f"    {name} & " in body
    assert r"$-" not in body


def test_markdown_holds_the_verdict_and_every_condition(samples):
    """Title, table, lines and notes."""
    document = samples.two_by_two().to_markdown()
    assert document.startswith("## PRESENT: return rises with step\n")
    assert "| llama-2 | treatment | 5 | 9 | " in document
    assert "### Lines of evidence" in document


@pytest.mark.long
def test_names_become_no_markdown(payload, samples):
    """No tag, link, image, code or extra table cell comes from a name."""
    document = samples.hostile(payload).to_markdown()
    assert "<" not in document
    assert "http://" not in document
    assert not set("\x00\x1b\u2028\u202e") & set(document)
    bare = re.sub(r"\\.", "", document)
    assert "`" not in bare
    assert "](" not in bare
    assert "{{" not in bare
    table = [line for line in bare.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {8}


@pytest.mark.long
@pytest.mark.parametrize("render", ["to_markdown", "to_latex"])
def test_every_kind_of_verdict_can_be_rendered(render, sample):
    """No verdict is without a report, and no number is printed as nan."""
    assert not re.search(r"\bnan\b", getattr(sample(), render)())
