"""Tables in the documentation that are made from the code that decides.

``python docs/tables.py`` writes them into their pages; a test fails while a page differs from the code.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sigstats import stats
from sigstats.cards.lint.rules import RULES as LINT
from sigstats.cards.verdict import rules as ideas
from sigstats.cards.verdict.outcomes import OUTCOMES
from sigstats.data.logs.formats.registry import formats
from sigstats.data.readers.registry import FORMATS
from sigstats.evidence.reason import Reason
from sigstats.report.next_steps import MEANINGS, StepCode
from sigstats.shapes import SHAPES, Clause, Shape
from sigstats.verdict.defence.references import REFERENCES
from sigstats.verdict.rules import RULES

HERE = Path(__file__).parent


def samples() -> tuple[Shape, ...]:
    """Return one shape of every name, and both forms of a threshold."""
    return tuple(example for shape in SHAPES.values() for example in shape.examples())


def _table(heads: list[str], body: list[list[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _called(shape: Shape) -> str:
    form = shape.options().get("form")
    return f"`{shape.name}` ({form})" if form else f"`{shape.name}`"


def verdict_table() -> str:
    """Return the table of rules as Markdown."""
    body = [[str(rule.number), rule.when, str(rule.status), rule.says] for rule in RULES]
    return _table(["#", "when", "status", "reason"], body)


def clause_reasons() -> str:
    """Return the reasons that clauses give: refuted, or required and unresolved."""
    refuted: dict[str, list[tuple[Shape, Clause]]] = {}
    unresolved: dict[str, list[tuple[Shape, Clause]]] = {}
    for shape in samples():
        for clause in shape.clauses:
            if clause.refuted not in (Reason.OPPOSITE, Reason.REVERSES):
                refuted.setdefault(clause.refuted, []).append((shape, clause))
            if clause.unresolved is not None:
                unresolved.setdefault(clause.unresolved, []).append((shape, clause))
    body = [
        [f"`{Reason(reason)}`", _shapes(found), f"shown to be false: {_says(found)}"]
        for reason, found in refuted.items()
    ]
    body += [
        [f"`{Reason(reason)}`", _shapes(found), f"neither shown nor refuted: {_says(found)}"]
        for reason, found in unresolved.items()
    ]
    return _table(["reason", "shapes", "meaning"], body)


def _shapes(found: list[tuple[Shape, Clause]]) -> str:
    return ", ".join(dict.fromkeys(_called(shape) for shape, _ in found))


def _says(found: list[tuple[Shape, Clause]]) -> str:
    return ", or ".join(dict.fromkeys(clause.says for _, clause in found))


def shape_clauses() -> str:
    """Return what each shape claims, clause by clause."""
    body = []
    for shape in samples():
        others = "; ".join(f"{clause.says} ({clause.kind})" for clause in shape.clauses[1:])
        body.append([_called(shape), shape.claim, shape.clauses[0].says, others])
    return _table(["shape", "claim", "primary clause", "other clauses"], body)


def shape_options() -> str:
    """Return options, requirements, names of clauses and location of each shape."""
    body = [
        [
            _called(shape),
            ", ".join(_option(shape, option) for option in fields(shape)),
            str(2 if shape.on_two_levels else shape.min_levels),
            shape.location or "",
            _scales(shape),
            ", ".join(f"`{clause.name}`" for clause in shape.clauses),
        ]
        for shape in samples()
    ]
    return _table(["shape", "options", "fewest levels", "location", "scales", "clauses"], body)


def shape_effects() -> str:
    """Return what the effect of each shape measures, with which `min_effect` is compared."""
    body = [
        [_called(shape), _measures(shape), "the exponent" if shape.unit == "exponent" else "the metric"]
        for shape in samples()
        if shape.sized
    ]
    return _table(["shape", "its effect", "in units of"], body)


def _measures(shape: Shape) -> str:
    return (
        "change of the fitted line, in the claimed direction" if shape.is_trend else shape.clauses[0].measures
    )


def _option(shape: Shape, option: Any) -> str:  # noqa: ANN401 - a field of a dataclass
    if option.default is MISSING:
        return f"`{option.name}` (must be given)"
    return f"`{option.name}={getattr(shape, option.name)!r}`"


def _scales(shape: Shape) -> str:
    if shape.along is not None:
        return "those of the effect"
    if shape.knob_scale == shape.metric_scale == "log":
        return "log-log"
    return ""


def table_formats() -> str:
    """Return what is read of each kind of table, and what is not."""
    body = [
        [
            f"{each.name} ({' '.join(f'`{ending}`' for ending in each.endings)})",
            each.written_by,
            each.reads,
            each.leaves,
            ", ".join(f"`{name}`" for name in each.options),
        ]
        for each in FORMATS
    ]
    return _table(["kind", "written by", "what is read", "what is not", "options"], body)


def log_formats() -> str:
    """Return what is read of each format of training logs, and what is not."""
    body = [[f"{each.title} (`{each.name}`)", each.written_by, each.reads, each.leaves] for each in formats()]
    return _table(["format", "written by", "what is read", "what is not"], body)


def lint_rules() -> str:
    """Return what trips each rule about cards, why it matters and how it is mended."""
    body = [
        [
            rule.code,
            rule.name,
            rule.trips,
            f"{rule.reason[:1].upper()}{rule.reason[1:]}.",
            _as_code(rule.remedy),
        ]
        for rule in LINT
    ]
    return _table(["code", "name", "what trips it", "why it matters", "what mends it"], body)


def _as_code(remedy: str) -> str:
    """Return a remedy with what is to be typed set as code."""
    typed = r'\w+ = (?:\{.*?\}|\[.*?\]|"[^"]*"|\.\.\.)|\[\[?\w+\]\]?|# lint: ignore\[CODE\]'
    return re.sub(typed, lambda found: f"`{found[0]}`", remedy)


def next_steps() -> str:
    """Return what each code of a next step means."""
    return _table(["code", "meaning"], [[f"`{code}`", MEANINGS[code]] for code in StepCode])


def outcomes() -> str:
    """Return what each verdict means for each expectation."""
    body = [[f"`{expect}`", str(status), str(outcome)] for (expect, status), outcome in OUTCOMES.items()]
    return _table(["expected", "verdict", "outcome"], body)


def idea_rules() -> str:
    """Return the table of rules on an idea."""
    body = [[str(rule.number), rule.when, str(rule.status), rule.claims] for rule in ideas.RULES]
    return _table(["#", "when", "the idea is", "what this claims"], body)


def idea_roles() -> str:
    """Return what signatures of each role are for."""
    return _table(["role", "what it does"], [[f"`{role}`", does] for role, does in ideas.ROLES.items()])


def cited_works() -> str:
    """Return the works that the methods section of a verdict may cite."""
    works = sorted(REFERENCES.values(), key=lambda each: each.cited)
    return _table(
        ["cited as", "work"], [[each.cited, f"{each.work} [{each.doi}]({_doi(each.doi)})"] for each in works]
    )


def functions() -> str:
    """Return what each public statistic asks, with the works that its docstring cites."""
    found = {name: getattr(stats, name) for name in stats.__all__}
    body = [
        [f"`{name}`", _summary(each), " ".join(_works(each))]
        for name, each in found.items()
        if inspect.isfunction(each)
    ]
    return _table(["function", "what it does", "references"], body)


def _summary(function: Callable[..., object]) -> str:
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def _works(function: Callable[..., object]) -> list[str]:
    """Return the works of a docstring's references, with links in place of their addresses."""
    _, _, listed = (inspect.getdoc(function) or "").partition("References\n----------\n")
    works = re.findall(r"\.\. \[\d+\] (.*?)(?=\n\.\. \[|\n\n|\Z)", listed, re.DOTALL)
    return [
        re.sub(r"https://doi\.org/(\S+)", r"[doi](https://doi.org/\1)", " ".join(each.split()))
        for each in works
    ]


