"""Where the labels of a run come from: its settings, its name, its folders, or a table given by the user.

A pattern is a regular expression with named groups, which is searched in the name of a run. As a pattern may come
with somebody else's card, the time of the search and the length of names are bounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sigstats.data.logs.model import LogProblem, Scalar
from sigstats.data.logs.values import as_scalar
from sigstats.data.patterns import CallersPattern
from sigstats.errors import OptionError

MAX_PATTERN = 500
MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """How runs get labels beyond their own settings."""

    pattern: CallersPattern | None = None  # its named groups become labels
    levels: tuple[
        str | None, ...
    ] = ()  # names for the parts of the path of a run, from the left; None skips one
    # by run name: further settings, which take precedence over all others
    extra: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)

    def of(self, name: str, config: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], list[LogProblem]]:
        """Return the settings of a run with its labels, and the problems found."""
        found: dict[str, Scalar] = {}
        problems: list[LogProblem] = []
        for missing, labels in (self._from_folders(name), self._from_pattern(name)):
            found.update(labels)
            if missing:
                problems.append(
                    LogProblem(code="NO_LABEL", run=name, message=missing, done="left without it")
                )
        found.update(self.extra.get(name, {}))
        problems += [
            LogProblem(
                code="LABEL_DIFFERS",
                run=name,
                message=f"{key} is {found[key]!r} in the run's name or table, but {config[key]!r} in the log",
                done=f"{found[key]!r} is used",
            )
            for key in found
            if key in config and config[key] != found[key]
        ]
        return {**config, **found}, problems

    def _from_folders(self, name: str) -> tuple[str, dict[str, Scalar]]:
        parts = name.split("/")
        labels = {key: as_scalar(part) for key, part in zip(self.levels, parts, strict=False) if key}
        lost = [key for key in self.levels[len(parts) :] if key]
        return f"its path is too short for {lost[0]!r}" if lost else "", labels

    def _from_pattern(self, name: str) -> tuple[str, dict[str, Scalar]]:
        if self.pattern is None:
            return "", {}
        if len(name) > MAX_NAME:
            return f"its name has {len(name)} characters, too many to search", {}
        found = self.pattern.search(name)
        if found is None:
            return f"its name does not match {self.pattern.pattern!r}", {}
        return "", {key: as_scalar(text) for key, text in found.groupdict().items() if text is not None}


def as_pattern(given: object) -> CallersPattern | None:
    r"""Return a checked regular expression with named groups."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise OptionError(f"`pattern` is a {type(given).__name__}; it must be text.")
    pattern = CallersPattern(
        "pattern", given, most_letters=MAX_PATTERN, remedy="Use plain groups, one after the other."
    )
    if not pattern.groupindex:
        raise OptionError(
            f"`pattern` is {given!r}; it must have named groups, as in '(?P<model>.+)_seed(?P<seed>[0-9]+)'."
        )
    return pattern


def as_levels(given: object) -> tuple[str | None, ...]:
    """Return checked names for the parts of a path."""
    if given is None:
        return ()
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise OptionError(f"`levels` is {given!r}; it must be a list of names, as in ('optimizer', 'seed').")
    names = [each for each in given if each is not None]
    if not names or not all(isinstance(each, str) and each for each in names) or len(set(names)) < len(names):
        raise OptionError(f"`levels` is {given!r}; it must hold distinct names, or None for a part to skip.")
    return tuple(given)


def as_extra(given: object) -> dict[str, dict[str, Scalar]]:
    """Return further settings by run name."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(run): _settings(run, table) for run, table in given.items()}
    return _from_frame(given)


def _settings(run: object, table: object) -> dict[str, Scalar]:
    if not isinstance(table, Mapping):
        raise OptionError(
            f"`extra` gives {table!r} for run {run!r}; it must map names of settings to values."
        )
    return {str(key): as_scalar(_plain(value)) for key, value in table.items()}


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever a cell holds
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def _from_frame(given: Any) -> dict[str, dict[str, Scalar]]:  # noqa: ANN401 - any frame
    import narwhals as nw

    try:
        frame = nw.from_native(given, eager_only=True)
    except TypeError:
        raise OptionError(
            f"`extra` is of type {type(given).__name__!r}; it must map run names to settings, or be a data frame."
        ) from None
    if "run" not in frame.columns:
        raise OptionError(
            f"`extra` has the columns {tuple(frame.columns)}; one of them must be called 'run'."
        )
    found: dict[str, dict[str, Scalar]] = {}
    for row in frame.iter_rows(named=True):
        name = str(row["run"])
        if name in found:
            raise OptionError(f"`extra` has two rows for run {name!r}; give each run one row.")
        found[name] = _settings(name, {key: value for key, value in row.items() if key != "run"})
    return found


def without_match(extra: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    """Yield the runs of the user's table that do not exist."""
    known = set(names)
    yield from (name for name in extra if name not in known)
