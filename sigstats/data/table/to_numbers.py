"""How a caller turns a column of text into numbers: code in Python, options of the reader in a shell or on a card."""

from collections.abc import Sequence

from sigstats.data.readers.model import MISSING
from sigstats.data.table.cells import NUMBER
from sigstats.data.table.spelled import COMMA, POINT, is_ambiguous, readings, spelling
from sigstats.errors import option, place_of_caller, reading_options

FEW = 5
CORRECT = "Correct the cells, so that each holds a number."


def as_numbers(label: str, texts: Sequence[str], otherwise: str = CORRECT) -> str:
    """Return the remedy for a column of text: what makes numbers of it, if that is known."""
    texts = [text for text in texts if text.strip()]
    column = f"frame[{label!r}]"
    odd = next((text for text in texts if is_ambiguous(text)), None)
    if odd is not None and COMMA.numbers(texts) is not None and POINT.numbers(texts) is not None:
        return f"{readings(odd)}. {_ambiguous(column, '.' if '.' in odd else ',')}"
    found = spelling(texts) if texts else None
    if found is None:
        return _without(column, texts, otherwise)
    if place_of_caller() == "python":
        return f"Make numbers of it: {column} = {_code(column, found.comma, found.grouped, found.units)}."
    options: dict[str, object] = {"decimal": ","} if found.comma else {}
    options |= {"thousands": found.grouped} if found.grouped and not found.comma else {}
    options |= {"units": list(found.units)} if found.units else {}
    return f"Say how its numbers are written: {reading_options(options)}." if options else otherwise


def declare_order() -> str:
    """Return the remedy for a knob that holds words."""
    said = f"Use numbers, or declare the order of the levels, as in {option('levels', ['off', 'on'])}"
    return f"{said}, or pd.Categorical(..., ordered=True)." if place_of_caller() == "python" else f"{said}."


def _ambiguous(column: str, mark: str) -> str:
    if place_of_caller() == "python":
        decimal = f"{column}.str.replace({mark!r}, '.').astype(float)"
        return f"Choose one: {column} = {decimal}, or {column} = {_code(column, False, mark, ())}."
    return f"Say which: {option('decimal', mark)} or {option('thousands', mark)}."


def _code(column: str, comma: bool, grouped: str, units: tuple[str, ...]) -> str:
    """Return code that makes numbers of a pandas column of text."""
    if len(units) > 1:
        factors = {"k": "e3", "K": "e3", "M": "e6", "G": "e9", "B": "e9", "T": "e12"}
        used = {unit: factors[unit] for unit in units}
        return f"{column}.replace({used!r}, regex=True).astype(float)"
    parts = [f".str.removesuffix({unit!r})" for unit in units]
    parts += [f".str.replace({mark!r}, '')" for mark in [grouped] if mark]
    parts += [".str.replace(',', '.')"] if comma else []
    return f"{column}{''.join(parts)}.astype(float)"


def _without(column: str, texts: Sequence[str], otherwise: str) -> str:
    """Return the remedy for a few texts among numbers."""
    wrong = sorted(text for text in texts if not NUMBER.fullmatch(text.strip()))
    if not 0 < len(wrong) <= FEW or len(wrong) == len(texts):
        return otherwise
    if any(any(mark.isdigit() for mark in text) for text in wrong):
        return otherwise
    if place_of_caller() == "python":
        return f"If they mean a missing value: {column} = {column}.replace({wrong!r}, float('nan')).astype(float)."
    return f"If they mean a missing value, say so: {option('missing', [*MISSING, *wrong])}."
