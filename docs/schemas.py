"""Write the JSON schemas that ``sigstats schema`` prints, from the classes that the JSON is made of.

``python docs/schemas.py`` writes ``sigstats/report/schemas/*.json``; a test fails while they differ from the classes.
"""

import collections.abc
import dataclasses
import enum
import json
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Union

import numpy as np

import sigstats
from sigstats.cards.lint.report import Finding
from sigstats.cards.lock.chain import Break
from sigstats.cards.lock.changes import Change
from sigstats.cards.lock.entries import Amended, Locked, Look
from sigstats.cards.lock.existing import Existing
from sigstats.cards.lock.git import Repository
from sigstats.cards.lock.result import Standing
from sigstats.cards.record.result import Record
from sigstats.cards.verdict.plain import IdeaRecord
from sigstats.evidence.reason import Reason
from sigstats.report.json import SCHEMA
from sigstats.report.next_steps import NextStep
from sigstats.shapes import Shape
from sigstats.signature.idea import Idea
from sigstats.studies.planning.record import Chance, Prospect

FOLDER = Path(sigstats.__file__).parent / "report" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = {"type": ["number", "null"]}  # what is not finite is null
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
PLAIN: dict[type, dict[str, Any]] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: NUMBER,
    str: {"type": "string"},
}


