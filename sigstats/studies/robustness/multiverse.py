"""The multiverse: the same verdict under every combination of the choices that a signature leaves open.

Every combination is planned and, where it does not make sense, ruled out before anything is decided. What remains goes
through `sigstats.detect`, one call per table and signature; single lines of evidence are readings of the same verdict.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sigstats.data.parallel import parallel_map
from sigstats.errors import OptionError
from sigstats.report.escaping import visible
from sigstats.signature.signature import Signature
from sigstats.studies.robustness.choices import READING, Choice
from sigstats.studies.robustness.exclusions import why_not
from sigstats.studies.robustness.forms import forms_of
from sigstats.studies.robustness.readings import Reading, SeedScores, attempted, read, seed_scores
from sigstats.studies.robustness.variants import Variant, variant_of
from sigstats.verdict.rules import Status
from sigstats.verdict.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Analyses that were ruled out.

    Attributes
    ----------
    reason : str
        Why they do not make sense, repeat another one, or failed.
    count : int
        How many there are.
    """

    reason: str
    count: int

    def __str__(self) -> str:
        """Return count and reason as one line."""
        return visible(f"{self.count}: {self.reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One combination of options, and what it leads to.

    Attributes
    ----------
    options : tuple of (str, str)
        Choice and option, in the order of the choices.
    declared : bool
        Whether it is the analysis that the signature declares.
    same : bool
        Whether its status is that of the declared analysis.
    reading : Reading
        Status, reasons, effect with interval, p-value.
    scores : SeedScores or None
        What each seed contributes to its effect; None without scores.
    """

    options: tuple[tuple[str, str], ...]
    declared: bool
    same: bool
    reading: Reading
    scores: SeedScores | None = field(repr=False)

    def option(self, choice: str) -> str:
        """Return the option that the analysis takes.

        Parameters
        ----------
        choice : str
            Name of the choice.

        Returns
        -------
        str
            Name of the option.
        """
        return dict(self.options)[choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A combination of options that makes sense."""

    options: tuple[tuple[str, str], ...]  # choice and option, without the line of evidence
    variant: Variant = field(repr=False)


def plan(
    data: Any,  # noqa: ANN401 - see detect
    signature: Signature,
    choices: Sequence[Choice],
) -> tuple[tuple[Planned, ...], tuple[Pruned, ...]]:
    """List every combination of options, before anything is decided."""
    computed = [choice for choice in choices if choice.name not in READING]
    lines = _n_lines(choices)
    total = lines
    for choice in computed:
        total *= len(choice.options)
    if total > MOST:
        raise OptionError(
            f"`choices` combine to {total} analyses; at most {MOST} are run. Narrow some with Choice.only, or leave "
            "some out."
        )
    forms = forms_of(data, signature, computed)
    planned: list[Planned] = []
    pruned: Counter[str] = Counter()
    for options in _combinations(computed):
        named = dict(options)
        table = forms.of(named)
        reason = table if isinstance(table, str) else why_not(table, signature, computed, named)
        if isinstance(table, str) or reason is not None:
            pruned[str(reason)] += lines
        else:
            planned.append(
                Planned(options=options, variant=variant_of(table, signature, named, forms.typical))
            )
    return tuple(planned), _as_pruned(pruned)


def _n_lines(choices: Sequence[Choice]) -> int:
    return next((len(each.options) for each in choices if each.name in READING), 1)


def _combinations(choices: Sequence[Choice]) -> Iterator[tuple[tuple[str, str], ...]]:
    names = [choice.name for choice in choices]
    for options in itertools.product(*[[each.name for each in choice.options] for choice in choices]):
        yield tuple(zip(names, options, strict=True))


def _as_pruned(counts: Mapping[str, int]) -> tuple[Pruned, ...]:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Pruned(reason=reason, count=count) for reason, count in ordered)


Outcome = tuple[tuple[Reading, ...], SeedScores | None] | str


def decided(variant: Variant, lines: Sequence[str]) -> Outcome:
    """Return the verdict of `sigstats.detect`, read by each line of evidence."""
    verdict = attempted(variant)
    if isinstance(verdict, str):
        return f"cannot be done: {verdict}"
    return tuple(read(verdict, line) for line in lines), seed_scores(verdict)


def run(
    planned: Sequence[Planned],
    pruned: Sequence[Pruned],
    choices: Sequence[Choice],
    verdict: Verdict,
    *,
    n_jobs: int,
) -> tuple[tuple[Analysis, ...], tuple[Pruned, ...]]:
    """Run what was planned."""
    reading = next((each for each in choices if each.name in READING), None)
    lines = ["all"] if reading is None else [option.name for option in reading.options]
    declared = {choice.name: choice.declared for choice in choices}
    outcomes = parallel_map(
        decided, [each.variant for each in planned], lines, n_jobs=n_jobs, label="analyses"
    )
    failed: Counter[str] = Counter({each.reason: each.count for each in pruned})
    analyses: list[Analysis] = []
    for each, outcome in zip(planned, outcomes, strict=True):
        if isinstance(outcome, str):
            failed[outcome] += len(lines)
            continue
        readings, scores = outcome
        for line, found in zip(lines, readings, strict=True):
            options = each.options if reading is None else (*each.options, (reading.name, line))
            analyses.append(
                Analysis(
                    options=options,
                    declared=dict(options) == declared,
                    same=found.status is verdict.status,
                    reading=found,
                    scores=scores,
                )
            )
    return tuple(analyses), _as_pruned(failed)


def shares(analyses: Sequence[Analysis]) -> dict[tuple[Status, str], float]:
    """Return the share of analyses per verdict."""
    counts = Counter((each.reading.status, "+".join(each.reading.reasons)) for each in analyses)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return {key: count / len(analyses) for key, count in ordered}


def frame(analyses: Sequence[Analysis], choices: Sequence[Choice]) -> "pd.DataFrame":
    """Return one row per analysis."""
    from sigstats.data.table.frames import told

    names = [choice.name for choice in choices]
    rows = [
        {
            **dict(each.options),
            "status": str(each.reading.status),
            "reason": "+".join(each.reading.reasons),
            "effect": each.reading.effect,
            "low": each.reading.low,
            "high": each.reading.high,
            "unit": each.reading.unit,
            "pvalue": each.reading.pvalue,
            "declared": each.declared,
            "same": each.same,
        }
        for each in analyses
    ]
    after = ["status", "reason", "effect", "low", "high", "unit", "pvalue", "declared", "same"]
    return told(rows, columns=[*names, *after])
