"""The path from a table to a verdict: table -> signature -> evidence -> verdict. The file to read first."""

import functools
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

import numpy as np

from sigstats.data.memory import CELL, CELL_OF_CURVE, need_stated, says_need, too_little
from sigstats.data.table.sweep import SweepTable, with_cells
from sigstats.errors import Problem, SigstatsError, knows_keywords
from sigstats.evidence import Estimate, Evidence, gather
from sigstats.evidence.look import at_look, look_at
from sigstats.evidence.lost import worst_tables
from sigstats.evidence.moderators import moderators
from sigstats.evidence.open_table import read_table
from sigstats.evidence.reason import Reason
from sigstats.shapes import Shape
from sigstats.signature.fields import (
    Across,
    AcrossSeeds,
    Aggregate,
    DesignChoice,
    KnobScale,
    MetricScale,
    ShortSeeds,
)
from sigstats.signature.keywords import HasSignature, claimed
from sigstats.signature.signature import CLAIM, Signature
from sigstats.stats.blocks import agreed
from sigstats.stats.random import make_generator
from sigstats.verdict.criteria import compare
from sigstats.verdict.decision import Provenance
from sigstats.verdict.findings import by_last_value, by_level, find, notes, scope
from sigstats.verdict.influence import Influence, Run, suspects
from sigstats.verdict.rules import Status, decide
from sigstats.verdict.verdict import Verdict

# Of what was never asked as a single table.
NO_PROVENANCE = Provenance(data_hash="", n_rows=0, entropy=None, versions=())

PACKAGES = ("sigstats", "numpy", "scipy", "pandas", "narwhals")

P = ParamSpec("P")
R = TypeVar("R")