def _doi(number: str) -> str:
    return f"https://doi.org/{quote(number, safe='/')}"


PAGES: dict[Path, dict[str, Callable[[], str]]] = {
    HERE / "explanation" / "verdict.md": {"verdict table": verdict_table, "clause reasons": clause_reasons},
    HERE / "explanation" / "idea.md": {
        "outcomes": outcomes,
        "rules": idea_rules,
        "roles": idea_roles,
    },
    HERE / "explanation" / "methods.md": {"cited": cited_works, "functions": functions},
    HERE / "explanation" / "shapes.md": {"clauses": shape_clauses},
    HERE / "howto" / "lock.md": {"next steps": next_steps},
    HERE / "howto" / "logs.md": {"log formats": log_formats},
    HERE / "howto" / "tables.md": {"table formats": table_formats},
    HERE / "reference" / "lint.md": {"rules": lint_rules},
    HERE / "howto" / "min_effect.md": {"effects": shape_effects},
    HERE / "reference" / "shapes.md": {"options": shape_options},
}


def refreshed(page: Path) -> str:
    """Return the text of a page with the current tables between their marks."""
    text = page.read_text(encoding="utf-8")
    for name, make in PAGES[page].items():
        start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
        before, rest = text.split(start)
        _, after = rest.split(end)
        text = f"{before}{start}{make()}{end}{after}"
    return text


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(refreshed(each), encoding="utf-8")
