"""Reading a JSON file that someone else wrote."""

import json
from pathlib import Path

from sigstats.errors import InputError

LARGEST = 200_000_000  # bytes


def load(path: Path) -> object:
    """Return what a JSON file holds."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"file {str(path)!r} is larger than {LARGEST:,} bytes; no verdict is.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        what = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"file {str(path)!r} could not be read: {what}.") from error
    try:
        return json.loads(text)
    except RecursionError as error:
        raise InputError(f"file {str(path)!r} is nested too deeply to be a verdict.") from error
    except ValueError as error:
        hint = (
            f" It is a card: check it with `sigstats check {path} --json > verdict.json`, and give that file."
            if path.suffix == ".toml"
            else ""
        )
        raise InputError(f"file {str(path)!r} is not JSON: {error}.{hint}") from error
