r"""The forms of lines that training scripts print, behind whatever a logging package puts in front of them.

What may stand in front: colours, times, levels, names of loggers, ranks. They are taken off piece by piece, and a line
counts only if what is left begins with one of the forms: prose that mentions a step is not a measurement.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sigstats.data.logs.model import LogError
from sigstats.data.logs.values import as_metric, parse_json

MAX_LINE = 2_000
MAX_JSON = 20_000
MAX_PART = 160
MAX_PIECES = 16
STEPS = ("step", "global_step", "num_updates", "iter", "iteration", "update", "epoch")

NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|nan|inf|NaN|Inf)"
# What every known form has; most other lines are passed over at once.
_HINT = re.compile(
    r"[Ss][Tt][Ee][Pp]|[Ii][Tt][Ee][Rr]|[Ee][Pp][Oo][Cc][Hh]|[Uu]pdate|s:[0-9]|\{|\[[ \t]*[0-9]+[ \t]*/"
)
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[ -/]?[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\-_])")
_PIECE = re.compile(
    r"""\[[^\]\n]{0,80}\]
    | \d{4}[-/]\d\d[-/]\d\d (?:[T\ ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?
    | \d\d:\d\d:\d\d(?:[.,]\d{1,9})?
    | [IWEF]\d{4}\ \d\d:\d\d:\d\d\.\d{1,9}\ +\d{1,9}\ [\w./-]{1,80}:\d{1,6}\]
    | (?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|TRACE|SUCCESS)\b (?::[\w.]{1,60}:)?
    | (?:rank|Rank|RANK)[\ :=]?\d{1,6}:?
    | \(?[\w.<>-]{1,60}\ pid=\d{1,10}[^)\n]{0,60}\)
    | \d{1,6}:(?=\s)
    | eta:\ [0-9a-z:,\ ]{1,30}?(?=\s{2,})
    | [\s|:>=*-]+
    """,
    re.VERBOSE,
)  # fmt: skip
_LOGGER = re.compile(r"[A-Za-z_][\w.<>/-]{0,60}(?::[\w.<>]{1,60}(?::\d{1,6})?)?(?=\s*(?:[|:>-]\s|\]))")
_SAID = re.compile(
    r"(?:[Ss]tep|[Ii]ter)[ \t]+(?P<step>[0-9]{1,15})(?:/(?P<total>[0-9]{1,15}))?[ \t]*:[ \t]+(?P<rest>\S.*)"
)
_PAIRED = re.compile(
    r"(?:step:(?P<step>[0-9]{1,15})/(?P<total>[0-9]{1,15})|s:(?P<s>[0-9]{1,15}))[ \t]+(?P<rest>\S.*)"
)
_COUNTER = re.compile(
    r"(?P<name>[Gg]lobal[_ ][Ss]tep|[Ss]tep|STEP|[Ii]ter(?:ation)?|ITER|[Ee]poch|EPOCH|[Uu]pdate)s?(?![A-Za-z_])"
    r"[ \t]*[:=#]?[ \t]*[\[(]?[ \t]*(?P<value>[0-9]{1,15}(?:\.[0-9]{1,15})?)(?![.0-9])"
    r"(?:[ \t]*(?:/|of)[ \t]*(?P<total>[0-9]{1,15}))?[ \t]*[\])]?"
    r"[ \t]*(?:[,;|:>-]+|\t|(?=[ \t])|\Z)[ \t]*"
)
_FRACTION = re.compile(
    r"\[[ \t]*(?P<step>[0-9]{1,15})[ \t]*/[ \t]*(?P<total>[0-9]{1,15})[ \t]*\][ \t]*[-:|]?[ \t]*(?P<rest>[A-Za-z_].*)"
)
_CLEAR_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_/ -]{0,60}?)[ \t]*[:=][ \t]*(?P<value>" + NUMBER + r")%?"
)
_OPENMMLAB = re.compile(
    r"(?:Epoch|Iter)\((?P<phase>\w{1,20})\)[ \t]+\[[ \t]*(?P<first>[0-9]{1,15})(?:/(?P<of>[0-9]{1,15}))?\]"
    r"(?:\[[ \t]*(?P<second>[0-9]{1,15})/[ \t]*[0-9]{1,15}\])?[ \t]+(?P<rest>.*)"
)
_EPOCH_ALONE = re.compile(r"[ \t]*Epoch (?P<epoch>[0-9]{1,9})(?:/[0-9]{1,9})?[ \t]*")
_BAR = re.compile(
    r"[ \t]*(?P<made>[0-9]{1,9})/(?P<of>[0-9]{1,9})[ \t]+\[?[=>.\u2501\u2500 ]{1,100}\]?[ \t]*(?P<rest>.*)"
)
_VALIDATION = re.compile(r"validation loss at iteration[ \t]+(?P<step>[0-9]{1,15})[^|\n]{0,80}\|(?P<rest>.*)")
_SAID_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_/ -]{0,60}?)[ \t:=]+(?P<value>" + NUMBER + r")[A-Za-z%/]{0,6}"
)
_PAIR = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_/-]{0,60}):(?P<value>" + NUMBER + r")[A-Za-z%/]{0,6}")
_BARRED_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_/@. ()-]{0,60}?)(?:[ \t]*[:=][ \t]*|[ \t]+)(?P<value>"
    + NUMBER
    + r")[ \t]*[A-Za-z%/]{0,6}"
)
_TIGHT_PAIR = re.compile(
    r"(?<![\w/.@-])(?P<name>[A-Za-z_][\w/.@-]{0,60})[:=][ \t]?(?P<value>"
    + NUMBER
    + r")(?=[%,;|\s\])]|[a-z]{1,3}(?![\w.])|\Z)"
)
_PARTS = re.compile(r"[,;|\t]|[ \t]+-[ \t]+|[ \t]{2,}")
_DICT_PAIR = re.compile(
    r"'(?P<name>[^'\n]{1,80})': (?P<quote>'?)(?P<value>" + NUMBER + r")(?P=quote)(?=[,}])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a line says."""

    counters: dict[str, float]  # step, epoch and the like; empty if it names none
    total: int | None  # how many steps were planned
    values: list[tuple[str, str]]  # names and numbers, as they are written


