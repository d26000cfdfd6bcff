"""One study, read from a verdict, a comparison, or the JSON of either: its effect, and what it measured."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from scipy import special

from sigstats.errors import InputError, StudiesError
from sigstats.report.escaping import shortened
from sigstats.report.json import SCHEMA
from sigstats.stats.combining.agreement import Measured
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.files import load

Of = Literal["effect", "contrast"]
LONGEST_NAME = 60
# What must be the same for effects to be of one kind, and whether a user may say that it need not be.
FIELDS = {
    "schema": False,
    "kind": False,
    "shape": True,
    "metric": True,
    "unit": True,
    "metric_scale": False,
    "knob": True,
    "knob_scale": False,
    "range": True,
    "across": False,
    "direction": False,
}
RUNS = "runs"
ALLOWED = (*sorted(name for name, free in FIELDS.items() if free), RUNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEffect:
    """The effect that one study measured.

    Attributes
    ----------
    name : str
        What the study is called: as the user says, else its file, its signature, or its place.
    status : str
        Its verdict.
    effect : Estimate
        Oriented effect, or treatment minus control, with its t interval.
    se, df : float
        Standard error and its degrees of freedom.
    n_seeds : int
        Seeds that it rests on: of the smaller side in contrasts.
    margin : float or None
        The declared `min_effect`, in units of the effect.
    data_hash : str
        SHA-256 of its table.
    version : str
        Version of sigstats that made it.
    """

    name: str
    status: str
    effect: Estimate
    se: float
    df: float
    n_seeds: int
    margin: float | None
    data_hash: str
    version: str

    @property
    def measured(self) -> Measured:
        """Estimate, standard error and degrees of freedom."""
        return Measured(value=self.effect.value, se=self.se, df=self.df)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study with what it measured, by which it is compared with others."""

    found: StudyEffect
    fields: dict[str, object]
    claim: str  # what was claimed, in words
    runs: frozenset[str] = field(repr=False)  # fingerprints of its runs, as far as the JSON holds them


def results_of(given: object, place: str) -> list[dict[str, Any]]:
    """Return the results that an object, a dictionary or a file holds, as plain values."""
    if isinstance(given, str | os.PathLike):
        return results_in(load(Path(given)), f"file {str(given)!r}")
    if isinstance(given, Mapping):
        return results_in(dict(given), place)
    if hasattr(given, "to_dict") and hasattr(given, "to_json") and hasattr(given, "summary"):
        return results_in(given.to_dict(), place)
    raise InputError(
        f"{place} is {type(given).__name__}; it must be a Verdict, a Comparison, a CardVerdict, what their `to_dict` "
        f"gives, or the path of a JSON file."
    )


def results_in(values: object, place: str) -> list[dict[str, Any]]:
    """Return the results in what a JSON file holds: of one result, or of several with their schema before them."""
    if not isinstance(values, dict) or "schema" not in values:
        raise StudiesError(f"{place} holds no result of sigstats.", field="results", values=())
    schema = values.get("schema")
    if schema != SCHEMA:
        raise StudiesError(
            f"{place} has schema {schema!r}; this version of sigstats reads {SCHEMA}. Write its JSON anew with this "
            "version, from its data.",
            field="schema",
            values=(schema, SCHEMA),
        )
    found = values["results"] if isinstance(values.get("results"), list) else [values]
    for each in found:
        if not (isinstance(each, dict) and isinstance(each.get("signature"), dict) and "status" in each):
            raise StudiesError(
                f"{place} holds no verdict; give the JSON of `Verdict.to_json`, `Comparison.to_json` or "
                "`sigstats check --json`.",
                field="results",
                values=(),
            )
    return list(found)


