r"""What training scripts print: lines such as ``step 2000: train loss 1.2, val loss 1.3``.

Known lines (which blanks and times in square brackets may precede):

* nanoGPT: ``step 2000: train loss 1.2, val loss 1.3`` and ``iter 2000: loss 1.2, time 31.2ms, mfu 14.2%``;
* modded-nanogpt: ``step:125/5100 val_loss:4.1 train_time:35212ms``;
* llm.c: ``s:250 tel:6.1710`` and ``s:250 trl:6.1818 lr:0.000215 norm:0.90``.

*Run*: one ``.log``, ``.txt`` or ``.out`` file with at least two such lines. *Metrics*: what the lines name, with ``_``
for blanks: ``train_loss``, ``val_loss``, ``loss``; units behind a number are left out. *Step*: the number in front.
*Settings*: none; they must come from the name of the file. *State*: if a line says how many steps were planned,
finished if the last one was reached, else unfinished.

*Problems*: the script's own source above a line of ``=`` is skipped; a curve that is in the file twice (the later one
is kept); nan as text; a last line that was cut off; lines that are too long.

`read_stdout` reads lines of another form with a regular expression from the user, with named groups.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sigstats.data.logs.files.text_table import first_text, read_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.labels import as_pattern
from sigstats.data.logs.model import Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder, first_of

__all__ = ["FORMAT", "read_stdout"]

ENDINGS = (".log", ".txt", ".out")
MAX_HEAD = 2**20
MAX_LINE = 2_000
MAX_PART = 160
ENOUGH = 2
STEPS = ("step", "iter", "iteration", "epoch")

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+|nan|inf|NaN|Inf)"
_LEAD = r"[ \t]*(?:\[[^\]\n]{0,60}\][ \t]*){0,3}"
_SAID = re.compile(
    _LEAD
    + r"(?:[Ss]tep|[Ii]ter)[ \t]+(?P<step>[0-9]{1,15})(?:/(?P<total>[0-9]{1,15}))?[ \t]*:[ \t]+(?P<rest>\S.*)"
)
_PAIRED = re.compile(
    _LEAD + r"(?:step:(?P<step>[0-9]{1,15})/(?P<total>[0-9]{1,15})|s:(?P<s>[0-9]{1,15}))[ \t]+(?P<rest>\S.*)"
)
_SAID_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_/ -]{0,60}?)[ \t:=]+(?P<value>" + _NUMBER + r")[A-Za-z%/]{0,6}"
)
_PAIR = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_/-]{0,60}):(?P<value>" + _NUMBER + r")[A-Za-z%/]{0,6}")
_RULE = re.compile(r"={20,}[ \t]*")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files in a folder that hold lines of a known form."""
    return [folder / name for name in names if name.endswith(ENDINGS) and _is_ours(folder / name)]


def _is_ours(path: Path) -> bool:
    lines = (line for line in first_text(path, MAX_HEAD).split("\n") if _values(line))
    return sum(1 for _, _ in zip(range(ENOUGH), lines, strict=False)) == ENOUGH


def _values(line: str) -> tuple[str, str | None, list[tuple[str, str]]] | None:
    """Return step, planned steps and values of a line; None for other lines."""
    if len(line) > MAX_LINE:
        return None
    said = _SAID.match(line)
    found = said or _PAIRED.match(line)
    if found is None:
        return None
    parts = found["rest"].split(",") if said else found["rest"].split()
    form = _SAID_PAIR if said else _PAIR
    pairs = (form.fullmatch(part.strip()) for part in parts if len(part) <= MAX_PART)
    values = [(pair["name"].strip().replace(" ", "_"), pair["value"]) for pair in pairs if pair]
    step = found["step"] or found["s"]
    return (step, found["total"], values) if values else None


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one file."""
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    lines = _lines(recorder, source)
    found = [(number, values) for number, line in enumerate(lines) if (values := _values(line))]
    found = _below_source(recorder, lines, found)
    if not found:
        raise LogError("FOREIGN", "does not hold a line of a known form")
    for _, (step, _, pairs) in found:
        for metric, value in pairs:
            recorder.add(metric, step, value)
    yield recorder.finished(_state(found))


Line = tuple[int, tuple[str, str | None, list[tuple[str, str]]]]


def _below_source(recorder: RunRecorder, lines: list[str], found: list[Line]) -> list[Line]:
    """Return what is below the first rule, if anything is: above it is the source of the script."""
    rule = next((number for number, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    if rule is None:
        return found
    below = [each for each in found if each[0] > rule]
    if below and len(below) < len(found):
        what = f"{len(found) - len(below)} lines above the rule in line {rule + 1} look like values"
        recorder.note("SOURCE_SKIPPED", what, "they belong to the script's source and are left out")
    return below or found


def _state(found: list[Line]) -> RunState:
    """Return how a run ended, by its last line that says how many steps were planned."""
    planned = [(int(step), int(total)) for _, (step, total, _) in found if total is not None]
    if not planned:
        return "unknown"
    return "finished" if planned[-1][0] >= planned[-1][1] else "unfinished"


def _lines(recorder: RunRecorder, path: Path) -> list[str]:
    lines = read_text(recorder, path, whole_lines=False).split("\n")
    if lines and lines[-1] and (_values(lines[-1]) or len(lines[-1]) > MAX_LINE):
        recorder.note("TRUNCATED", f"the last line of {path.name} does not end", "that line is left out")
        lines.pop()
    long = sum(len(line) > MAX_LINE for line in lines)
    if long:
        recorder.note(
            "LONG_LINE", f"{long:,} lines have more than {MAX_LINE:,} characters", "they are left out"
        )
    return lines


def read_stdout(path: str | Path, *, pattern: str) -> Run:
    r"""Read a printed log by a regular expression."""
    path = Path(path)
    searched = as_pattern(pattern)
    if searched is None:
        raise LogError("NO_MATCH", "cannot be read without a pattern")
    recorder = RunRecorder(run=path.name, format=FORMAT.name)
    step = first_of(searched.groupindex, STEPS)
    matches = 0
    for line in _lines(recorder, path):
        found = searched.search(line) if len(line) <= MAX_LINE else None
        if found is None:
            continue
        for name, value in found.groupdict().items():
            if name != step:
                recorder.add(name, found[step] if step else matches, value)
        matches += 1
    if not matches:
        raise LogError("NO_MATCH", f"does not hold a line that matches {pattern!r}")
    return recorder.finished()


FORMAT = Format(name="stdout", title="Printed logs", find=find, read=read, fallback=True)