def without_colours(text: str) -> str:
    """Return a text without the escape sequences of terminals."""
    return _ESCAPE.sub("", text) if "\x1b" in text else text


def line_of(text: str) -> Line | None:
    """Return what a line says; None for other lines."""
    if _HINT.search(text) is None:
        return None
    if len(text) > MAX_LINE:
        return _from_json(text) if len(text) <= MAX_JSON else None
    found = next((line for start in _starts(text) if (line := _from(text[start:]))), None)
    return found or _from_dict(text) or _from_json(text)


def _starts(text: str) -> Iterator[int]:
    """Yield where a line could begin, behind each piece that may stand in front of it."""
    position, any_piece = 0, False
    for _ in range(MAX_PIECES):
        yield position
        found = _PIECE.match(text, position)
        if found is None and any_piece:
            found = _LOGGER.match(text, position)
        if found is None or not found.end() > position:
            return
        any_piece = any_piece or bool(text[position : found.end()].strip())
        position = found.end()


def _from(text: str) -> Line | None:
    """Return what a line says that begins with its step."""
    said, paired = _SAID.match(text), _PAIRED.match(text)
    found = said or paired
    if found is None:
        return _from_validation(text) or _from_openmmlab(text) or _from_counters(text) or _from_fraction(text)
    parts = found["rest"].split(",") if said else found["rest"].split()
    form = _SAID_PAIR if said else _PAIR
    values = _values(parts, form)
    step = found["step"] or found["s"]
    if not values:
        return _from_counters(text)
    return Line(counters={"step": float(step)}, total=_whole(found["total"]), values=values)


def _values(parts: list[str], form: re.Pattern[str]) -> list[tuple[str, str]]:
    pairs = (form.fullmatch(part.strip()) for part in parts if len(part) <= MAX_PART)
    return [(pair["name"].strip().replace(" ", "_"), pair["value"]) for pair in pairs if pair]


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _from_validation(text: str) -> Line | None:
    """Return what Megatron says of a validation."""
    found = _VALIDATION.match(text)
    if found is None:
        return None
    values = [(f"validation {name}", value) for name, value in _barred(found["rest"])]
    return Line(counters={"iteration": float(found["step"])}, total=None, values=values) if values else None


def _from_openmmlab(text: str) -> Line | None:
    """Return what MMEngine says: ``Epoch(train) [1][ 50/100]  lr: 1e-2  loss: 2.0``."""
    found = _OPENMMLAB.match(text)
    if found is None:
        return None
    values = [(pair["name"], pair["value"]) for pair in _TIGHT_PAIR.finditer(found["rest"])]
    first, second = float(found["first"]), found["second"]
    if found["of"]:
        counters = {"iter": first}
    elif found["phase"] == "train" and second:
        counters = {"epoch": first, "iter": float(second)}
    else:
        counters = {"epoch": first}
    return Line(counters=counters, total=None, values=values) if values else None


