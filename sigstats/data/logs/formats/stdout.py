r"""What training scripts print: lines such as ``step 2000: train loss 1.2, val loss 1.3``.

Known lines, behind times, levels, names of loggers, ranks and colours:

* nanoGPT: ``step 2000: train loss 1.2, val loss 1.3`` and ``iter 2000: loss 1.2, time 31.2ms, mfu 14.2%``;
* modded-nanogpt: ``step:125/5100 val_loss:4.1 train_time:35212ms``;
* llm.c: ``s:250 tel:6.1710`` and ``s:250 trl:6.1818 lr:0.000215 norm:0.90``;
* Megatron-LM: ``iteration 100/ 5000 | lm loss: 9.5E+00 | grad norm: 2.3 |``, and its validations;
* fairseq: a JSON object at the end of a line;
* Hugging Face Trainer: a Python dictionary, ``{'loss': 2.1, 'epoch': 0.1}``;
* Keras' bars below ``Epoch 1/5``;
* MMEngine's ``Epoch(train) [1][ 50/100]  loss: 2.0``, and detectron2's ``iter: 19  loss: 2``;
* others that begin with a counter: ``Epoch [1/5], Step [100/600], Loss: 0.5``, ``Epoch 3 - loss: 0.5 - acc: 0.8``,
  ``Epoch 1 | train 0.5 | val 0.6``, ``[001/100] train loss: 0.5``.

*Run*: one ``.log``, ``.txt`` or ``.out`` file with at least two such lines. *Metrics*: what the lines name, with ``_``
for blanks unless bars part them: ``train_loss``, ``val_loss``, ``lm loss``; units behind a number are left out. *Step*:
the step, iteration or update that a line names, else its epoch, else the lines are counted. *Settings*: none; they must
come from the name of the file. *State*: if a line says how many steps were planned, finished if the last one was
reached, else unfinished.

*Problems*: the script's own source above a line of ``=`` is skipped; a curve that is in the file twice (the later one
is kept); steps that start again with every epoch; lines that name only the epoch between others that name a step; nan
as text; a last line that was cut off; lines that are too long.

`read_stdout` reads lines of another form with a regular expression from the user, with named groups.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sigstats.data.logs import restarts
from sigstats.data.logs.files.text_table import first_text, read_text
from sigstats.data.logs.folders import name_below
from sigstats.data.logs.formats.printed import (
    MAX_JSON,
    MAX_LINE,
    STEPS,
    Line,
    line_of,
    with_epochs,
    without_colours,
)
from sigstats.data.logs.formats.printed_commas import joined, plain_lines
from sigstats.data.logs.labels import as_pattern
from sigstats.data.logs.model import FloatArray, Format, LogError, Run, RunState
from sigstats.data.logs.recording import RunRecorder, first_of

__all__ = ["FORMAT", "read_stdout"]

ENDINGS = (".log", ".txt", ".out")
MAX_HEAD = 2**20
ENOUGH = 2

_RULE = re.compile(r"={20,}[ \t]*")


def find(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files in a folder that hold lines of a known form; JSON Lines and detectron's copy are left out."""
    logs = [name for name in names if name.endswith(ENDINGS)]
    if "metrics.json" in names:
        logs = [name for name in logs if name != "log.txt"]
    return [folder / name for name in logs if _is_ours(folder / name)]


def _is_ours(path: Path) -> bool:
    text = without_colours(first_text(path, MAX_HEAD)).replace("\r", "\n")
    if text.lstrip().startswith('{"'):
        return False
    lines = (line for line in with_epochs(text.split("\n")) if line_of(joined(line)))
    return sum(1 for _, _ in zip(range(ENOUGH), lines, strict=False)) == ENOUGH


def read(source: Path, root: Path) -> Iterator[Run]:
    """Yield the run of one file."""
    recorder = RunRecorder(run=name_below(source, root), format=FORMAT.name)
    lines = _lines(recorder, source)
    found = _said(recorder, lines)
    found = _below_source(recorder, lines, found)
    if not found:
        raise LogError("FOREIGN", "does not hold a line of a known form")
    steps = _steps(recorder, [said for _, said in found])
    for step, (_, said) in zip(steps.tolist(), found, strict=True):
        for metric, value in said.values:
            recorder.add(metric, step, value)
    yield recorder.finished(_state(found))


