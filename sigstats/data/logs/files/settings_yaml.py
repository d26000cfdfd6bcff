"""Settings from a YAML file: flat, and with a problem for everything in it that was not taken."""

from collections.abc import Iterable
from pathlib import Path

from sigstats.data.logs.files.yaml import MAX_LENGTH, parse
from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError
from sigstats.data.logs.recording import Readings
from sigstats.data.logs.series import listed
from sigstats.data.logs.values import flatten


def take_yaml(readings: Readings, path: Path, *, prefix: str = "") -> None:
    """Take the settings that a YAML file holds, if it exists."""
    if not path.is_file():
        return
    try:
        text = read_bytes(path, 4 * MAX_LENGTH).decode("utf-8")
        value, left_out = parse(text)
    except (LogError, ValueError) as error:
        reason = error.message if isinstance(error, LogError) else str(error)
        readings.note("BAD_CONFIG", f"{path.name} is not understood: {reason}", "its settings are left out")
        return
    _tell_left_out(readings, path.name, left_out)
    if isinstance(value, dict):
        readings.take(flatten(value), prefix=prefix)
    elif value is not None:
        readings.note("BAD_CONFIG", f"{path.name} holds no mapping", "its settings are left out")


def _tell_left_out(readings: Readings, file: str, places: Iterable[str]) -> None:
    found = tuple(places)
    if found:
        what = f"{file} has values that are no plain data: {listed(found)}"
        readings.note("CONFIG_LEFT_OUT", what, "nothing is executed; these settings are left out")
