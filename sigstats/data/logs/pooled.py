"""Runs that would count as seeds of one thing although their names differ in more than the seed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sigstats.data.logs.labels import as_pattern
from sigstats.data.logs.series import listed
from sigstats.errors import OptionError

_SEED = re.compile(r"(?P<word>seed)(?P<sign>[=_.\- ]?)(?P<number>[0-9]{1,9})(?![0-9])", re.IGNORECASE)
_LIKE_SEED = re.compile(
    r"(?:\A|(?<=[/_.\- ]))(?P<word>run|rep|replicate|trial|fold|s|r|)(?P<sign>[=_.\- ]?)(?P<number>[0-9]{1,9})"
    r"(?=\Z|[/_\- ]|\.[A-Za-z])",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:\.[A-Za-z]\w{0,9})?(?:/.*)?\Z")
_NAMED = re.compile(r"([A-Za-z_]{1,30}?)[=_-]?[0-9][0-9.e+-]*")
_EDGE = "/_.- ="


@dataclass(frozen=True, slots=True)
class Pooled:
    """Groups of runs whose names differ in more than the seed."""

    groups: tuple[str, ...]  # what the names of each group say beside the seed
    pattern: str  # an expression that parts them; empty if none is known
    setting: str  # what its group is called

    def remedy(self) -> str:
        """Return how to part the groups."""
        if not self.pattern:
            return "part them with read_runs(..., pattern=...) or with `extra`"
        return f"part them with read_runs(..., pattern=r{self.pattern!r}) and condition={self.setting!r}".replace(
            r"\\", "\\"
        )


def pooled(names: Sequence[str]) -> Pooled | None:
    """Return the groups that the names of runs tell apart beside their seeds; None if there is one, or none repeats."""
    for form in (_SEED, _LIKE_SEED):
        found = [_last(form, name) for name in names]
        if found and all(found):
            return _grouped(names, [each for each in found if each])
    return None


def _last(form: re.Pattern[str], name: str) -> re.Match[str] | None:
    found: Iterator[re.Match[str]] = form.finditer(name[:200])
    return max(found, key=re.Match.start, default=None)


def _grouped(names: Sequence[str], found: Sequence[re.Match[str]]) -> Pooled | None:
    before = [name[: each.start()] for name, each in zip(names, found, strict=True)]
    after = [_TAIL.sub("", name[each.end() :], count=1) for name, each in zip(names, found, strict=True)]
    rests = [
        f"{one.rstrip(_EDGE)} {two.lstrip(_EDGE)}".strip() for one, two in zip(before, after, strict=True)
    ]
    groups = tuple(dict.fromkeys(rests))
    if not 1 < len(groups) < len(names):
        return None
    pattern, setting = _pattern(before, after, found)
    return Pooled(
        groups=groups, pattern=pattern if _parts(pattern, names, len(groups)) else "", setting=setting
    )


def _pattern(before: Sequence[str], after: Sequence[str], found: Sequence[re.Match[str]]) -> tuple[str, str]:
    """Return an expression for the seed and the one part of the names that differs, and what that part is called."""
    words = {(each["word"], each["sign"]) for each in found}
    word, sign = words.pop() if len(words) == 1 else ("", "")
    seed = f"{re.escape(word)}{re.escape(sign)}(?P<seed>[0-9]+)"
    varied = before if len(set(before)) > 1 else after
    edges = {each[-1:] if varied is before else each[:1] for each in varied}
    edge = edges.pop() if len(edges) == 1 else ""
    edge = edge if edge and edge in _EDGE else ""
    named = {each[1] for text in varied if (each := _NAMED.fullmatch(text.strip(_EDGE)))}
    setting = named.pop().strip("_") if len(named) == 1 else ""
    plain = (
        bool(setting) and all(_NAMED.fullmatch(text.strip(_EDGE)) for text in varied) and setting != "seed"
    )
    name, body = (
        (setting, f"{setting}[=_-]?(?P<{setting}>[0-9][0-9.e+-]*)")
        if plain
        else ("condition", "(?P<condition>.+)")
    )
    edge = re.escape(edge).replace("\\-", "-").replace("\\_", "_").replace("\\/", "/")
    return (f"{body}{edge}{seed}" if varied is before else f"{seed}{edge}{body}"), name


def _parts(pattern: str, names: Sequence[str], count: int) -> bool:
    """Return whether an expression finds as many groups as there are, and a seed of its own in each."""
    try:
        searched = as_pattern(pattern)
    except OptionError:
        return False
    found = [searched.search(name) if searched else None for name in names]
    groups = [each.groupdict() for each in found if each]
    kinds = {next(value for key, value in each.items() if key != "seed") for each in groups}
    distinct = {tuple(each.values()) for each in groups}
    return len(groups) == len(names) and len(kinds) == count and len(distinct) == len(names)


def sentence(found: Pooled) -> str:
    """Return what is the matter."""
    return f"the names of the runs differ in more than a seed: {listed(map(repr, found.groups))}"
