"""Wide tables made long: one row per run and level, as every sweep table is.

A wide table holds one column for each seed, or for each level of the knob, or for each pair of the two; a pivot of
pandas is one. In the long table, what stood in the names of columns stands in columns of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sigstats.data.patterns import CallersPattern
from sigstats.data.table import frames
from sigstats.data.table.from_arrays import distinct
from sigstats.data.table.summaries import summaries_among
from sigstats.errors import OptionError, Problem, TableError, did_you_mean, knows_keywords

MAX_CELLS = 100_000_000
MAX_PATTERN = 200
SHOWN = 8

Columns = str | Sequence[Any]


@knows_keywords
def from_wide(
    frame: Any,  # noqa: ANN401 - any data frame that narwhals knows
    *,
    seeds: Columns | None = None,
    levels: Columns | None = None,
    knob: str = "knob",
    metric: str = "metric",
    seed: str = "seed",
) -> pd.DataFrame:
    r"""Make a sweep table of a wide table: one with a column for each seed, or for each level of the knob.

    Parameters
    ----------
    frame : data frame
        The wide table; pandas, polars, pyarrow or any other eager frame. A pivot of pandas, with names for the levels
        of its columns, needs neither `seeds` nor `levels`.
    seeds : list or str, optional
        The columns that hold a seed each: their names, or a pattern for them. What the group of the pattern matches is
        the id of the seed: ``r"seed_(\d+)"``. Named groups become columns: ``r"w(?P<width>\d+)_s(?P<seed>\d+)"``.
    levels : list or str, optional
        The columns that hold a level of the knob each, in the same way; the number in the name is the level.
    knob, metric, seed : str
        Names in the sweep table; `knob` and `seed` only name what `levels` and `seeds` make.

    Returns
    -------
    pandas.DataFrame
        One row per value. Columns that are no seeds and no levels are kept, and so are named indexes.

    Raises
    ------
    TableError
        If there is no such column, or a column is a mean over seeds.
    OptionError
        If an option makes no sense.

    See Also
    --------
    sigstats.from_array : Does the same for arrays.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"width": [1, 2], "seed_0": [0.5, 0.7], "seed_1": [0.4, 0.8]})
    >>> from_wide(wide, seeds=r"seed_(\d+)", metric="accuracy")
       width seed  accuracy
    0      1    0       0.5
    1      2    0       0.7
    2      1    1       0.4
    3      2    1       0.8
    """
    _check_names(knob=knob, metric=metric, seed=seed)
    table = _as_pandas(frame)
    if isinstance(table.columns, pd.MultiIndex):
        return _from_nested(_with_index(table), metric)
    named = table.columns.name
    table = _with_index(table)
    if seeds is None and levels is None and named is not None:
        held = values_of_pivot(frame)
        if held:
            return _melted(table, {label: {str(named): label} for label in held}, metric)
    for option, given in (("seeds", seeds), ("levels", levels)):
        if given is not None and len(given) == 0:
            raise OptionError(
                f"`{option}` is {given!r}; it must name at least one column, or be a pattern for them."
            )
    if (seeds is None) == (levels is None):
        raise OptionError(
            "`seeds` or `levels` must say which columns hold a seed or a level each, and not both. Columns for every "
            r"pair are named by a pattern with two named groups: seeds=r'w(?P<width>\d+)_s(?P<seed>\d+)'."
        )
    if seeds is not None:
        keys = _chosen("seeds", table.columns, seeds, seed)
        _refuse_summaries(keys, seed)
    else:
        keys = _levels(_chosen("levels", table.columns, levels or (), knob), knob)
    return _melted(table, keys, metric)


def _check_names(**names: object) -> None:
    for option, name in names.items():
        if not isinstance(name, str) or not name:
            raise OptionError(f"`{option}` is {name!r}; it must be the name of a column.")
    if len(set(names.values())) < len(names):
        raise OptionError(
            f"`knob`, `metric` and `seed` are {tuple(names.values())}; their names must differ."
        )


def _as_pandas(frame: object) -> pd.DataFrame:
    """Return any eager frame as pandas, its columns in their order; a named index counts as a column."""
    if isinstance(frame, pd.DataFrame):
        named = [name for name in frame.index.names if name is not None]
        frames.refuse_repeated([*named, *frame.columns])
        return frame
    source = frames.adopt(frame).frame
    eager = frames.collect(source)
    return pd.DataFrame({name: eager[name].to_list() for name in eager.columns})


def values_of_pivot(pivot: pd.DataFrame) -> list[Any]:
    """Return the columns of a pivot that hold values; none if they cannot be told from those of a former index."""
    labels = list(pivot.columns)
    numbers = [label for label in labels if not isinstance(label, str)]
    return numbers or (labels if any(name is not None for name in pivot.index.names) else [])


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its named indexes as columns."""
    named = [name for name in table.index.names if name is not None]
    plain = table.reset_index(level=named) if named else table
    return plain.reset_index(drop=True)


