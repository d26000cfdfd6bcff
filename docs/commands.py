"""Output of commands in the documentation, as the commands print it.

``python docs/commands.py PAGE ...`` runs the commands of pages that show output, and writes it below them; a test fails
while a page shows anything else. A line of three dots stands for what is left out: as many lines as stand before and
after it are kept.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"(?<=^```console\n)(?P<text>.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
PROMPT = "$ "
CUT = "..."


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a console block, each with the lines that are shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
        elif found:
            found[-1][1].append(line)
    return found


def cut(printed: str, shown: list[str]) -> list[str]:
    """Return the lines of what was printed that are to be shown, cut as what is shown now."""
    lines = printed.rstrip("\n").splitlines()
    if CUT not in shown:
        return lines
    before, after = shown.index(CUT), len(shown) - shown.index(CUT) - 1
    return [*lines[:before], CUT, *lines[len(lines) - after :]]


def printed(command: str) -> str:
    """Return what a command of sigstats writes to standard output."""
    words = [sys.executable, "-m", "sigstats", *shlex.split(command)[1:]]
    found = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own pages
    if not found.stdout:
        sys.exit(f"{command} printed nothing: {found.stderr}")
    return found.stdout


def refreshed(text: str) -> str:
    """Return a page with the output that its commands have now."""

    def block(found: re.Match[str]) -> str:
        lines = []
        for command, shown in commands(found["text"]):
            lines += [f"{PROMPT}{command}", *(cut(printed(command), shown) if shown else [])]
        return "".join(f"{line}\n" for line in lines)

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
