"""The documentation is complete, current, and every snippet in it runs."""

import doctest
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

import sigstats
from sigstats.cli.main import main
from sigstats.evidence.reason import Reason
from sigstats.shapes import SHAPES
from sigstats.verdict.rules import Status

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*/README.md")]
    if "_build" not in page.parts and "generated" not in page.parts
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")
DOCTEST = doctest.NORMALIZE_WHITESPACE
VERDICT_CODES = {0, 10, 11, 12, 13, 15}


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [found["text"] for found in BLOCK.finditer(text) if found["language"] == language]


def script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def public_names() -> list[str]:
    names = []
    for name in sigstats.__all__:
        value = getattr(sigstats, name)
        names.append(name)
        if isinstance(value, ModuleType):
            names += [f"{name}.{each}" for each in members(value)]
    return sorted(names)


def members(module: ModuleType) -> list[str]:
    """Return the public names of a module: its __all__, or the classes that it defines."""
    defined = [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    return sorted(getattr(module, "__all__", defined))


@pytest.fixture
def copy_of_examples(tmp_path, monkeypatch):
    """A working directory with the examples and the sample logs in it, where snippets may write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "tests" / "data" / "logs").mkdir(parents=True)
    for name in ("samples", "cases"):
        (tmp_path / "tests" / "data" / "logs" / name).symlink_to(ROOT / "tests" / "data" / "logs" / name)
    (tmp_path / "tests" / "data" / "table").symlink_to(ROOT / "tests" / "data" / "table")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.docs
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_python_snippets_run_and_print_what_the_page_shows(page, copy_of_examples):
    scope: dict[str, object] = {}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), scope)  # noqa: S102 - our own pages
    runner = doctest.DocTestRunner(optionflags=DOCTEST)
    told: list[str] = []
    for text in blocks(page, "pycon"):
        test = doctest.DocTestParser().get_doctest(text, scope, page.name, str(page), 0)
        runner.run(test, out=told.append, clear_globs=False)
        scope.update(test.globs)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


consoles = script(ROOT / "docs" / "commands.py")
COMMANDS = [
    pytest.param(command, shown, id=f"{name}: {command[:68]}")
    for page, name in zip(PAGES, NAMES, strict=True)
    for text in blocks(page, "console")
    for command, shown in consoles.commands(text)
    if command.startswith("sigstats")
]


@pytest.mark.docs
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_commands_give_a_verdict_or_write_a_card_and_print_what_the_page_shows(
    command, shown, copy_of_examples, capsys
):
    code = main(shlex.split(command)[1:])
    said, complained = capsys.readouterr()
    assert code in VERDICT_CODES, complained
    if shown:
        assert consoles.cut(said, shown) == shown, "run: python docs/commands.py PAGE"


def test_output_is_cut_where_the_page_cuts_it():
    """Three dots stand for what is left out; a page without them shows everything."""
    block = "$ sigstats check a.toml\none\n...\nlast\n$ sigstats new b.toml\n"
    assert consoles.commands(block) == [
        ("sigstats check a.toml", ["one", "...", "last"]),
        ("sigstats new b.toml", []),
    ]
    assert consoles.cut("1\n2\n3\n4\n", ["one", "...", "last"]) == ["1", "...", "4"]
    assert consoles.cut("1\n2\n3\n", ["one", "two", "..."]) == ["1", "2", "..."]
    assert consoles.cut("1\n2\n", ["old"]) == ["1", "2"]


def test_pages_hold_no_language_that_is_not_looked_at():
    """Blocks of other languages would not be run, and so are named here on purpose."""
    found = {
        match["language"] for page in PAGES for match in BLOCK.finditer(page.read_text(encoding="utf-8"))
    }
    assert found <= {"python", "pycon", "console", "sh", "bash", "toml", "text", "yaml"}


def test_links_between_pages_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://"))
    ]
    assert len(links) > 100
    assert [f"{page}: {target}" for page, target in links if not (page.parent / target).exists()] == []


def test_every_public_name_has_a_place_in_the_reference():
    pages = (ROOT / "docs" / "reference").glob("*.md")
    listed = {line.strip() for page in pages for line in page.read_text(encoding="utf-8").splitlines()}
    names = public_names()
    assert len(names) > 60
    missing = [each for each in names if not {f"sigstats.{each}", f"# `sigstats.{each}`"} & listed]
    assert missing == [], "add them to docs/reference"


def test_every_word_of_a_verdict_is_explained():
    page = (ROOT / "docs" / "explanation" / "verdict.md").read_text(encoding="utf-8")
    words = [str(word) for word in (*Reason, *Status)]
    assert [word for word in words if f"| `{word}` |" not in page and f"| {word} |" not in page] == []


@pytest.mark.parametrize(
    "page",
    [
        "explanation/verdict.md",
        "explanation/methods.md",
        "explanation/shapes.md",
        "howto/lock.md",
        "howto/tables.md",
        "reference/shapes.md",
    ],
    ids=str,
)
def test_tables_are_those_of_the_code_that_decides(page):
    tables = script(ROOT / "docs" / "tables.py")
    path = ROOT / "docs" / page
    assert tables.refreshed(path) == path.read_text(encoding="utf-8"), "run: python docs/tables.py"


def test_every_shape_has_a_section_and_a_row_in_each_table():
    tables = script(ROOT / "docs" / "tables.py")
    page = (ROOT / "docs" / "explanation" / "shapes.md").read_text(encoding="utf-8")
    headings = " ".join(line for line in page.splitlines() if line.startswith("##"))
    for name in tables.SHAPES:
        assert f"`{name}`" in headings
        assert f"| `{name}`" in tables.shape_clauses()
        assert f"| `{name}`" in tables.shape_options()


def test_readme_gives_exactly_two_commands_of_one_line():
    commands = [line for text in blocks(ROOT / "README.md", "sh") for line in text.splitlines()]
    assert len(commands) == 2
    assert commands[0].startswith("python3 -m venv .venv && ")
    assert commands[0].endswith("sigstats check examples/procgen_maze/card.toml")
    assert commands[1].endswith('"$root/tests")')


def test_the_changelog_has_an_unreleased_section_with_known_headings():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "\n## [Unreleased]\n" in text
    headings = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert headings <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.docs
def test_the_gallery_shows_every_case_with_its_current_verdict(copy_of_examples):
    gallery = script(ROOT / "docs" / "make_gallery.py")
    text = gallery.PAGE.read_text(encoding="utf-8")
    assert gallery.refreshed(text) == text, "run: python docs/make_gallery.py"
    shown = {found["case"] for found in gallery.MARK.finditer(text)}
    assert shown >= {card.parent.name for card in (ROOT / "examples").glob("*/card.toml")}


def test_the_readme_names_every_shape():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    section = page.split("## Which shapes can be claimed")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    assert named == set(SHAPES)
