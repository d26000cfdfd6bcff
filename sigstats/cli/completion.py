"""Scripts that complete the words of a command line in a shell.

They hold the commands and options as they are now, so that a shell need not start Python to complete a word; make them
again after an update.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from sigstats.errors import OptionError, unknown_option


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it does, and its options with what each is for."""

    name: str
    does: str
    options: tuple[tuple[str, str], ...]


def commands(app: typer.Typer) -> list[Command]:
    """Return the commands of the program."""
    group = typer.main.get_command(app)
    return [
        Command(name, _first(command.help), tuple(_options(command)))
        for name, command in sorted(getattr(group, "commands", {}).items())
    ]


def _options(command: object) -> Iterator[tuple[str, str]]:
    for each in getattr(command, "params", ()):
        for option in getattr(each, "opts", ()):
            if option.startswith("--"):
                yield option, _first(getattr(each, "help", None))
    yield "--help", "Show what the command does."


def _first(text: str | None) -> str:
    """Return the first sentence of a help text, without its full stop."""
    return " ".join((text or "").split()).split(". ")[0].rstrip(".")


BASH = """\
_sigstats() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} options=""
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{names} --help --version" -- "$current"))
        return
    fi
    if [ "$previous" = --shape ] || {{ [ "${{COMP_WORDS[1]}}" = shapes ] && [ "$COMP_CWORD" -eq 2 ]; }}; then
        COMPREPLY=($(compgen -W "{shapes}" -- "$current"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case $current in
        -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
}}
complete -o filenames -F _sigstats sigstats
"""


def bash(found: list[Command], shapes: list[str]) -> str:
    """Return the script for bash."""
    cases = "\n".join(
        f'        {each.name}) options="{" ".join(option for option, _ in each.options)}" ;;'
        for each in found
    )
    return BASH.format(names=" ".join(each.name for each in found), shapes=" ".join(shapes), cases=cases)


def zsh(found: list[Command], shapes: list[str]) -> str:
    """Return the script for zsh, which takes completions of bash."""
    return f"autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n{bash(found, shapes)}"


def fish(found: list[Command], shapes: list[str]) -> str:
    """Return the script for fish."""
    lines = []
    for each in found:
        does = shlex.quote(each.does)
        lines.append(f"complete -c sigstats -f -n __fish_use_subcommand -a {each.name} -d {does}")
        seen = f"-n '__fish_seen_subcommand_from {each.name}'"
        for option, help_ in each.options:
            lines.append(f"complete -c sigstats {seen} -l {option[2:]} -d {shlex.quote(help_)}")
    known = " ".join(shapes)
    lines.append(f"complete -c sigstats -f -n '__fish_seen_subcommand_from shapes' -a '{known}'")
    lines.append(f"complete -c sigstats -x -n '__fish_seen_subcommand_from check' -l shape -a '{known}'")
    return "\n".join(lines) + "\n"


SHELLS: dict[str, Callable[[list[Command], list[str]], str]] = {"bash": bash, "fish": fish, "zsh": zsh}


def script(app: typer.Typer, shell: str, shapes: list[str]) -> str:
    """Return the script for a shell."""
    if shell not in SHELLS:
        raise OptionError(unknown_option("SHELL", shell, SHELLS))
    return SHELLS[shell](commands(app), shapes)
