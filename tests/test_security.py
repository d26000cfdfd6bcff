"""Nothing that was read is run: no code that could, and no name that does anything in a report.

What files of each kind could do is tested beside their readers, in `tests/data`.
"""

import ast
import dataclasses
import functools
import html.parser
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import yaml
from sigstats_report_samples import PAYLOADS

import sigstats
from sigstats.cards.lock.result import Kind
from sigstats.cli.main import main
from sigstats.data.logs.files.yaml import _LOADER
from sigstats.errors import SigstatsError
from sigstats.studies.robustness.choices import Choice, Option
from sigstats.studies.robustness.influence import Removal
from sigstats.studies.robustness.multiverse import Pruned
from sigstats.studies.robustness.readings import Reading
from sigstats.studies.robustness.synthetic_controls import SyntheticControl
from sigstats.studies.seeds.checks import Finding

PACKAGE = Path(sigstats.__file__).parent

RUNS_TEXT = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
RUNS_OBJECTS = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "imp",
    "code",
    "codeop",
    "patsy",
}
NETWORK = {
    "socket", "ssl", "http", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "xmlrpc",
    "webbrowser", "socketserver",
}  # fmt: skip
CALLS = {"query", "eval", "read_pickle", "to_pickle", "unsafe_load", "full_load", "from_formula"}
LOADS = {"yaml": {"load", "load_all"}, "joblib": {"load"}, "torch": {"load"}, "pickle": {"load", "loads"}}


KINDS = ast.Call | ast.keyword | ast.Import | ast.ImportFrom
# Files without any of these words need not be parsed.
WORDS = re.compile(
    "|".join(
        [
            *RUNS_TEXT - {"compile", "input"},
            r"(?<!re\.)\bcompile\(",
            r"\binput\(",
            *RUNS_OBJECTS - {"imp", "code"},
        ]
    )
    + r"|import (imp|code)\b|query\(|formula|load\(|allow_pickle|Loader|shell|os\.|urllib|Environment|from_string|"
    + "|".join(rf"(import|from) {module}\b" for module in NETWORK)
)


@functools.cache
def nodes():
    """Return calls, their keywords and imports of the package, with the file that they are in."""
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    trees = {name: ast.parse(text) for name, text in texts.items() if WORDS.search(text)}
    return [
        (name, node) for name, tree in trees.items() for node in ast.walk(tree) if isinstance(node, KINDS)
    ]


def found(kind):
    """Return the nodes of a kind."""
    return [(name, node) for name, node in nodes() if isinstance(node, kind)]


def imported(node):
    """Return the names of the modules that a statement imports."""
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def test_no_text_is_run():
    """Neither Python, nor expressions of pandas, formulas, or objects that were stored."""
    for name, call in found(ast.Call):
        function = call.func
        if isinstance(function, ast.Name):
            assert function.id not in RUNS_TEXT, (name, call.lineno)
        if isinstance(function, ast.Attribute):
            assert function.attr not in CALLS, (name, call.lineno)
            assert ast.unparse(function) not in {"os.system", "os.popen"}, (name, call.lineno)
            owner = function.value.id if isinstance(function.value, ast.Name) else ""
            assert function.attr not in LOADS.get(owner, ()), (name, call.lineno)
    for name, node in found(ast.Import | ast.ImportFrom):
        for module in imported(node):
            assert module.partition(".")[0] not in RUNS_OBJECTS, (name, node.lineno)
            assert "formula" not in module, (name, node.lineno)


def test_arrays_and_yaml_are_read_without_objects():
    """NumPy's files only with objects refused; YAML only by its parser of events, which makes no objects."""
    for name, keyword in found(ast.keyword):
        if keyword.arg == "allow_pickle":
            assert isinstance(keyword.value, ast.Constant), (name, keyword.lineno)
            assert keyword.value.value is False, (name, keyword.lineno)
        if keyword.arg == "Loader":
            assert ast.unparse(keyword.value) == "_LOADER", (name, keyword.lineno)
            assert issubclass(_LOADER, yaml.SafeLoader | yaml.CSafeLoader)
        if keyword.arg == "shell":
            assert isinstance(keyword.value, ast.Constant), (name, keyword.lineno)
            assert keyword.value.value is False, (name, keyword.lineno)
    for name, call in found(ast.Call):
        if ast.unparse(call.func) in {"np.load", "numpy.load"}:
            assert any(keyword.arg == "allow_pickle" for keyword in call.keywords), (name, call.lineno)


