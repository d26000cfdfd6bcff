"""Whether studies may be put together: the same quantity, and not the same data."""

from collections.abc import Iterable, Sequence

from sigstats.errors import OptionError, StudiesError, unknown_option
from sigstats.studies.combining.study import ALLOWED, FIELDS, RUNS, Study

# What helps where studies differ in something that no one can declare to be the same.
REMEDIES = {
    "schema": " Write the JSON of both anew with one version.",
    "kind": " Combine claims along a knob, and comparisons with a baseline, each on their own.",
    "metric_scale": " Judge both with the same `metric_scale`.",
    "knob_scale": " Judge both with the same `knob_scale`.",
    "across": " Judge both with the same `across`.",
    "direction": " Declare the direction in both.",
}


def allowed(given: str | Iterable[str]) -> frozenset[str]:
    """Return the fields in which studies may differ, as the user says."""
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name not in ALLOWED:
            hint = " Studies that differ in it measure different things." if name in FIELDS else ""
            raise OptionError(unknown_option("allow", name, ALLOWED) + hint)
    return frozenset(names)


def refuse_unlike(studies: Sequence[Study], allow: frozenset[str]) -> tuple[str, ...]:
    """Raise for studies that cannot be put together; return the fields in which they differ and may."""
    first, differing = studies[0], []
    for name in FIELDS:
        for other in studies[1:]:
            values = first.fields.get(name), other.fields.get(name)
            if values[0] == values[1]:
                continue
            if name in allow:
                differing.append(name)
                break
            raise StudiesError(_unlike(name, first, other), field=name, values=values)
    _refuse_same_data(studies, allow)
    return tuple(differing)


def _unlike(name: str, first: Study, other: Study) -> str:
    remedy = f" If these are the same quantity, say so: allow={name!r}." if FIELDS[name] else REMEDIES[name]
    return (
        f"studies {first.found.name!r} and {other.found.name!r} differ in `{name}`: {first.fields.get(name)!r} and "
        f"{other.fields.get(name)!r}. Effects can be put together only if they measure the same quantity.{remedy}"
    )


def _refuse_same_data(studies: Sequence[Study], allow: frozenset[str]) -> None:
    """Raise for data that count twice."""
    seen: dict[str, Study] = {}
    for study in studies:
        twin = seen.setdefault(study.found.data_hash, study)
        if twin is not study:
            raise StudiesError(
                f"studies {twin.found.name!r} and {study.found.name!r} have the same data (sha256 "
                f"{study.found.data_hash[:16]}); the same runs count once. Leave one out.",
                field="data_hash",
                values=(twin.found.data_hash, study.found.data_hash),
            )
    if RUNS in allow:
        return
    owners: dict[str, Study] = {}
    for study in studies:
        for run in study.runs:
            twin = owners.setdefault(run, study)
            if twin is not study:
                raise StudiesError(
                    f"studies {twin.found.name!r} and {study.found.name!r} share {len(twin.runs & study.runs)} "
                    f"runs, value by value; the same runs count once. Leave them out of one; or allow={RUNS!r}, if "
                    f"they only look alike.",
                    field=RUNS,
                    values=(len(twin.runs), len(study.runs)),
                )
