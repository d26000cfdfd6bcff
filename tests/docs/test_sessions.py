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
def sessions():
    spec = importlib.util.spec_from_file_location("sessions", DOCS / "sessions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.docs
def test_the_pages_show_what_their_commands_print(sessions):
    """Else run: python docs/sessions.py."""
    for each in sessions.SESSIONS:
        text = each.page.read_text(encoding="utf-8")
        assert sessions.refreshed(each, text) == text
        assert "Confirmatory: " in text
        assert "look 2 of 2" in text


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