class Writer:
    """A schema in the making: the definitions of all classes that occur in it."""

    def __init__(self) -> None:
        self.defs: dict[str, Any] = {}

    def of(self, hint: Any) -> dict[str, Any]:  # noqa: ANN401 - a type hint
        """Return the schema of a type."""
        origin = typing.get_origin(hint)
        # numpy 2.5 makes NDArray an alias that stands for the class ndarray
        origin = typing.get_origin(getattr(origin, "__value__", None)) or origin
        if hint in PLAIN:
            return PLAIN[hint]
        if origin in (Union, types.UnionType):
            return self._any_of(typing.get_args(hint))
        if origin is Literal:
            return {"enum": list(typing.get_args(hint))}
        if isinstance(hint, type) and origin is None:
            return self._of_class(hint)
        return self._of_container(origin, typing.get_args(hint))

    def _of_class(self, hint: type) -> dict[str, Any]:
        if dataclasses.is_dataclass(hint) and not issubclass(hint, Shape):
            return self.record(hint)
        if issubclass(hint, Shape):
            return {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
        if (
            issubclass(hint, enum.Enum) and hint is not Reason
        ):  # users can add reasons, with shapes of their own
            return {"enum": [each.value for each in hint]}
        return (
            {"type": "string"} if issubclass(hint, str) else {"type": "array"} if hint is np.ndarray else {}
        )

    def _of_container(self, origin: Any, inner: tuple[Any, ...]) -> dict[str, Any]:  # noqa: ANN401 - a type
        if origin is np.ndarray:
            return {"type": "array"}
        if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
            return {"type": "array", "items": self.of(inner[0])}
        if origin is tuple:
            items = [self.of(each) for each in inner]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin in (collections.abc.Mapping, dict):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        return (
            {"type": "array", "items": self.of(inner[0])}
            if origin in (list, collections.abc.Sequence)
            else {}
        )

    def _any_of(self, members: tuple[Any, ...]) -> dict[str, Any]:
        each = [self.of(member) for member in members]
        return {"anyOf": each} if {} not in each else {}

    def record(
        self,
        kind: type,
        *,
        name: str | None = None,
        but: tuple[str, ...] = (),
        more: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return a reference to the definition of a dataclass; `more` are keys that differ from its fields."""
        name = name or kind.__name__
        if name not in self.defs:
            self.defs[name] = {}
            hints = typing.get_type_hints(kind)
            public = [
                each.name
                for each in dataclasses.fields(kind)
                if each.metadata.get("json", True) and each.name not in but and not each.name.startswith("_")
            ]
            found = {each: self.of(hints[each]) for each in public if each not in (more or {})} | (more or {})
            self.defs[name] = {"type": "object", "properties": found, "required": list(found)}
        return {"$ref": f"#/$defs/{name}"}

    def finished(self, name: str, title: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the whole schema."""
        head = {"$schema": DIALECT, "$id": f"sigstats:{name}:{SCHEMA}", "title": title}
        return {**head, **body, **({"$defs": dict(sorted(self.defs.items()))} if self.defs else {})}


def numbered(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a document with the number of its form."""
    found = {"schema": {"const": SCHEMA}, **properties}
    return {"type": "object", "properties": found, "required": list(found)}


def signature(writer: Writer) -> dict[str, Any]:
    """Return a signature as results hold it: `min_effect` may be a share, such as ``"2%"``."""
    more = {
        "min_effect": {"type": ["number", "string", "null"]},
        "where": {"type": ["object", "null"]},
        "forecast": {"type": ["object", "null"]},
    }
    return writer.record(sigstats.Signature, more=more)


def provenance(writer: Writer) -> dict[str, Any]:
    """Return where a result comes from, with versions by name."""
    from sigstats.verdict.decision import Provenance

    versions = {"type": "object", "additionalProperties": {"type": "string"}}
    return writer.record(Provenance, more={"versions": versions})


def verdict(writer: Writer) -> dict[str, Any]:
    """Return a verdict: a result on a shape along a knob."""
    from sigstats.evidence.results import ArmEvidence

    signature(writer)
    provenance(writer)
    levels = {"level_means": {"type": "array"}, "level_counts": {"type": "array"}}
    writer.record(ArmEvidence, more={**levels, "curves": {"type": ["array", "null"]}})
    reference = writer.record(sigstats.Verdict)
    writer.defs["Verdict"]["properties"]["schema"] = {"const": SCHEMA}
    writer.defs["Verdict"]["required"].append("schema")
    return reference


def comparison(writer: Writer) -> dict[str, Any]:
    """Return the answer to a claim on a baseline."""
    signature(writer)
    provenance(writer)
    reference = writer.record(sigstats.Comparison)
    writer.defs["Comparison"]["properties"]["schema"] = {"const": SCHEMA}
    writer.defs["Comparison"]["required"].append("schema")
    return reference


def result_of(kind: type) -> Callable[[Writer], dict[str, Any]]:
    """Return what writes the schema of a result whose JSON is its fields."""

    def body(writer: Writer) -> dict[str, Any]:
        reference = writer.record(kind)
        writer.defs[kind.__name__]["properties"]["schema"] = {"const": SCHEMA}
        writer.defs[kind.__name__]["required"].append("schema")
        return reference

    return body


def check(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats check --json`` prints; without a card there is no standing."""
    results = {"anyOf": [{**verdict(writer)}, {**comparison(writer)}]}
    found = numbered(
        {
            "results": {"type": "array", "items": results, "minItems": 1},
            "idea": writer.of(IdeaRecord),
            "standing": writer.of(Standing),
            "next": steps(writer),
        }
    )
    found["required"].remove("standing")
    return found


def steps(writer: Writer) -> dict[str, Any]:
    """Return what to do next."""
    return {"type": "array", "items": writer.of(NextStep), "minItems": 1}


def line(writer: Writer) -> dict[str, Any]:
    """Return one line of a lock."""
    record = {"type": "object"}
    card = {
        "type": "object",
        "properties": {"idea": record, "signatures": record},
        "required": ["idea", "signatures"],
    }
    common = {
        "schema": {"const": SCHEMA},
        "hash": HASH,
        "time": TIME,
        "previous": {"anyOf": [HASH, {"type": "null"}]},
    }
    more = {Locked: {"card": card, "card_hash": HASH}, Amended: {"card": card, "card_hash": HASH}, Look: {}}
    writer.record(Change), writer.record(Existing), writer.record(Repository)
    kinds = [
        writer.record(kind, more={"kind": {"const": kind.kind}, **common, **fields})
        for kind, fields in more.items()
    ]
    return {"oneOf": kinds}


def lock(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats lock --json`` and ``sigstats amend --json`` print."""
    line(writer)
    named = {"lock": {"$ref": "#/$defs/Locked"}, "amendment": {"$ref": "#/$defs/Amended"}}
    each = [numbered({key: value, "head": HASH, "next": steps(writer)}) for key, value in named.items()]
    return {"oneOf": each}


def verify(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats lock --verify --json`` prints."""
    counts = {
        key: {"type": "integer", "minimum": 0} for key in ("lines", "amendments", "looks", "planned_looks")
    }
    return numbered(
        {
            "whole": {"type": "boolean"},
            "head": {"anyOf": [HASH, {"type": "null"}]},
            **counts,
            "breaks": {"type": "array", "items": writer.of(Break)},
            "next": steps(writer),
        }
    )


def lint(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats lint --json`` prints."""
    findings = {"type": "array", "items": writer.of(Finding)}
    ignored = {"type": "array"}
    texts = {"card": {"type": "string"}, "clean": {"type": "boolean"}}
    return numbered({**texts, "findings": findings, "ignored": ignored, "next": steps(writer)})


def plan(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats plan --json`` prints: a result for each signature that was planned, or why it was not."""
    share = {"type": "number", "minimum": 0, "maximum": 1}
    name = {"type": ["string", "null"]}
    chance = writer.record(
        Chance, more={"probability": share, "reasons": {"type": "object", "additionalProperties": share}}
    )
    chances = {"type": "array", "items": chance}
    prospect = writer.record(Prospect, more={"signature": name, "chances": chances, "next": steps(writer)})
    shared = {
        "target": share,
        "budget": NUMBER,
        "replications": {"type": "integer"},
        "entropy": {"type": "integer"},
    }
    planned = {"properties": {"advice": {"type": "string"}, **shared}, "required": ["advice", *shared]}
    left_out = {"signature": name, "why": {"type": "string"}, **shared}
    result = {
        "anyOf": [
            {"allOf": [prospect, planned]},
            {"type": "object", "properties": left_out, "required": list(left_out)},
        ]
    }
    return numbered({"results": {"type": "array", "items": result, "minItems": 1}, "next": steps(writer)})


def forecast(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats forecast --json`` prints; without a card there is no standing."""
    from sigstats.studies.forecast.record import FittedLaw

    signature(writer)
    provenance(writer)
    numbers = {"type": "object", "additionalProperties": NUMBER}
    writer.record(FittedLaw, more={"parameters": numbers})
    one = writer.record(sigstats.Forecast)
    for key, value in {"schema": {"const": SCHEMA}, "sentence": {"type": "string"}}.items():
        writer.defs["Forecast"]["properties"][key] = value
        writer.defs["Forecast"]["required"].append(key)
    found = numbered(
        {"results": {"type": "array", "items": one, "minItems": 1}, "standing": writer.of(Standing)}
    )
    found["required"].remove("standing")
    return found


def screen(writer: Writer) -> dict[str, Any]:
    """Return what ``sigstats screen --json`` prints; rows have the columns of `Screen.table`."""
    from sigstats.studies.screen.correction import Correction

    count, text = {"type": "integer", "minimum": 0}, {"type": ["string", "null"]}
    numbers = ("effect", "low", "high", "pvalue", "calibrated_pvalue", "adjusted_pvalue", "absent_pvalue")
    more = ("adjusted_absent_pvalue", "selective_low", "selective_high")
    row = {
        "signature": {"type": "string"},
        "status": text,
        "reasons": {"type": "string"},
        "rule": count,
        **dict.fromkeys((*numbers, *more), NUMBER),
        **{key: {"type": "boolean"} for key in ("discovery", "absent_discovery", "null")},
        "problem": text,
    }
    one = numbered(
        {
            "by": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "fdr": NUMBER,
            "correction": writer.of(Correction),
            "signatures": {"type": "array", "items": signature(writer), "minItems": 1},
            "sentence": {"type": "string"},
            "n_keys": count,
            "counts": {"type": "object", "additionalProperties": count},
            "not_analysed": count,
            "discoveries": count,
            "absent_discoveries": count,
            "fallbacks": {"type": ["integer", "null"]},
            "engine": {"type": "string"},
            "rows": {"type": "array", "items": {"type": "object", "properties": row, "required": list(row)}},
        }
    )
    return numbered({"results": {"type": "array", "items": one, "minItems": 1}})


def card(writer: Writer) -> dict[str, Any]:
    """Return a card, as TOML holds it."""
    del writer
    idea = {each.name: {} for each in dataclasses.fields(Idea)}
    fields = {each.name: {} for each in dataclasses.fields(sigstats.Signature)}
    texts = {"name": {"type": "string"}, "shape": {"type": ["string", "object"]}}
    one = {
        "type": "object",
        "properties": fields | texts,
        "required": ["shape"],
        "additionalProperties": False,
    }
    about = {
        "type": "object",
        "properties": idea | {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    top = {"idea": about, "signature": {"type": "array", "items": one, "minItems": 1}}
    return {"type": "object", "properties": top, "required": ["signature"], "additionalProperties": False}


SCHEMAS = {
    "card": ("A card of sigstats, as TOML holds it", card),
    "check": ("What `sigstats check --json` prints", check),
    "verdict": (
        "A verdict, as `Verdict.to_json` returns it",
        verdict,
    ),
    "comparison": ("The answer to a claim on a baseline, as `Comparison.to_json` returns it", comparison),
    "lock": ("What `sigstats lock --json` and `sigstats amend --json` print", lock),
    "lock_line": ("One line of a lock, such as card.toml.lock", line),
    "lint": ("What `sigstats lint --json` prints", lint),
    "combined": ("Studies put together, as `Combined.to_json` returns them", result_of(sigstats.Combined)),
    "replication": ("A replication, as `Replication.to_json` returns it", result_of(sigstats.Replication)),
    "record": ("What `sigstats record --json` prints", result_of(Record)),
    "forecast": ("What `sigstats forecast --json` prints", forecast),
    "plan": ("What `sigstats plan --json` prints", plan),
    "screen": ("What `sigstats screen --json` prints", screen),
    "verify": ("What `sigstats lock --verify --json` prints", verify),
}


def written(name: str) -> str:
    """Return a schema as JSON."""
    title, body = SCHEMAS[name]
    writer = Writer()
    made = body(writer)
    return json.dumps(writer.finished(name, title, made), indent=2, sort_keys=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in SCHEMAS:
        (FOLDER / f"{each}.json").write_text(written(each), encoding="utf-8")