def _chosen(option: str, labels: Iterable[Any], given: Columns, name: str) -> dict[Any, dict[str, str]]:
    """Return the columns that hold one seed or level each, and what their names say."""
    known = list(labels)
    if isinstance(given, str):
        return _matching(option, known, given, name)
    wanted = distinct(option, given)
    lost = [label for label in wanted if label not in known]
    if lost:
        hint = did_you_mean(str(lost[0]), map(str, known)) or f"Its columns are {_shown(known)}."
        problem = Problem(
            code="MISSING_COLUMN",
            column=str(lost[0]),
            message=f"`{option}` names the column {lost[0]!r}, which the frame does not have",
            remedy=hint,
        )
        raise TableError([problem])
    return {label: {name: str(label)} for label in wanted}


def _matching(option: str, known: Sequence[Any], pattern: str, name: str) -> dict[Any, dict[str, str]]:
    """Return the columns whose whole names match a pattern, and what its groups match."""
    compiled = CallersPattern(option, pattern, most_letters=MAX_PATTERN, remedy="List the columns instead.")
    keys = {}
    for label in known:
        found = compiled.fullmatch(str(label)) if len(str(label)) <= MAX_PATTERN else None
        if found is not None:
            named = {key: text for key, text in found.groupdict().items() if text is not None}
            keys[label] = named or {
                name: found[1] if compiled.groups and found[1] is not None else str(label)
            }
    if not keys:
        problem = Problem(
            code="MISSING_COLUMN",
            column=None,
            message=f"no column matches {option}={pattern!r}; the columns are {_shown(known)}",
            remedy=f"The pattern must match the whole name. Or list the columns: {option}=[...].",
        )
        raise TableError([problem])
    return keys


def _shown(labels: Sequence[Any]) -> str:
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(frames.shorten(label, 40) for label in labels[:SHOWN]) + more


def _refuse_summaries(keys: Mapping[Any, Mapping[str, str]], seed: str) -> None:
    """Refuse columns that are no seeds but summaries over seeds."""
    named = summaries_among({parts.get(seed, "") for parts in keys.values()})
    wrong = [label for label, parts in keys.items() if parts.get(seed, "") in named]
    if wrong:
        problem = Problem(
            code="SUMMARY_SEEDS",
            column=str(wrong[0]),
            message=f"`seeds` names {_shown(wrong)}, which is no run but a summary over runs",
            remedy=f"Leave it out: seeds={[label for label in keys if label not in wrong]!r}.",
        )
        raise TableError([problem])


