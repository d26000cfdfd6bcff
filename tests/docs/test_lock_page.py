"""The pages on locks and continuous integration show what the commands print, and commands that exist."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import yaml

from sigstats.cli.main import main

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def session():
    spec = importlib.util.spec_from_file_location("lock_session", DOCS / "lock_session.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_session_prints_what_the_page_shows(session):
    """Else run: python docs/lock_session.py."""
    text = session.PAGE.read_text(encoding="utf-8")
    assert session.refreshed(text) == text
    assert "Confirmatory: " in text
    assert "look 2 of 2" in text
    assert "Deviates from the lock: " in text


def test_the_workflow_is_one_whose_commands_exist(capsys):
    """Every option of its commands is in their help."""
    text = (DOCS / "howto" / "ci.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[0])
    steps = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    commands = [shlex.split(step) for step in steps if step.startswith("sigstats")]
    assert [command[1] for command in commands] == ["lock", "check"]
    for command in commands:
        assert main([command[1], "--help"]) == 0
        known = capsys.readouterr().out
        assert [word for word in command if word.startswith("--") and word not in known] == []