def _from_fraction(text: str) -> Line | None:
    """Return what a line says that begins with ``[001/100]`` and goes on with nothing but pairs."""
    found = _FRACTION.match(text)
    if found is None:
        return None
    parts = [part for part in _PARTS.split(found["rest"]) if part.strip()]
    values = _values(parts, _CLEAR_PAIR)
    tight = [(pair["name"], pair["value"]) for pair in _TIGHT_PAIR.finditer(found["rest"])]
    values = values if len(values) == len(parts) else tight if len(tight) > 1 else []
    return (
        Line(counters={"step": float(found["step"])}, total=int(found["total"]), values=values)
        if values
        else None
    )


def with_epochs(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines in which the last state of Keras' bar names the epoch that stands alone on the line above it."""
    epoch: str | None = None
    for line in lines:
        alone = _EPOCH_ALONE.fullmatch(line)
        bar = _BAR.match(line) if epoch is not None and len(line) <= MAX_LINE else None
        if alone:
            epoch = alone["epoch"]
        if bar and bar["made"] == bar["of"]:
            yield f"Epoch {epoch}: {bar['rest']}"
        else:
            yield line


def _barred(rest: str) -> list[tuple[str, str]]:
    """Return the pairs between bars, with their names as they are written."""
    pairs = (_BARRED_PAIR.fullmatch(part.strip()) for part in rest.split("|") if len(part) <= MAX_PART)
    return [(pair["name"].strip(), pair["value"]) for pair in pairs if pair]


def _from_counters(text: str) -> Line | None:
    """Return what a line says that begins with one counter or several, such as ``Epoch [1/5], Step [100/600], ...``."""
    counters: dict[str, float] = {}
    total, position, barred = None, 0, False
    while found := _COUNTER.match(text, position):
        name = found["name"].lower().replace(" ", "_")
        counters[name] = float(found["value"])
        total = _whole(found["total"]) if name != "epoch" or total is None else total
        barred = "|" in found.group()
        position = found.end()
        if len(counters) > 3:
            break
    if not counters:
        return None
    rest = text[position:]
    values = _barred(rest) if barred and rest.count("|") else _values(_PARTS.split(rest), _SAID_PAIR)
    tight = [(pair["name"], pair["value"]) for pair in _TIGHT_PAIR.finditer(rest)]
    values = tight if len(tight) > len(values) else values
    counted = {"epoch"} == set(counters)
    values = [pair for pair in values if pair[0].lower() not in STEPS and not pair[0].endswith("_epoch")]
    return Line(counters=counters, total=None if counted else total, values=values) if values else None


def _from_dict(text: str) -> Line | None:
    """Return what a line says that is a Python dictionary, as the Trainer of Hugging Face prints it."""
    start, end = text.find("{'"), text.rfind("}")
    if start < 0 or end < start:
        return None
    pairs = [(pair["name"], pair["value"]) for pair in _DICT_PAIR.finditer(text, start, end + 1)]
    return _from_pairs(pairs)


def _from_json(text: str) -> Line | None:
    """Return what a line says that ends with a JSON object, as fairseq prints it."""
    start, end = text.find('{"'), text.rfind("}")
    if start < 0 or end < start or text[end + 1 :].strip():
        return None
    try:
        found = parse_json(text[start : end + 1].encode("utf-8", "replace"))
    except LogError:
        return None
    if not isinstance(found, dict):
        return None
    plain = {str(key): value for key, value in found.items() if isinstance(value, int | float | str)}
    return _from_pairs([(key, str(value)) for key, value in plain.items() if as_metric(value) is not None])


def _from_pairs(pairs: list[tuple[str, str]]) -> Line | None:
    """Return a line of names and numbers, of which some count."""
    counters: dict[str, float] = {}
    for name, value in pairs:
        own = name.rpartition("_num_updates")[0] + "num_updates" if name.endswith("_num_updates") else name
        counter = "num_updates" if own.endswith("num_updates") else own
        number = as_metric(value)
        if counter in STEPS and number is not None:
            counters[counter] = number
    values = [pair for pair in pairs if pair[0] not in STEPS and not pair[0].endswith("num_updates")]
    return Line(counters=counters, total=None, values=values) if values else None