def signature_stands_alone(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse a Signature together with any of its own fields, even a field that repeats its default."""

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        signature = args[1] if len(args) > 1 else kwargs.get("signature")
        if signature is not None:
            claimed(signature, {name: kwargs[name] for name in set(kwargs) - {"signature", "data", "rng"}})
        return function(*args, **kwargs)

    return checked


@knows_keywords
@says_need
@signature_stands_alone
def detect(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature | HasSignature | None = None,
    *,
    knob: str | None = None,
    metric: str | None = None,
    seed: str | None = None,
    condition: str | None = None,
    shape: Shape | str | Mapping[str, Any] | None = None,
    treatment: object = None,
    control: object = None,
    item: str | None = None,
    over: object = ("seed",),
    levels: object = None,
    min_effect: float | None = None,
    knob_scale: KnobScale = "linear",
    metric_scale: MetricScale = "linear",
    design: DesignChoice = "auto",
    bounds: object = None,
    paired: bool = False,
    quiet_fraction: float = 0.5,
    calibrate: bool = False,
    alpha: float = 0.05,
    across: Across = "mean",
    across_seeds: AcrossSeeds = "mean",
    short_seeds: ShortSeeds = "drop",
    looks: object = None,
    where: Mapping[str, Any] | None = None,
    aggregate: Aggregate | None = None,
    rng: np.random.Generator | int | None = None,
) -> Verdict:
    """Decide whether a predicted shape holds, in expectation over seeds, in the treatment and not in the control.

    Parameters
    ----------
    data : data frame or SweepTable
        One row per run and level: pandas, polars, pyarrow, duckdb, dask or any other frame that narwhals knows.
    signature : Signature, Verdict or None
        What was predicted; instead of the keywords below.
    knob, metric, seed, condition : str or None
        Columns; None means the column that has the word itself as its name. Without a condition column, the table is
        one treatment.
    shape : str, mapping or Shape
        The predicted shape, such as ``"increasing"``.
    treatment, control : str or list of str or None
        Conditions with and without the mechanism; treatment defaults to every condition that is not a control.
    item : str or None
        Column of what was repeated within a run, such as test questions: the value of a run at a level is the mean over
        the items that all cells have, and the claim is about new runs on these items.
    over : {"seed"}
        What the claim generalises over: new runs. For new items, see `sigstats.hierarchical_slopes`.
    levels : list of str, list of float or None
        Order of the knob's levels where its values are words, as in ``["off", "on"]``; or the planned levels where they
        are numbers: if the data have others, a note says so.
    min_effect : float or None
        Smallest effect that would matter, in units of the metric, in (0, inf).
    knob_scale : {"linear", "log", "rank", "fraction"}
        Scale on which the knob was swept; ``"fraction"`` is the share of each condition's own range.
    metric_scale : {"linear", "log", "logit"}
        Scale on which the metric is analysed.
    design : {"auto", "repeated", "independent"}
        Whether a seed is seen at every level, or every cell is a fresh run; "auto" checks whether labels recur.
    bounds : sequence of float, "none" or None
        Lowest and highest value that the metric can take; a control at the one towards which the prediction points
        could not show it. None means [0, 1] or [0, 100] if all values lie within.
    paired : bool
        Compare treatment and control within shared seeds.
    quiet_fraction : float
        Part of the treatment's effect that a quiet control stays below, in (0, 1).
    calibrate : bool
        Whether the controls, five or more, are negative controls by which the effect is calibrated: it must then also
        exceed what they show of themselves.
    alpha : float
        Error rate of each one-sided claim, in (0, 0.5).
    across : {"mean", "each"}
        Whether the claim is about the mean over treatments, or about every one of them.
    across_seeds : {"mean", "majority"}
        Whether the claim is about the mean over seeds, or says that more than half of all seeds show it.
    short_seeds : {"drop", "keep"}
        Whether seeds that cover less than 80 % of their condition's range are left out, or count with their lines
        extended to the whole range.
    looks : list of int or None
        Seeds per condition at each planned look at the data, as in ``[3, 5, 8]``: each look then has an error rate of
        its own, so that all of them together have `alpha`. With another number of seeds nothing is claimed.
    where : mapping or None
        Rows to use: values, lists or inclusive ranges by column; never an expression.
    aggregate : {None, "mean", "median", "min", "max"}
        How repeated measurements of one cell (or of one item in it) become one value; None refuses them, and averages
        those of an item.
    rng : numpy.random.Generator, int or None
        Used only where chance plays a part: dealing independent runs into curves that may turn. None means a fixed
        entropy, so that the same input always gives the same answer.

    Returns
    -------
    Verdict
        Status, reasons, numbers and reports.

    Raises
    ------
    TableError
        If the data cannot be used; all problems are listed at once.
    SignatureError
        If the prediction makes no sense or does not fit the table.
    OptionError
        If `rng` is not a generator, an integer or None.

    Notes
    -----
    *Assumptions.* Seeds are independent of each other; scores are near normal below 6 seeds, symmetric from
    there on for the rank test. The claim is about the mean over seeds, given the levels that were swept.

    *What would fool it.* Seeds that are copies with noise, conditions that differ in more than the mechanism,
    levels that were run in batches of their own, and strongly skewed slopes with fewer than 6 seeds.

    Examples
    --------
    >>> import pandas as pd
    >>> wiggle = [0.0, 0.1, -0.1, 0.05]
    >>> rows = [(s, x, x * (1 + 0.1 * s) + wiggle[(s + x) % 4]) for s in range(5) for x in range(6)]
    >>> frame = pd.DataFrame(rows, columns=["seed", "knob", "metric"])
    >>> detect(frame, shape="increasing").status
    <Status.PRESENT: 'present'>
    """
    given = locals()
    signature = claimed(signature, {} if signature is not None else {name: given[name] for name in CLAIM}, {})
    table = read_table(data, signature)
    verdict = verdict_on(table, signature, rng=rng)
    return replace(
        verdict,
        influence=_influence(table, verdict),
        with_short=_with_short(table, verdict),
        moderators=moderators(data, signature) if _depends(verdict) else (),
    )


def verdict_on(
    table: SweepTable,
    signature: Signature,
    *,
    rng: np.random.Generator | int | None = None,
    prior_scale: float = 1.0,
) -> Verdict:
    """Return the verdict on a table that has been read, as `detect` does, but without asking what single runs do."""
    entropy, generator = make_generator(rng)
    look = look_at(table, signature)
    with need_stated(lambda: _need(table, signature)):
        evidence = gather(table, at_look(signature, look), rng=generator, prior_scale=prior_scale)
        evidence = replace(evidence, look=look)
        verdict = judge(evidence, signature, _provenance(table, entropy))
    return _outlasting(table, verdict) if hangs_on_lost(verdict) else verdict


def _need(table: SweepTable, signature: Signature) -> Problem:
    """Return the problem of a table that cannot be judged in the memory that there is."""
    cells = sum(table.matrix(each).size for each in table.conditions)
    fitted = signature.shape.located_as not in (None, "peak")
    return too_little(
        f"judging {cells:,} cells (seeds x levels)", cells * (CELL_OF_CURVE if fitted else CELL)
    )


def decision_of(evidence: Evidence, signature: Signature) -> Verdict:
    """Return the verdict that evidence leads to without what only reports show; of tables that share it, for all."""
    tested = at_look(signature, evidence.look)
    groups = compare(evidence, tested)
    findings = find(evidence, tested, groups)
    rule = decide(findings)
    return Verdict(
        status=rule.status,
        reasons=rule.reasons(findings),
        notes=(),
        rule=rule.number,
        criteria=(),
        scope=None,
        effect=_effect(evidence),
        contrast=evidence.control.specific.estimate if evidence.control else None,
        evidence=evidence,
        signature=signature,
        provenance=NO_PROVENANCE,
        findings=findings,
        groups=groups,
    )


def brief_evidence(table: SweepTable, signature: Signature) -> Evidence:
    """Return what can change status or reasons, of a table or of several with the same layout."""
    look = look_at(table, signature)
    evidence = gather(table, at_look(signature, look), rng=make_generator(None)[1], brief=True)
    return replace(evidence, look=look)


def hangs_on_lost(verdict: Verdict) -> bool:
    """Return whether a definite answer must hold with the lost cells at their worst: they may be no chance losses."""
    if verdict.status is Status.INCONCLUSIVE:
        return False
    return agreed(by_level(verdict.evidence) | by_last_value(verdict.evidence))


def _outlasting(table: SweepTable, verdict: Verdict) -> Verdict:
    """Return a definite verdict, which it remains if the lost cells at their worst do not change its status."""
    evidence, signature = verdict.evidence, verdict.signature
    if evidence.lost is None:
        return verdict
    tables = worst_tables(table, evidence, signature, whole_runs=by_last_value(evidence))
    stands = all(verdict_on(each, signature).status is verdict.status for each in tables)
    lost = None if evidence.lost is None else replace(evidence.lost, stands=stands)
    asked = replace(evidence, lost=lost)
    return judge(asked, signature, verdict.provenance)


def judge(evidence: Evidence, signature: Signature, provenance: Provenance) -> Verdict:
    """Return the verdict that evidence leads to."""
    tested = at_look(signature, evidence.look)
    groups = compare(evidence, tested)
    findings = find(evidence, tested, groups)
    rule = decide(findings)
    definite = rule.status in (Status.PRESENT, Status.PARTIAL)
    return Verdict(
        status=rule.status,
        reasons=rule.reasons(findings),
        notes=notes(evidence, tested, groups, findings),
        rule=rule.number,
        criteria=groups.listed(),
        scope=scope(evidence, findings) if definite else None,
        effect=_effect(evidence),
        contrast=evidence.control.specific.estimate if evidence.control else None,
        evidence=evidence,
        signature=signature,
        provenance=provenance,
        findings=findings,
        groups=groups,
    )


def _depends(verdict: Verdict) -> bool:
    """Return whether the claim may hold in some of the runs only: it holds in part, or the seeds fall into groups."""
    return verdict.status is Status.PARTIAL or Reason.SEEDS_DISAGREE in verdict.notes


def _influence(table: SweepTable, verdict: Verdict) -> tuple[Influence, ...]:
    """Return the runs without which the verdict is another, the one that moves it most first."""
    found = []
    if Reason.UNPLANNED_LOOK in verdict.reasons:
        return ()
    for run in suspects(verdict.evidence, verdict.tested):
        seed = _seed_of(table, run)
        try:
            status = verdict_on(_without(table, run, seed), verdict.tested).status
        except SigstatsError:
            # What is left cannot be analysed, so that nothing is known of it.
            continue
        if status != verdict.status:
            found.append(Influence(condition=run.condition, seed=seed, level=run.level, status=status))
    return tuple(found)


def _with_short(table: SweepTable, verdict: Verdict) -> Status | None:
    """Return the status with the runs that were left out as too short."""
    if not any(arm.short for arm in verdict.evidence.arms):
        return None
    try:
        return verdict_on(table, replace(verdict.signature, short_seeds="keep")).status
    except SigstatsError:
        return None


def _seed_of(table: SweepTable, run: Run) -> str:
    """Return the seed of a run; one at a level is known by its rank there, on whatever scale."""
    if run.level is None:
        return str(run.seed)
    values = table.matrix(run.condition)[:, np.searchsorted(table.levels, run.level)]
    return table.seeds(run.condition)[int(np.argsort(values, kind="stable")[run.rank])]


def _without(table: SweepTable, run: Run, seed: str) -> SweepTable:
    """Return the table without a run."""
    cells = table.matrix(run.condition).copy()
    at = slice(None) if run.level is None else int(np.searchsorted(table.levels, run.level))
    cells[table.seeds(run.condition).index(seed), at] = np.nan
    return with_cells(table, run.condition, cells)


def _effect(evidence: Evidence) -> Estimate:
    """Return the effect, without an interval if there are too few seeds or levels for one."""
    if evidence.interval is not None:
        return evidence.interval.estimate
    treatments = [arm.effect for arm in evidence.treatments]
    value = sum(each.value for each in treatments) / len(treatments)
    return replace(treatments[0], value=value, low=float("nan"), high=float("nan"))


def _provenance(table: SweepTable, entropy: int | None) -> Provenance:
    return Provenance(data_hash=table.data_hash, n_rows=table.n_rows, entropy=entropy, versions=versions())


@functools.cache
def versions() -> tuple[tuple[str, str], ...]:
    """Return names and versions of sigstats, Python and the numerical packages."""
    own, *packages = ((name, str(sys.modules[name].__version__)) for name in PACKAGES)
    return (own, ("python", platform.python_version()), *packages)
