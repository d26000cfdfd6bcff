"""What git knows of the folder of a card, where there is a repository.

Git is asked with a list of words and never through a shell. It is not needed: without it nothing is known.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 10.0  # seconds
MOST_COMMITS = 100
# Programs that a repository may name for git to start are not started.
SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "log.showSignature=false",
    "core.pager=cat",
)
SAFE = ("--no-optional-locks", *(word for each in SETTINGS for word in ("-c", each)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The state of a repository."""

    commit: str
    clean: bool  # whether nothing was changed or added since the commit


def repository(folder: Path) -> Repository | None:
    """Return the state of the repository that a folder is in, None where there is none or git does not answer."""
    commit = _asked(folder, "rev-parse", "--verify", "HEAD")
    state = None if commit is None else _asked(folder, "status", "--porcelain")
    if commit is None or state is None:
        return None
    return Repository(commit=commit.decode("ascii", "replace").strip(), clean=not state.strip())


def versions(path: Path) -> tuple[tuple[str, bytes], ...]:
    """Return the committed versions of a file, each with its commit, the newest first."""
    listed = _asked(path.parent, "log", f"--max-count={MOST_COMMITS}", "--format=%H", "--", path.name)
    commits = [] if listed is None else listed.decode("ascii", "replace").split()
    found = ((commit, _asked(path.parent, "show", f"{commit}:./{path.name}")) for commit in commits)
    return tuple((commit, content) for commit, content in found if content is not None)


def dates(folder: Path) -> dict[str, str]:
    """Return the days on which the files of a folder were last committed; without those that were changed since."""
    listed = _asked(folder, "log", "-z", "--format=%x01%cs", "--name-only", "--relative", "--", ".")
    changed = (
        None
        if listed is None
        else _asked(folder, "diff", "-z", "--name-only", "--relative", "HEAD", "--", ".")
    )
    if listed is None or changed is None:
        return {}
    since = set(changed.decode("utf-8", "replace").split("\0"))
    found: dict[str, str] = {}
    for commit in listed.decode("utf-8", "replace").split("\x01")[1:]:
        day, *names = commit.replace("\n", "\0").split("\0")
        for name in names:
            if name and name not in since:
                found.setdefault(name, day)
    return found


def _asked(folder: Path, *words: str) -> bytes | None:
    """Return what git answers, None where it fails."""
    git = shutil.which("git")
    if git is None:
        return None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        answer = subprocess.run(  # noqa: S603 - a list of words, no shell
            [git, *SAFE, *words],
            cwd=folder,
            env={**environment, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return answer.stdout if answer.returncode == 0 else None