def _levels(keys: Mapping[Any, Mapping[str, str]], knob: str) -> dict[Any, dict[str, Any]]:
    """Return the keys of columns with the level as a number: the one number in the name."""
    found: dict[Any, dict[str, Any]] = {}
    around = set()
    for label, parts in keys.items():
        text = parts.get(knob, "")
        numbers = re.findall(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", text)
        around.add(re.sub(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", "#", text))
        if len(numbers) != 1 or len(around) > 1:
            raise OptionError(
                f"`levels` names {label!r}, whose name does not say which level it is. Give a pattern with one "
                r"group for the number, such as levels=r'width_(\d+)', or rename the columns to numbers."
            )
        number = float(numbers[0])
        found[label] = {
            **parts,
            knob: int(number) if number.is_integer() and "." not in numbers[0] else number,
        }
    return found


def _melted(table: pd.DataFrame, keys: Mapping[Any, Mapping[str, Any]], metric: str) -> pd.DataFrame:
    """Return the table with one row for each value in the columns that have keys."""
    kept = [label for label in table.columns if label not in keys]
    names = list(dict.fromkeys(name for parts in keys.values() for name in parts))
    _check_clash([*map(str, kept), *names, metric])
    if len(table) * len(keys) * (len(kept) + len(names) + 1) > MAX_CELLS:
        raise OptionError(
            f"the long table would have more than {MAX_CELLS} cells. Use fewer columns or rows."
        )
    blocks = []
    for label, parts in keys.items():
        block = table[kept].copy()
        for name in names:
            block[name] = parts.get(name)
        block[metric] = table[label].to_numpy()
        blocks.append(block)
    long: pd.DataFrame = pd.concat(blocks, ignore_index=True)
    long.columns.name = None
    for name in names:
        long[name] = _as_ids(long[name])
    return long


def _check_clash(names: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise OptionError(
            f"the long table would have two columns named {twice[0]!r}. Rename that column, or choose another name "
            "with knob=..., metric=... or seed=...."
        )


def _as_ids(column: "pd.Series[Any]") -> Any:  # noqa: ANN401 - a column
    """Return what was in names of columns as numbers if it is plain numbers, else as text."""
    texts = [text for text in column.unique().tolist() if isinstance(text, str)]
    if texts and all(re.fullmatch(r"0|-?[1-9]\d{0,17}", text) for text in texts) and not column.isna().any():
        return column.astype("int64")
    return column


def _from_nested(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return a table whose columns have several levels of names as a long one."""
    names = list(table.columns.names)
    single = [label for label in table.columns if all(part == "" for part in label[1:])]
    valued = [label for label in table.columns if label not in single]
    unnamed = [place for place, name in enumerate(names) if name is None]
    varying = [place for place in unnamed if len({label[place] for label in valued}) > 1]
    if len(varying) > 1 or (varying and len(unnamed) == len(names)):
        filled = [
            name if name is not None else ["condition", "seed", "knob"][min(place, 2)]
            for place, name in enumerate(names)
        ]
        problem = Problem(
            code="MULTIINDEX_COLUMNS",
            column=None,
            message=f"the columns have {len(names)} levels of names, such as {valued[0]!r}; {len(unnamed)} lack a name",
            remedy=f"Say what they are, such as frame.columns.names = {filled!r}; then call from_wide again.",
        )
        raise TableError([problem])
    metrics = sorted({str(label[varying[0]]) for label in valued}) if varying else [metric]
    plain = table[single].copy()
    plain.columns = pd.Index([str(label[0]) for label in single])
    parts = []
    for one in metrics:
        chosen = [label for label in valued if not varying or str(label[varying[0]]) == one]
        flat = plain.copy()
        keys: dict[Any, dict[str, Any]] = {}
        for number, label in enumerate(chosen):
            keys[number] = {str(name): label[place] for place, name in enumerate(names) if name is not None}
            flat[number] = table[label].to_numpy()
        parts.append(_melted(flat, keys, one))
    long = parts[0]
    shared = [name for name in long.columns if name != metrics[0]]
    for one, part in zip(metrics[1:], parts[1:], strict=True):
        long = long.merge(part, on=shared, how="outer")[[*long.columns, one]]
    return long
