"""Whether a frame is wide, and the one call that makes it long."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sigstats.data.table.frames import FrameSource, shorten
from sigstats.data.table.summaries import is_summary_name
from sigstats.data.table.wide import MAX_PATTERN, values_of_pivot
from sigstats.errors import Problem, file_of_caller, place_of_caller, reading_of_caller

NUMBER = re.compile(r"\d+(?:\.\d+)?")
SEED_WORDS = re.compile(r"seed|run|trial|rep|fold|init|^[sr][ _.-]?#$", re.IGNORECASE)
FEW = 6
# A condition, what stands between, and a seed.
PAIRED = re.compile(
    r"(.*?[^\W_])([ _./:-]+(?:s|r|seed|run|trial|rep|replicate|repeat|fold|init)?[ _.-]*)(\d+)", re.IGNORECASE
)
METRICS = re.compile(
    r"acc|loss|error|err$|f1|auc|score|reward|return|bleu|rouge|perplexity|ppl|precision|recall|train|val|test|mse|mae|"
    r"rmse|time|latency|metric|win|success",
    re.IGNORECASE,
)

Roles = Mapping[str, object]


def wide_problem(source: FrameSource, given: Roles) -> Problem | None:
    """Return the problem of a wide frame, in which the columns of roles that were named cannot be; else None."""
    names = {role: str(given[role] or role) for role in ("knob", "metric", "seed")}
    labels = list(source.labels)
    missing = {role for role, name in names.items() if name not in labels}
    pivot = _pivot(source.native, names, missing)
    if pivot is not None:
        return pivot
    one = missing == {"seed"}  # a column of one seed may have been named as the metric
    if not one and ("metric" not in missing or len(missing) < 2):
        return None
    named = names["metric"]
    names = {**names, "metric": "metric"} if one else names
    kind, columns = _repeated(source, labels, names, missing)
    if not columns or (one and (kind != "seeds" or named not in map(str, columns))):
        return None
    pattern = _of_conditions(source, labels, columns, names["metric"]) if kind == "seeds" else ""
    if pattern:
        message = (
            f"the columns {shorten(columns[0])}, {shorten(columns[1])} ... seem to hold one seed of a condition each; "
            "a sweep table has one row per run and level"
        )
        return _problem(message, {"seeds": pattern}, {"metric": names["metric"]})
    told = {kind: _as_columns(columns)}
    made = "seed" if kind == "seeds" else "knob"
    message = (
        f"the columns {shorten(columns[0])}, {shorten(columns[1])}{' ...' * (len(columns) > 2)} seem to hold one "
        f"{'seed' if made == 'seed' else 'level'} each; a sweep table has one row per run and level"
    )
    return _problem(message, told, {role: names[role] for role in (made, "metric")})


def _problem(message: str, told: Mapping[str, str], names: Mapping[str, str]) -> Problem:
    """Return the problem with the call that mends it."""
    usual = ", ".join(f"{role}={name!r}" for role, name in names.items() if name != role)
    words = ", ".join(each for each in (*(f"{key}={code}" for key, code in told.items()), usual) if each)
    call = f"sigstats.from_wide(frame{', ' * bool(words)}{words})"
    remedy = f"Make it long: frame = {call}."
    if place_of_caller() != "python":
        file = file_of_caller() or "FILE"
        target = f"{Path(file).name.split('.')[0]}_long.csv"
        how = "".join(f", {name}={value!r}" for name, value in reading_of_caller().items())
        read = f"sigstats.read_sweep({file!r}{how})"
        code = f"import sigstats; {call.replace('(frame', f'({read}', 1)}.to_csv({target!r}, index=False)"
        remedy = f"Make it long with: python -c {_in_shell(code)}; then check {shlex.quote(target)}."
    return Problem(code="WIDE_TABLE", column=None, message=message, remedy=remedy)


def _in_shell(code: str) -> str:
    """Return code as one word of a shell, in which nothing has a meaning for the shell."""
    # Single quotes around the word are easier to read with double ones within it.
    plain = code if '"' in code else re.sub(r"'([^']*)'", r'"\1"', code)
    return shlex.quote(plain if "\\'" not in code else code)


def _pivot(native: Any, names: Mapping[str, str], missing: set[str]) -> Problem | None:  # noqa: ANN401 - any frame
    """Return the problem of a pivot of pandas, whose columns or index have names."""
    if not isinstance(native, pd.DataFrame) or "metric" not in missing:
        return None
    held = {str(name) for name in (*native.index.names, native.columns.name) if name is not None}
    if (
        native.columns.name is None
        or not values_of_pivot(native)
        or not any(names[role] in held for role in missing)
    ):
        return None
    message = (
        f"the frame is a pivot: its columns are values of {native.columns.name!r}; a sweep table has one row per run "
        "and level"
    )
    return _problem(message, {}, {"metric": names["metric"]})


def nested_problem(native: pd.DataFrame, given: Roles) -> Problem:
    """Return the problem of a pandas frame whose columns have several levels of names."""
    labels, names = list(native.columns), list(native.columns.names)
    first = shorten(labels[0] if labels else ())
    message = f"the columns are a MultiIndex, such as {first}; a sweep table has one row per run and level"
    metric = str(given.get("metric") or "metric")
    call = f"sigstats.from_wide(frame{f', metric={metric!r}' * (metric != 'metric')})"
    remedy = f"If these are seeds or levels, make it long: frame = {call}."
    if sum(name is None for name in names) > 1:
        remedy += " Else flatten the names: frame.columns = ['_'.join(map(str, c)) for c in frame.columns]."
    return Problem(code="MULTIINDEX_COLUMNS", column=None, message=message, remedy=remedy)


def _repeated(
    source: FrameSource, labels: Sequence[Any], names: Mapping[str, str], missing: set[str]
) -> tuple[str, list[Any]]:
    """Return whether columns that differ by one number hold seeds or levels, and these columns."""
    groups: dict[str, list[Any]] = {}
    for label in labels:
        text = str(label)
        if text not in names.values() and not is_summary_name(text) and len(NUMBER.findall(text)) == 1:
            groups.setdefault(NUMBER.sub("#", text).casefold(), []).append(label)
    groups = {form: found for form, found in groups.items() if len(found) > 1 and _numeric(source, found)}
    if not groups:
        return "", []
    form = max(
        groups,
        key=lambda each: (
            names["metric"].casefold() in each,
            bool(SEED_WORDS.search(each)),
            len(groups[each]),
        ),
    )
    columns = groups[form]
    if SEED_WORDS.search(form):
        return "seeds", columns
    if "knob" not in missing:
        return "seeds", columns
    if "seed" not in missing or names["knob"].casefold() in form.casefold():
        return "levels", columns
    numbers = [float(NUMBER.search(str(label))[0]) for label in columns]  # type: ignore[index]
    counted = numbers in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))
    return ("seeds" if counted else "levels"), columns


def _of_conditions(source: FrameSource, labels: Sequence[Any], columns: Sequence[Any], metric: str) -> str:
    """Return the pattern for columns such as mlp_s0, mlp_s1, cnn_s0, cnn_s1 as code; empty if there are no such."""
    found = {str(label): PAIRED.fullmatch(str(label)) for label in labels}
    first = found.get(str(columns[0]))
    if first is None:
        return ""
    alike = {name: each for name, each in found.items() if each and each[2] == first[2]}
    conditions = list(dict.fromkeys(each[1] for each in alike.values()))
    seeds = {name: {each[3] for each in alike.values() if each[1] == name} for name in conditions}
    several = len(conditions) > 1 and all(len(each) > 1 for each in seeds.values())
    # Columns such as acc_s0 and loss_s0 hold two metrics, not two conditions.
    metrics = any(METRICS.search(name) or name.casefold() == metric.casefold() for name in conditions)
    if not several or metrics or not _numeric(source, [label for label in labels if str(label) in alike]):
        return ""
    names = "|".join(map(re.escape, conditions))
    pattern = f"(?P<condition>{names}){re.escape(first[2])}(?P<seed>[0-9]+)"
    return (
        "r" + repr(pattern).replace("\\\\", "\\")
        if len(pattern) <= MAX_PATTERN and "'" not in pattern
        else ""
    )


def _numeric(source: FrameSource, labels: Sequence[Any]) -> bool:
    """Return whether columns hold numbers."""
    picked = source.pick({f"c{place}": label for place, label in enumerate(labels)})
    return all(dtype.is_numeric() for dtype in picked.collect_schema().values())


def _as_columns(columns: Sequence[Any]) -> str:
    """Return columns as code: a list of a few, a pattern for many."""
    forms = {NUMBER.sub("#", str(label)) for label in columns}
    if len(columns) <= FEW or len(forms) > 1 or any(len(str(label)) > 100 for label in columns):
        return repr(list(columns))
    start, end = NUMBER.split(str(columns[0]))
    whole = all(re.fullmatch(r".*?\d+[^\d.]*", str(label)) for label in columns)
    number = r"(\d+)" if whole and not any("." in str(label) for label in columns) else r"([0-9.]+)"
    return "r" + repr(
        re.escape(start).replace(r"\ ", " ") + number + re.escape(end).replace(r"\ ", " ")
    ).replace("\\\\", "\\")
