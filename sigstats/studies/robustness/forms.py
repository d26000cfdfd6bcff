"""The sweep in every form that a multiverse needs before any analysis, such as repeats reduced in several ways.

Most choices act on a table that was read once. How repeated measurements become one value does not, and for an effect
that fades neither do the scales, since its table is made of effects.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import TableError
from sigstats.evidence.fading import cells_along
from sigstats.evidence.open_table import read_table
from sigstats.signature.signature import Signature
from sigstats.studies.robustness.choices import Choice, declared_first
from sigstats.studies.robustness.repeats import reduced_table
from sigstats.studies.robustness.variants import relevant, typical_value

OF_CELLS = ("aggregate",)
OF_EFFECTS = ("aggregate", "metric_scale", "knob_scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The sweep in each form, by the options of the choices that change its form."""

    choices: tuple[str, ...]
    tables: Mapping[tuple[str, ...], SweepTable | str] = field(
        repr=False
    )  # a text says why there is no table
    typical: float  # value of the metric in the treatments

    def of(self, options: Mapping[str, str]) -> SweepTable | str:
        """Return the sweep in the form that a combination of options asks for."""
        return self.tables[tuple(options[name] for name in self.choices)]


def forms_of(data: Any, signature: Signature, choices: Sequence[Choice]) -> Forms:  # noqa: ANN401 - see detect
    """Read the sweep in each form."""
    fading = signature.shape.along is not None
    changing = [each for each in choices if each.name in (OF_EFFECTS if fading else OF_CELLS)]
    declared = relevant(read_table(data, signature), signature)
    tables: dict[tuple[str, ...], SweepTable | str] = {tuple(each.declared for each in changing): declared}
    for options in itertools.product(*[declared_first(each) for each in changing]):
        if options not in tables:
            named = {each.name: option for each, option in zip(changing, options, strict=True)}
            made = _effects(data, signature, named) if fading else _cells(data, signature, named)
            twin = _twin(made, options, changing, tables) if fading else None
            tables[options] = twin or made
    return Forms(
        choices=tuple(each.name for each in changing),
        tables=tables,
        typical=_typical(data, declared, signature),
    )


def _cells(data: Any, signature: Signature, options: Mapping[str, str]) -> SweepTable:  # noqa: ANN401
    return relevant(reduced_table(data, signature, options["aggregate"]), signature)


def _effects(data: Any, signature: Signature, options: Mapping[str, str]) -> SweepTable | str:  # noqa: ANN401
    """Return the table of effects on other scales, or why they cannot be computed there."""
    changes: dict[str, Any] = dict(options)
    try:
        return relevant(read_table(data, replace(signature, **changes)), signature)
    except TableError as error:
        return "; ".join(problem.message for problem in error.problems)


def _twin(
    made: SweepTable | str,
    options: tuple[str, ...],
    choices: Sequence[Choice],
    tables: Mapping[tuple[str, ...], SweepTable | str],
) -> str | None:
    """Return which earlier scale of the knob gives the same effects, as the reason to leave this one out."""
    at = next((place for place, each in enumerate(choices) if each.name == "knob_scale"), None)
    if isinstance(made, str) or at is None:
        return None
    for other in declared_first(choices[at]):
        table = tables.get((*options[:at], other, *options[at + 1 :]))
        if isinstance(table, SweepTable) and _same(made, table):
            return f"at these levels the knob's {options[at]} scale is the same as its {other} scale"
    return None


def _same(one: SweepTable, other: SweepTable) -> bool:
    pairs = [(one.matrix(name), other.matrix(name)) for name in one.conditions]
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True) for a, b in pairs
    )


def _typical(data: Any, declared: SweepTable, signature: Signature) -> float:  # noqa: ANN401 - see detect
    if signature.shape.along is not None:
        return typical_value(cells_along(data, signature, signature.shape.along), signature)
    return typical_value(declared, signature)