def study_of(given: object, *, name: str | None, place: str, signature: str | None, of: Of) -> Study:
    """Return a study; where a file holds several signatures, the one that is named."""
    fallback, place = place, place if name is None else f"study {name!r}"
    every = results_of(given, place)
    found = [each for each in every if signature is None or each["signature"].get("name") == signature]
    if len(found) != 1:
        raise _not_one(place, len(found), signature, [each["signature"].get("name") for each in every])
    if name is None:
        is_file = isinstance(given, str | os.PathLike)
        name = Path(given).stem if is_file else found[0]["signature"].get("name")  # type: ignore[arg-type]
    name = shortened(name or fallback, LONGEST_NAME)
    try:
        return _study(found[0], name, of)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise StudiesError(
            f"study {name!r} is not as sigstats writes it ({type(error).__name__}: {error}); write its JSON anew.",
            field="results",
            values=(),
        ) from error


def _not_one(place: str, count: int, signature: str | None, named: list[str | None]) -> StudiesError:
    """Return the error for a file or card that holds no signature, or several, where a study has one."""
    which = "no signature" if not count else f"{count} signatures"
    called = "" if signature is None else f" called {signature!r}"
    known = [shortened(each, LONGEST_NAME) for each in named if each is not None]
    has = f" It has {tuple(known)}." if known and not count else ""
    example = f", as in signature={known[0]!r}" if known else ""
    return StudiesError(
        f"{place} holds {which}{called}; a study has one.{has} Name the one that all studies have with `signature`"
        f"{example}; where their names differ, give the verdict itself, as card_verdict.predictions[0].answer.",
        field="signature",
        values=tuple(map(str, named)),
    )


def _study(record: dict[str, Any], name: str, of: Of) -> Study:
    along_knob = "evidence" in record
    measured = (_along_knob if along_knob else _against_baseline)(record, name, of)
    effect, se, df, n_seeds, margin = measured
    if not (se > 0 and df > 0 and math.isfinite(effect.value) and math.isfinite(se)):
        raise StudiesError(
            f"study {name!r} has no standard error: it has too few seeds, or nothing varies between them.",
            field="se",
            values=(se,),
        )
    provenance = record["provenance"]
    versions = provenance["versions"]
    return Study(
        found=StudyEffect(
            name=name,
            status=str(record["status"]),
            effect=effect,
            se=se,
            df=df,
            n_seeds=n_seeds,
            margin=margin,
            data_hash=str(provenance["data_hash"]),
            version=str(dict(versions).get("sigstats", "")),
        ),
        fields=_fields(record, effect.unit, along_knob=along_knob),
        claim=claim_of(record),
        runs=_runs(record, of),
    )


Numbers = tuple[Estimate, float, float, int, float | None]


def _along_knob(record: dict[str, Any], name: str, of: Of) -> Numbers:
    """Return the effect of a verdict: its own, or treatment minus control."""
    evidence = record["evidence"]
    line, control = evidence["interval"], evidence["control"]
    if of == "contrast" and control is None:
        raise StudiesError(
            f"study {name!r} has no control, so that it has no contrast.", field="control", values=()
        )
    if evidence.get("majority") is not None:
        raise StudiesError(
            f"study {name!r} claims something of most seeds; studies of mean effects can be combined.",
            field="across_seeds",
            values=("majority", "mean"),
        )
    if line is None:
        raise StudiesError(
            f"study {name!r} has no standard error: it has too few seeds or levels.", field="se", values=()
        )
    chosen = control["specific"] if of == "contrast" else line
    sign = evidence["orientation"] if evidence["sides"] == 2 else 1
    margin = line["margin"] if line["margin_source"] == "min_effect" else None
    effect = estimate_of(chosen["estimate"], sign)
    return effect, _number(chosen["se"]), _number(chosen["df"]), int(chosen["n_seeds"]), margin


