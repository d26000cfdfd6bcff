"""How a caller turns a column of text into numbers: code in Python, options of the reader in a shell or on a card."""

import re
from collections.abc import Iterable, Sequence

import narwhals as nw
from narwhals.dtypes import DType

from sigstats.data.readers.model import MISSING
from sigstats.data.table.spelled import COMMA, POINT, Spelling, is_ambiguous, readings, spelling
from sigstats.errors import option, place_of_caller, reading_options

FEW = 3
MOST_WORDS = 12
CORRECT = "Write a number in these cells, or leave them empty where a run has none; do not make one up."
DIGIT = re.compile(r"\s*[+\-\u2212]?[.,]?\d")


def as_numbers(label: str, values: Sequence[object], otherwise: str = CORRECT) -> str:
    """Return the remedy for a column of text: what makes numbers of it, if that is known.

    Cells that hold words or nothing become missing; the rest must be numbers in one notation.
    """
    texts = [value for value in values if isinstance(value, str)]
    written = [text for text in texts if has_number(text)]
    words = sorted({text for text in texts if text.strip() and text not in written})
    column = f"frame[{label!r}]"
    odd = next((text for text in written if is_ambiguous(text)), None)
    if odd is not None and COMMA.numbers(written) is not None and POINT.numbers(written) is not None:
        return f"{readings(odd)}. {_ambiguous(column, '.' if '.' in odd else ',')}"
    found = spelling(written) if written else None
    if found is None and (written or len(texts) == len(values)):
        return otherwise
    how = found or Spelling(numbers={})
    if place_of_caller() != "python":
        return _options(how, words) or otherwise
    gaps = sorted({text for text in texts if not text.strip()} | set(words))
    only = len(texts) == len([value for value in values if value is not None])
    code = _code(column, how.comma, how.grouped, how.units, gaps=gaps, words=words, only_text=only)
    lead = _if_missing(words) or "Make numbers of it"
    if how.comma and not how.units and not words:
        again = f"Read the file again with {option('decimal', ',')} (sigstats.read_sweep, pd.read_csv)"
        lead = f"{again}, or make numbers of it"
    return f"{lead}: {column} = {code}."


def _if_missing(words: Sequence[str]) -> str:
    """Return the condition under which words become missing values; empty without words."""
    if not words:
        return ""
    if len(words) <= FEW:
        named = " and ".join(map(repr, words))
        return f"If {named} mean{'s' * (len(words) == 1)} a missing value"
    return f"If all {len(words)} words, such as {words[0]!r}, mean a missing value"


def _options(how: Spelling, words: Sequence[str]) -> str:
    """Return the options of a reader that make numbers of a column; empty if there are none."""
    options: dict[str, object] = {"decimal": ","} if how.comma else {}
    options |= {"thousands": how.grouped} if how.grouped and not how.comma else {}
    options |= {"units": list(how.units)} if how.units else {}
    if words and len(words) > MOST_WORDS:
        return ""
    options |= {"missing": [*MISSING, *(word for word in words if word not in MISSING)]} if words else {}
    if not options:
        return ""
    lead = f"{_if_missing(words)}, say so" if words else "Say how its numbers are written"
    return f"{lead}: {reading_options(options)}."


def has_number(text: str) -> bool:
    """Return whether a text begins as a number does, whatever follows."""
    return DIGIT.match(text) is not None


def times_as_numbers(label: str, dtype: DType) -> str:
    """Return the remedy for a column of dates, times or lengths of time."""
    if place_of_caller() != "python" or not dtype.is_temporal() or dtype == nw.Time():
        return "Convert it to a number in a unit of your choice, such as hours since the start."
    column = f"frame[{label!r}]"
    if dtype == nw.Duration:
        return f"Convert it to hours: {column} = {column}.dt.total_seconds() / 3600."
    times = f"pd.to_datetime({column})" if dtype == nw.Date else column
    return f"Convert it to days since the first: {column} = ({times} - {times}.min()).dt.total_seconds() / 86400."


def declare_order(levels: Iterable[str] = ()) -> str:
    """Return the remedy for a knob that holds words; few enough are put as they would be declared."""
    named = sorted(set(levels), key=lambda text: (not has_number(text), text))
    shown = named if 2 <= len(named) <= MOST_WORDS else ["off", "on"]
    said = f"Use numbers, or declare the order of the levels, as in {option('levels', shown)}"
    return f"{said}, or pd.Categorical(..., ordered=True)." if place_of_caller() == "python" else f"{said}."


def _ambiguous(column: str, mark: str) -> str:
    if place_of_caller() == "python":
        decimal = f"{column}.str.replace({mark!r}, '.').astype(float)"
        return f"Choose one: {column} = {decimal}, or {column} = {_code(column, False, mark, ())}."
    return f"Say which: {option('decimal', mark)} or {option('thousands', mark)}."


def _code(
    column: str,
    comma: bool,
    grouped: str,
    units: tuple[str, ...],
    *,
    gaps: Sequence[str] = (),
    words: Sequence[str] = (),
    only_text: bool = True,
) -> str:
    """Return code that makes numbers of a pandas column of text, in which some cells are none."""
    plain = not (comma or grouped or units)
    if plain and len(words) > MOST_WORDS:
        return f"pd.to_numeric({column}, errors='coerce')"
    start = f"{column}.replace({list(gaps)!r}, float('nan'))" if gaps else column
    if len(units) > 1:
        factors = {"k": "e3", "K": "e3", "M": "e6", "G": "e9", "B": "e9", "T": "e12"}
        used = {unit: factors[unit] for unit in units}
        return f"{start}.replace({used!r}, regex=True).astype(float)"
    # What is a number already has no letters to take away.
    parts = [".map(str, na_action='ignore')"] if not plain and not only_text else []
    parts += [f".str.removesuffix({unit!r})" for unit in units]
    parts += [f".str.replace({mark!r}, '')" for mark in [grouped] if mark]
    parts += [".str.replace(',', '.')"] if comma else []
    return f"{start}{''.join(parts)}.astype(float)"
