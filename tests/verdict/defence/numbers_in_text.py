"""Looking every number of a text up in the JSON of what it is about, without the sources that the text names."""

import math
import re

from sigstats.verdict.defence.references import REFERENCES

NUMERAL = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?%?")
BOUNDS = re.compile(r"(?:[<>]|over|below) (?:1e-16|0\.99(?:99)?|0\.01|0\.0001)\b|more than 1000\b")
DIGEST = re.compile(r"[0-9a-f]{64}")


def numbers_in(value):
    """Yield every number of plain values, lengths of lists included, and the strings apart."""
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers_in(part)
    elif isinstance(value, list):
        yield len(value)
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def strings_in(value):
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)
    elif isinstance(value, str):
        yield value


def rounds_to(value, numeral):
    """Return whether a value, or it as a percentage, is told by a numeral: rounded, or to a bound on its outer side."""
    percent = numeral.endswith("%")
    told, value = float(numeral.rstrip("%")), value * (100 if percent else 1)
    if not math.isfinite(value):
        return False
    mantissa, _, power = numeral.rstrip("%").partition("e")
    unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    trimmed = max(unit, 10.0 ** (math.floor(math.log10(abs(told))) - 2)) if told else unit
    near = abs(abs(value) - abs(told)) <= 0.5 * max(unit, trimmed if "." not in mantissa else unit) * (
        1 + 1e-6
    )
    outward = 0 <= value <= 1 and told in (math.floor(value * 100) / 100, math.ceil(value * 100) / 100)
    return near or outward


def unsupported(text, record):
    """Return the numerals of a text that no number and no name of a record gives."""
    for each in REFERENCES.values():
        text = text.replace(each.cited, "")
    text = BOUNDS.sub("", text.replace("SHA-256", ""))
    named = {found for said in strings_in(record) for found in NUMERAL.findall(said)}
    values = list(numbers_in(record))
    for digest in DIGEST.findall("\n".join(strings_in(record))):
        text = text.replace(digest[:16], "")
    found = NUMERAL.findall(text)
    return [
        each for each in found if each not in named and not any(rounds_to(value, each) for value in values)
    ]


def body(defence):
    return " ".join(str(sentence) for passage in defence.passages for sentence in passage.sentences)