def _said(recorder: RunRecorder, lines: list[str]) -> list[tuple[int, Line]]:
    """Return the lines that say something, with their places; commas within numbers are read as the log means them."""
    found = {place: said for place, line in enumerate(lines) if (said := line_of(joined(line)))}
    plain, commas = plain_lines(lines, list(found))
    for place, line in plain.items():
        said = line_of(line)
        if said is None or said.counters.keys() != found[place].counters.keys():
            del found[place]
        else:
            found[place] = said
    if commas.n_open:
        what = f"{commas.n_open:,} numbers can be read in two ways: {'; '.join(commas.examples)}"
        recorder.note("OPEN_NUMBER", what, "they are left out; print numbers without commas, such as 1234.5")
    if not found and plain:
        raise LogError(
            "OPEN_NUMBER", f"holds only numbers that can be read in two ways: {commas.examples[0]}"
        )
    return list(found.items())


def _steps(recorder: RunRecorder, lines: list[Line]) -> FloatArray:
    """Return the step of each line: what most lines count by, else their number."""
    counts = {name: sum(name in line.counters for line in lines) for name in STEPS}
    finer = [name for name in STEPS if name != "epoch" and counts[name]]
    if not finer and not counts["epoch"]:
        recorder.note("NO_STEP", "the lines do not name a step or an epoch", "the lines were counted")
        return np.arange(len(lines), dtype=np.float64)
    if not finer:
        return _column(lines, ("epoch",))
    steps, epochs = _column(lines, tuple(finer)), _column(lines, ("epoch",))
    found = restarts.counted_on(epochs, steps)
    if found is not None:
        steps = found[0]
        recorder.problems.append(restarts.told(recorder.run, finer[0], "epoch", found[1]))
    return _carried(recorder, steps)


def _column(lines: list[Line], names: tuple[str, ...]) -> FloatArray:
    """Return what lines count by; NaN for those that name none of it."""
    found = (next((line.counters[name] for name in names if name in line.counters), np.nan) for line in lines)
    return np.fromiter(found, dtype=np.float64, count=len(lines))


def _carried(recorder: RunRecorder, steps: FloatArray) -> FloatArray:
    """Return steps in which lines without one stand at the last step above them."""
    lost = np.isnan(steps)
    if lost.any():
        what = f"{int(lost.sum()):,} lines with values name an epoch or nothing, others a step"
        recorder.note("STEP_CARRIED", what, "they stand at the last step printed above them")
        last = np.maximum.accumulate(np.where(lost, -1, np.arange(steps.size)))
        steps = np.where(last >= 0, steps[np.maximum(last, 0)], 0.0)
    return steps


def _below_source(
    recorder: RunRecorder, lines: list[str], found: list[tuple[int, Line]]
) -> list[tuple[int, Line]]:
    """Return what is below the first rule, if anything is: above it is the source of the script."""
    rule = next((number for number, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    if rule is None:
        return found
    below = [each for each in found if each[0] > rule]
    if below and len(below) < len(found):
        what = f"{len(found) - len(below)} lines above the rule in line {rule + 1} look like values"
        recorder.note("SOURCE_SKIPPED", what, "they belong to the script's source and are left out")
    return below or found


def _state(found: list[tuple[int, Line]]) -> RunState:
    """Return how a run ended, by its last line that says how many steps were planned."""
    planned = [line for _, line in found if line.total is not None]
    if not planned:
        return "unknown"
    last = planned[-1]
    made = next((last.counters[name] for name in STEPS if name in last.counters), 0.0)
    return "finished" if last.total is not None and made >= last.total else "unfinished"


def _lines(recorder: RunRecorder, path: Path) -> list[str]:
    lines = list(with_epochs(without_colours(read_text(recorder, path, whole_lines=False)).split("\n")))
    if lines and lines[-1] and (line_of(joined(lines[-1])) or len(lines[-1]) > MAX_LINE):
        recorder.note("TRUNCATED", f"the last line of {path.name} does not end", "that line is left out")
        lines.pop()
    long = sum(len(line) > MAX_JSON or (len(line) > MAX_LINE and '{"' not in line) for line in lines)
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


FORMAT = Format(
    name="stdout",
    title="Printed logs",
    find=find,
    read=read,
    fallback=True,
    repeats=True,
    written_by="nanoGPT, modded-nanogpt, llm.c, Megatron-LM, fairseq, the Hugging Face Trainer, and scripts that print "
    "`Epoch 1/5 - loss: 0.5`",
    reads="values in lines that begin with a step or epoch, behind times, levels, ranks and colours",
    leaves="prose; progress bars; lines of other forms",
)