def test_only_the_reader_of_a_server_can_open_a_connection():
    """`read_mlflow` asks the address that it is given; elsewhere addresses are taken apart, never opened."""
    for name, node in found(ast.Import | ast.ImportFrom):
        for module in imported(node):
            assert module.partition(".")[0] not in NETWORK, (name, node.lineno)
            assert module != "urllib.request" or name == "data/logs/live/mlflow.py", (
                name,
                node.lineno,
            )


def test_templates_escape_and_are_never_made_of_text_from_data():
    """Jinja escapes everything, whatever a template is called."""
    environments = [call for _, call in found(ast.Call) if ast.unparse(call.func).endswith("Environment")]
    assert environments
    for call in environments:
        options = {keyword.arg: keyword.value for keyword in call.keywords}
        assert ast.unparse(options["autoescape"]) == "True"
    assert not [name for name, call in found(ast.Call) if ast.unparse(call.func).endswith("from_string")]


SAID = ("alt", "aria-label", "title")  # attributes that are read out, and never followed


class Active(html.parser.HTMLParser):
    """Collects what a browser would run or fetch."""

    def __init__(self, document):
        super().__init__()
        self.found = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "iframe", "object", "embed", "link", "base", "form"}:
            self.found.append(tag)
        for name, value in attrs:
            text = "" if name in SAID else re.sub(r"\s", "", value or "").lower()
            if name.startswith("on") or text.startswith(("javascript:", "http:", "https:", "//")):
                self.found.append((tag, name, value))


def named(shift):
    """Return a table in which every name is a payload, and its signature: another payload each for another shift."""
    names = [PAYLOADS[(shift + i) % len(PAYLOADS)] for i in range(7)]
    knob, metric, seed, condition, treatment, control, run = names
    rng = np.random.default_rng(2)
    rows = [
        (level, level * (name == treatment) + 0.3 * rng.normal(), f"{run}{s}", name)
        for name in (treatment, control) for s in range(4) for level in range(1, 6)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[knob, metric, seed, condition])
    text = PAYLOADS[(shift + 7) % len(PAYLOADS)]
    signature = sigstats.Signature(
        shape="increasing", knob=knob, metric=metric, seed=seed, condition=condition, treatment=treatment,
        control=control, name="".join(each for each in text if each.isprintable()),
    )  # fmt: skip
    return frame, signature


def answers(frame, signature):
    """Yield answers to several questions."""
    verdict = sigstats.detect(frame, signature)
    yield verdict
    yield sigstats.SweepTable.from_frame(
        frame, **{role: getattr(signature, role) for role in ("knob", "metric", "seed", "condition")}
    )
    slopes = sigstats.hierarchical_slopes(frame, signature)
    yield from (slopes, slopes.estimate)
    yield sigstats.robustness(frame, signature, choices=[], replications=0)
    yield sigstats.screen(frame.assign(part=signature.metric), signature, by="part")
    yield sigstats.scope(frame.assign(part=signature.metric), signature, by="part")
    again = sigstats.detect(frame.assign(**{signature.metric: frame[signature.metric] * 1.01}), signature)
    yield sigstats.combine([verdict, again])


def check_inert(answer):
    """Assert that no way of showing an answer does anything."""
    pages = [getattr(answer, name)() for name in ("_repr_html_", "to_html") if hasattr(answer, name)]
    for page in pages:
        assert Active(page).found == []
        assert "{{" not in re.sub(r"\{\{7\*7\}\}", "", page)
    if hasattr(answer, "to_markdown"):
        text = answer.to_markdown()
        assert not re.search(r"(?<![\\`])<(script|img|svg|/style|/title)", text)
        assert not re.search(r"(?<!\\)!\[\]\(", text)
    if hasattr(answer, "to_latex"):
        assert not re.search(r"\\(input|write18|immediate|include|openin)\b", answer.to_latex())
    if hasattr(answer, "to_json"):
        json.loads(answer.to_json())
    shown = [repr(answer), str(answer), *([answer.summary()] if hasattr(answer, "summary") else [])]
    for text in shown:
        assert not re.search("[\x00\x1b\x07\u202e\u2028]", text)


def check_all(shift):
    """Check every answer about names of one choice."""
    frame, signature = named(shift)
    for answer in answers(frame, signature):
        check_inert(answer)


