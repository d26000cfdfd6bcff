"""``sigstats completion``: scripts with which a shell completes commands, options and shapes."""

import re
import shutil
import subprocess
import sys

import pytest

from sigstats.cli.completion import SHELLS, commands
from sigstats.cli.main import app, main

BASH = shutil.which("bash")


def completed(script: str, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    typed = " ".join(f"'{word}'" for word in words)
    ask = f'COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _sigstats; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run([BASH, "-c", f"{script}\n{ask}"], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
def test_bash_completes_commands_options_shapes_and_files(capsys, tmp_path, monkeypatch):
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_card.toml").touch()
    assert completed(script, "sigstats", "ch") == ["check"]
    assert completed(script, "sigstats", "check", "--min") == ["--min-effect"]
    assert completed(script, "sigstats", "check", "--shape", "pe") == ["peak"]
    assert completed(script, "sigstats", "shapes", "val") == ["valley"]
    assert completed(script, "sigstats", "lint", "my_") == ["my_card.toml"]


@pytest.mark.long
@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_the_script_with_all_its_options(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert len(commands(app)) > 12
    for each in commands(app):
        (line, *_) = [line for line in script.splitlines() if re.search(rf"\b{each.name}\b", line)]
        assert line
        assert [name for name, _ in each.options if name[2:] not in script] == []


def test_another_shell_is_told_the_known_ones(capsys):
    assert main(["completion", "tcsh"]) == 2
    assert "must be one of ('bash', 'fish', 'zsh')" in capsys.readouterr().err


@pytest.mark.long
def test_the_script_is_made_without_what_takes_long_to_load():
    code = (
        "import sys; from sigstats.cli.main import main; main(['completion', 'zsh']); "
        "sys.exit(str({'pandas', 'arviz', 'statsmodels', 'matplotlib', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
