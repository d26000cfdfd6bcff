"""Are the seeds of a sweep what they seem to be?

Every verdict rests on seeds that are independent draws of the same experiment. A table cannot prove that they are, but
it can show that they are not: copies, metrics without chance in them, runs that broke off where it gets difficult,
values that cannot move further, curves that were smoothed. The audit looks for these, with rules that are stated and
numbers that can be looked up. It changes no verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sigstats.data.table.sweep import SweepTable
from sigstats.errors import InputError
from sigstats.evidence.conditions import prepare, roles
from sigstats.evidence.open_table import read_table
from sigstats.evidence.scales import rescaled_knob
from sigstats.signature.signature import Signature
from sigstats.studies.seeds import checks as seed_checks
from sigstats.studies.seeds import copies
from sigstats.studies.seeds.checks import Finding, Inspected

Layout = Literal["single", "crossed", "nested", "partly crossed"]

CHECKS: tuple[tuple[str, Callable[[Inspected], list[Finding]]], ...] = (
    ("copies", copies.copies),
    ("chance in the metric", seed_checks.deterministic),
    ("seed labels", seed_checks.labels),
    ("runs that are missing at an end", seed_checks.missing_at_the_ends),
    ("floor and ceiling", seed_checks.bounds),
    ("smoothing", copies.smoothing),
    ("window of the knob", seed_checks.window),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedAudit:
    """What an audit of the seeds found.

    Attributes
    ----------
    findings : tuple of Finding
        What was found, problems first; empty where nothing was.
    checks : tuple of str
        Names of the checks that were made.
    design : str
        ``"repeated"`` (a seed is seen at every level) or ``"independent"`` (every cell is a run of its own).
    layout : str
        How seeds lie across conditions: ``"crossed"`` (the same labels in all), ``"nested"`` (none is shared),
        ``"partly crossed"``, or ``"single"`` where there is one condition.
    n_runs : tuple of (str, int)
        Each condition with its number of seeds; of runs in the independent design.
    n_gaps : int
        Cells that are missing inside the range of a condition, and not at its ends; 0 in the independent design.
    """

    findings: tuple[Finding, ...]
    checks: tuple[str, ...]
    design: str
    layout: Layout
    n_runs: tuple[tuple[str, int], ...]
    n_gaps: int

    def __str__(self) -> str:
        """Return the findings as one line."""
        if not self.findings:
            return f"seed audit: nothing found in {len(self.checks)} checks"
        return "seed audit: " + "; ".join(str(finding) for finding in self.findings)

    def found(self, code: str) -> tuple[Finding, ...]:
        """Return the findings with a code.

        Parameters
        ----------
        code : str
            Such as ``"near_copies"``.

        Returns
        -------
        tuple of Finding
            In the order of the conditions.
        """
        return tuple(finding for finding in self.findings if finding.code == code)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        return {
            "design": self.design,
            "layout": self.layout,
            "n_runs": dict(self.n_runs),
            "n_gaps": self.n_gaps,
            "checks": list(self.checks),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def seed_audit(data: Any, signature: Signature) -> SeedAudit:  # noqa: ANN401 - any data frame, or a SweepTable
    """Look for signs that the seeds of a sweep are not independent draws of one experiment.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `detect`.
    signature : Signature
        Names the columns, the conditions, the scales and the rows to use.

    Returns
    -------
    SeedAudit
        A tuple of findings, each with a code, the place, its numbers and what it means.

    Raises
    ------
    TableError
        If the data cannot be used.
    SignatureError
        If the signature does not fit the table.

    Notes
    -----
    The rules:

    * ``copies``: two seeds with the same values at every level they share (differences below 1e-6 of the range),
      where ties as frequent as those of the other seeds would bring that about by chance with probability below
      0.05; ``copies_across`` is the same for runs of two conditions. ``near_copies``: what is left of two seeds after
      the level means and each seed's own line is the same up to 0.1 % of its variance (a correlation above 0.999 at the
      same size), with a chance below 0.01 in independent noise.
    * ``deterministic``: all seeds of a condition have the same value at every level.
    * ``partly_shared_seeds``: some labels are in two conditions, others in one. ``disjoint_seeds``: all labels are
      whole numbers, and treatment and control have none in common.
    * ``missing_at_end``: runs that are seen at other levels are missing at an end of the knob; where the other levels
      of these seeds can be compared with the rest, the difference is given (``survivors``). ``range_differs``: a
      condition was not seen at an end that others reached.
      Cells that are missing elsewhere are no finding; `n_gaps` counts them.
    * ``floor``, ``ceiling``: a fifth of a condition's values or more, at two levels or more, equals the smallest or
      largest value of the table.
    * ``smooth``: differences between neighbouring levels, after the level means and each seed's line, follow each
      other with a correlation above -0.15, where independent noise gives -0.5 (4 standard errors away at least). A
      moving average gives 0.
    * ``window``: the signature restricts the knob to a range that drops levels, or that ends at a number that is not
      round.

    *What would fool it.* Copies of seeds that were disturbed; copies at 3 levels; a metric that is rounded so much that
    ties are common. A finding is not a proof either: smooth curves may be smooth by nature.

    Examples
    --------
    >>> runs = [[1, 2, 2.5, 4.1], [1, 2, 2.5, 4.1], [0.9, 2.2, 2.4, 4.6]]
    >>> table = SweepTable.from_matrices([1, 2, 3, 4], {"a": runs})
    >>> audit = seed_audit(table, Signature(shape="increasing"))
    >>> [finding.code for finding in audit.findings]
    ['copies']
    """
    table = read_table(data, signature)
    sweep = prepare(table, signature)
    treatments, controls = roles(table, signature)
    # All levels that a condition was seen at, those included that are left out of a comparison.
    seen = [(~np.isnan(table.matrix(name))).any(axis=0) for name in treatments + controls]
    columns = np.flatnonzero(np.any(seen, axis=0))
    knob_scale = signature.shape.knob_scale or signature.knob_scale
    inspected = Inspected(
        table=table,
        signature=signature,
        treatments=treatments,
        controls=controls,
        design=sweep.design,
        columns=columns,
        x=rescaled_knob(table.levels[columns], knob_scale, table.knob),
        all_levels=_levels_without_window(data, signature),
    )
    found = [finding for _, check in CHECKS for finding in check(inspected)]
    order = ("problem", "caution", "note")
    return SeedAudit(
        findings=tuple(sorted(found, key=lambda finding: order.index(finding.weight))),
        checks=tuple(name for name, _ in CHECKS),
        design=sweep.design,
        layout=_layout(inspected),
        n_runs=tuple((name, len(table.seeds(name))) for name in inspected.conditions),
        n_gaps=seed_checks.gaps(inspected),
    )


def _layout(inspected: Inspected) -> Layout:
    seeds = [set(inspected.table.seeds(name)) for name in inspected.conditions]
    if len(seeds) == 1:
        return "single"
    if all(each == seeds[0] for each in seeds):
        return "crossed"
    return "nested" if sum(map(len, seeds)) == len(set().union(*seeds)) else "partly crossed"


def _levels_without_window(data: Any, signature: Signature) -> tuple[float, ...] | None:  # noqa: ANN401 - as above
    """Return the levels without the restriction of the knob; None without a restriction, or if they are unknown."""
    knob = signature.knob or "knob"
    where = dict(signature.where or {})
    if where.pop(knob, None) is None or signature.shape.along is not None:
        return None
    try:
        whole: SweepTable = read_table(data, replace(signature, where=where or None))
    except InputError:  # rows outside the window may be unusable, which is not the fault of the signature
        return None
    return tuple(whole.levels.tolist())