@pytest.mark.slow
@pytest.mark.parametrize("shift", range(len(PAYLOADS)))
def test_no_name_does_anything_in_any_place(shift, pictureless):
    """Every payload in every place."""
    check_all(shift)


@pytest.mark.slow
@pytest.mark.parametrize("shift", range(len(PAYLOADS)))
def test_pictures_hold_no_script(shift):
    """A figure as SVG is text and paths."""
    frame, signature = named(shift)
    figure = sigstats.detect(frame, signature).plot()
    stored = io.BytesIO()
    getattr(figure, "figure", figure).savefig(stored, format="svg")
    for element in ET.fromstring(stored.getvalue()).iter():  # noqa: S314 - made here
        assert not element.tag.endswith(("script", "foreignObject"))
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        assert "javascript:" not in " ".join(element.attrib.values())


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: ascii(payload)[1:20])
def test_errors_show_names_without_running_them(payload):
    """What an error quotes cannot steer a terminal."""
    frame, signature = named(0)
    with pytest.raises(SigstatsError) as caught:
        sigstats.detect(
            frame, shape="increasing", knob=signature.knob, metric=payload + "x", seed=signature.seed
        )
    assert not re.search("[\x00\x1b\x07\u202e\u2028]", str(caught.value))


TEXTS = ("claim", "mechanism", "simplified_setting", "applies_to")
LISTS = ("fails_when", "rivals", "references")


def written_card(folder, shift):
    """Write a card that has a payload in each text, in a comment and in the names of its data; return its path."""
    texts = ["".join(each if each.isprintable() else " " for each in payload) for payload in PAYLOADS]
    text = functools.partial(lambda place: texts[(shift + place) % len(texts)])
    idea = sigstats.Idea(
        name=text(0),
        **{field: text(place) for place, field in enumerate(TEXTS, start=1)},
        **{field: (text(place),) for place, field in enumerate(LISTS, start=5)},
    )
    frame, signature = named(shift)
    data = folder / (text(8).replace("/", "_") + ".csv")
    frame.to_csv(data, index=False)
    signature = dataclasses.replace(
        signature, data=data.name, quantity=text(9), computed=text(10), place=text(11), why=text(12)
    )
    card = folder / (text(13).replace("/", "_") + ".toml")
    comment = f"# {text(14)}\n"
    card.write_text(comment + sigstats.Card(idea=idea, signatures=(signature,)).to_toml() + comment, "utf-8")
    return card


@pytest.mark.parametrize(
    "shift", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, len(PAYLOADS)))]
)
def test_no_text_of_a_card_does_anything(shift, tmp_path, pictureless, capsys):
    """Ideas, reasons, quantities, file names and comments are text, in reports and on a terminal."""
    path = written_card(tmp_path, shift)
    card = sigstats.Card.from_toml(path)
    frame, _ = named(shift)
    check_inert(card)
    check_inert(card.check(frame))
    check_inert(card.lint())
    for command in (
        ["lint"],
        ["check", "--html", str(tmp_path / "page.html")],
        ["lock"],
        ["amend", "--why", PAYLOADS[shift]],
    ):
        main([command[0], str(path), *command[1:]])
        said = capsys.readouterr()
        assert not re.search("[\x00\x1b\x07\u202e\u2028]", said.out + said.err), command
    page = tmp_path / "page.html"
    assert not page.exists() or Active(page.read_text("utf-8")).found == []


ODD = "\x1b]0;title\x07\u202e\u2028"
READING = Reading(
    status=sigstats.Status.ABSENT, reasons=(), effect=0.0, low=0.0, high=0.0, unit=ODD, pvalue=0.5
)
SHORT = (
    Removal(kind="seed", items=(ODD,), reading=READING, changes=True),
    Pruned(reason=ODD, count=1),
    SyntheticControl(kind="knob permuted", says="", counts=(), unchanged=0, failed=1, why_failed=ODD),
    Choice(name="window", options=(Option(name=ODD, reason=""),), declared=ODD),
    Finding(code="near_copies", weight="note", where=ODD, numbers=(), means=""),
    sigstats.Estimate(value=1.0, low=0.0, high=2.0, confidence=0.9, unit=ODD),
    sigstats.Standing(kind=Kind.EXPLORATORY, signatures=(), sentence=ODD),
)


@pytest.mark.parametrize("result", SHORT, ids=lambda result: type(result).__name__)
def test_parts_of_results_are_printed_without_steering_a_terminal(result):
    """The one line of a part is what a session shows of it."""
    assert str(result).isprintable()
