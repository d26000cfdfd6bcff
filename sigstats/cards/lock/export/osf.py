"""A locked card as a preregistration in Markdown, under the headings of the form "OSF Preregistration".

What a card does not say is left open and marked, for the author to fill in.

References
----------
Bowman, S. D. et al. (2016), OSF Prereg Template, https://doi.org/10.31222/osf.io/epgjd.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sigstats.cards.lock.chain import Chain
from sigstats.cards.lock.clock import said
from sigstats.cards.lock.entries import Amended, Locked
from sigstats.cards.lock.words import changed
from sigstats.report.escaping import markdown as escaped

OPEN = "*The card does not say this; fill it in.*"


def preregistration(chain: Chain) -> str:
    """Return the preregistration of what was declared last, with the amendments that led to it."""
    entry = chain.latest
    if entry is None:
        return ""
    idea, signatures = entry.card["idea"], entry.card["signatures"]
    sections = (
        ("Study Information", _study(idea, signatures)),
        ("Design Plan", _design(signatures)),
        ("Sampling Plan", _sampling(chain, signatures)),
        ("Variables", _variables(signatures)),
        ("Analysis Plan", _analysis(entry, signatures)),
        ("Other", _other(chain, entry)),
    )
    parts = [f"# {escaped(str(idea.get('name', 'A card of sigstats')))}"]
    for heading, questions in sections:
        parts += [f"## {heading}", *(f"### {question}\n\n{answer or OPEN}" for question, answer in questions)]
    return "\n\n".join(parts) + "\n"


Questions = list[tuple[str, str]]
Signatures = Mapping[str, Mapping[str, Any]]


def _study(idea: Mapping[str, Any], signatures: Signatures) -> Questions:
    about = [_line(idea, key) for key in ("claim", "mechanism", "simplified_setting", "applies_to")]
    fails = [_listed("It should fail where", idea.get("fails_when")), _listed("Rivals", idea.get("rivals"))]
    return [
        ("Title", escaped(str(idea.get("name", "")))),
        ("Authors", ""),
        ("Description", "\n\n".join(part for part in (*about, *fails) if part)),
        ("Hypotheses", _each(signatures, _hypothesis)),
    ]


def _design(signatures: Signatures) -> Questions:
    return [
        ("Study type", ""),
        ("Blinding", ""),
        ("Study design", _each(signatures, _conditions)),
        ("Randomization", ""),
    ]


def _sampling(chain: Chain, signatures: Signatures) -> Questions:
    first = () if chain.locked is None else chain.locked.data
    there = [f"- {escaped(each.signature)}: {escaped(each.path)}" for each in first]
    existing = (
        "Registration prior to creation of data: the card named no data that existed when it was locked."
        if not there
        else "Data that the card names existed when it was locked; answers on them are exploratory."
    )
    planned = any("seeds" in each or "looks" in each for each in signatures.values())
    return [
        ("Existing Data", existing),
        ("Explanation of existing data", "\n".join(there) or "There were none."),
        ("Data collection procedures", _each(signatures, _computed, only_if=("computed", "data"))),
        ("Sample size", _each(signatures, _seeds) if planned else ""),
        ("Sample size rationale", ""),
        ("Stopping rule", _each(signatures, _looks)),
    ]


def _variables(signatures: Signatures) -> Questions:
    return [
        ("Manipulated variables", _each(signatures, _knob)),
        ("Measured variables", _each(signatures, _metric)),
        ("Indices", ""),
    ]


def _analysis(entry: Locked | Amended, signatures: Signatures) -> Questions:
    version = entry.versions.get("sigstats", "unknown")
    model = (
        f"The verdict of `sigstats check` (version {escaped(version)}) on the card. Everything that the card says "
        "stands below, under *Other*."
    )
    return [
        ("Statistical models", model),
        ("Transformations", _each(signatures, _scales)),
        ("Inference criteria", _each(signatures, _criteria)),
        ("Data exclusion", _each(signatures, _rows)),
        ("Missing data", "As the documentation of this version of sigstats says."),
        ("Exploratory analyses", "None that the card declares."),
    ]


def _other(chain: Chain, entry: Locked | Amended) -> Questions:
    from sigstats.report.json import written

    locked = chain.locked
    when = "" if locked is None else said(locked.time)
    amendments = [
        f"- {said(each.time)}: {escaped(each.why)} ({'; '.join(escaped(changed(one)) for one in each.changes)})"
        for each in chain.amendments
    ]
    told = (
        f"Locked on {when}.\n\nSHA-256 of the card: `{entry.card_hash}`\n\nHead of its lock: `{chain.head}`"
    )
    whole = f"```json\n{written(dict(entry.card)).replace('```', '` ` `')}\n```"
    return [
        (
            "Other",
            "\n\n".join([told, *(["Amendments:\n\n" + "\n".join(amendments)] if amendments else []), whole]),
        )
    ]


def _each(signatures: Signatures, say: Any, only_if: Iterable[str] = ()) -> str:  # noqa: ANN401 - a function
    wanted = tuple(only_if)
    chosen = {
        key: each for key, each in signatures.items() if not wanted or any(name in each for name in wanted)
    }
    return "\n".join(f"- **{escaped(key)}**: {say(each)}" for key, each in chosen.items())


def _hypothesis(each: Mapping[str, Any]) -> str:
    shape = dict(each.get("shape", {}))
    name = str(shape.pop("name", ""))
    options = f" ({_pairs(shape)})" if shape else ""
    related = (
        f"than {_code(each['baseline'])}"
        if "baseline" in each
        else f"along {_code(each.get('knob', 'knob'))}"
    )
    expected = "expected to be absent" if each.get("expect") == "absent" else "predicted"
    size = (
        f"; the smallest effect that matters is {escaped(str(each['min_effect']))}"
        if "min_effect" in each
        else ""
    )
    why = f" ({escaped(str(each['why']))})" if "why" in each else ""
    metric = _code(each.get("metric", "metric"))
    return f"{metric} is {expected} to be {_code(name)}{options} {related}{size}{why}."


def _conditions(each: Mapping[str, Any]) -> str:
    treated = ", ".join(map(_code, each.get("treatment", ()))) or "every condition that is no control"
    control = ", ".join(map(_code, each.get("control", ()))) or "none"
    paired = "; seeds are paired" if each.get("paired") else ""
    return f"treatment: {treated}; control: {control}{paired}."


def _computed(each: Mapping[str, Any]) -> str:
    return "; ".join(f"{key}: {escaped(str(each[key]))}" for key in ("computed", "data") if key in each)


def _seeds(each: Mapping[str, Any]) -> str:
    seeds = each.get("seeds", each.get("looks", ["not stated"])[-1])
    return f"{_pairs(seeds) if isinstance(seeds, Mapping) else escaped(str(seeds))} seeds per condition."


def _looks(each: Mapping[str, Any]) -> str:
    looks = each.get("looks")
    if not looks:
        return "one look, when all runs are done."
    return f"looks at {', '.join(map(str, looks))} seeds per condition; a definite verdict at a look may end the study."


def _knob(each: Mapping[str, Any]) -> str:
    levels = (
        f"; levels: {', '.join(escaped(str(level)) for level in each['levels'])}" if "levels" in each else ""
    )
    return f"{_code(each.get('knob', 'knob'))}{levels}; conditions in {_code(each.get('condition', 'condition'))}."


def _metric(each: Mapping[str, Any]) -> str:
    told = "; ".join(escaped(str(each[key])) for key in ("quantity", "computed", "place") if key in each)
    return f"{_code(each.get('metric', 'metric'))}{': ' + told if told else ''}."


def _scales(each: Mapping[str, Any]) -> str:
    return f"knob {each.get('knob_scale', 'linear')}, metric {each.get('metric_scale', 'linear')}."


def _criteria(each: Mapping[str, Any]) -> str:
    return f"alpha {each.get('alpha', 0.05)} for each one-sided claim; the verdict table of sigstats decides."


def _rows(each: Mapping[str, Any]) -> str:
    rows = f"only rows with {_pairs(each['where'])}" if each.get("where") else "all rows"
    return f"{rows}; short seeds: {each.get('short_seeds', 'drop')}."


def _line(idea: Mapping[str, Any], key: str) -> str:
    return f"{key.replace('_', ' ').capitalize()}: {escaped(str(idea[key]))}" if key in idea else ""


def _listed(head: str, items: Any) -> str:  # noqa: ANN401 - a list of texts
    return f"{head}: {'; '.join(escaped(str(item)) for item in items)}" if items else ""


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{escaped(str(key))} = {escaped(str(value))}" for key, value in values.items())


def _code(name: Any) -> str:  # noqa: ANN401 - a label
    return escaped(str(name))