def _against_baseline(record: dict[str, Any], name: str, of: Of) -> Numbers:
    """Return the difference of a comparison with one treatment; positive means as claimed."""
    rows = record["rows"]
    if len(rows) != 1:
        raise StudiesError(
            f"study {name!r} compares {len(rows)} treatments; one is combined. Compare it alone: treatment=...",
            field="treatment",
            values=tuple(str(row["condition"]) for row in rows),
        )
    if of == "contrast":
        raise StudiesError(
            f"study {name!r} is a comparison; contrasts are combined of verdicts along a knob.",
            field="of",
            values=(of,),
        )
    row = rows[0]
    sign = -1 if record["signature"]["shape"]["name"] == "lower" else 1
    effect = estimate_of({**row["difference"], "unit": record["unit"]}, sign)
    df = _number(row["df"])
    half = (effect.high - effect.low) / 2
    se = half / float(special.stdtrit(df, (1 + effect.confidence) / 2))
    margin = row["margin"]
    return effect, se, df, min(row["n_runs"]), None if margin is None else float(margin)


def _number(value: object) -> float:
    return math.nan if value is None else float(value)  # type: ignore[arg-type]


def estimate_of(values: Mapping[str, Any], sign: int) -> Estimate:
    """Return an estimate from its plain values, turned where the sign is below 0."""
    low, high = _number(values["low"]), _number(values["high"])
    low, high = (low, high) if sign > 0 else (-high, -low)
    return Estimate(
        value=sign * _number(values["value"]),
        low=low,
        high=high,
        confidence=float(values["confidence"]),
        unit=str(values["unit"]),
    )


def _fields(record: dict[str, Any], unit: str, *, along_knob: bool) -> dict[str, object]:
    """Return what studies must agree in."""
    signature = record["signature"]
    metric = signature.get("metric") or "metric"
    common = {
        "schema": record.get("schema", SCHEMA),
        "kind": "along a knob" if along_knob else "against a baseline",
        "shape": _called(signature["shape"]),
        "metric": metric,
        "unit": unit.replace(metric, "metric"),
        "metric_scale": signature.get("metric_scale"),
    }
    if not along_knob:
        return common
    scale = signature.get("knob_scale")
    sides = record["evidence"]["sides"]
    return {
        **common,
        "knob": signature.get("knob") or "knob",
        "knob_scale": scale,
        "range": None if scale in ("rank", "fraction") else _range(record),
        "across": signature.get("across"),
        "direction": "chosen by the data" if sides == 2 else "claimed",
    }


def _called(shape: Mapping[str, Any]) -> str:
    """Return a shape by its name, with its options in a fixed order where it has any."""
    options = {name: value for name, value in shape.items() if name != "name"}
    said = f" {json.dumps(options, sort_keys=True)}" if options else ""
    return f"{shape['name']}{said}"


def _range(record: dict[str, Any]) -> str:
    """Return the levels between which the effect was measured, in words that compare equal where they are."""
    levels = [
        level for arm in record["evidence"]["arms"] if arm["role"] == "treatment" for level in arm["levels"]
    ]
    return f"{min(levels):.6g} to {max(levels):.6g}"


def _runs(record: dict[str, Any], of: Of) -> frozenset[str]:
    """Return a fingerprint of each run of the conditions that count; constant ones tell nothing apart."""
    if "evidence" not in record:
        groups = [group["scores"] for group in record["groups"] if group["role"] == "treatment"]
        return frozenset(repr(scores) for scores in groups if len(set(scores)) > 1)
    arms = [arm for arm in record["evidence"]["arms"] if of == "contrast" or arm["role"] == "treatment"]
    curves = [curve for arm in arms for curve in arm.get("curves") or ()]
    return frozenset(repr(curve) for curve in curves if len(set(curve) - {None}) > 2)


def claim_of(record: dict[str, Any]) -> str:
    """Return the claim in words."""
    signature = record["signature"]
    metric, knob = signature.get("metric") or "metric", signature.get("knob") or "knob"
    shape = str(signature["shape"]["name"]).replace("_", " ")
    if signature.get("baseline") is not None:
        return shortened(f"{metric} is {shape} than in the baseline", 2 * LONGEST_NAME)
    return shortened(f"{metric} over {knob}: {shape}", 2 * LONGEST_NAME)
