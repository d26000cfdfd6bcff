"""How often is this table *present* once the claim has been broken on purpose?

Two synthetic controls keep every value of the table and destroy what is claimed. *Knob permuted*: within every seed,
the levels change places, so that no curve is left that seeds have in common. *Labels permuted*: curves change places
between conditions, so that treatment and control differ by chance alone. Each altered table is judged as `detect`
judges it; the share that comes out *present* is the rate at which this table, with its noise, gaps and ties, would
support the claim where there is nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sigstats.data.parallel import parallel_map
from sigstats.data.table.sweep import SweepTable, with_values
from sigstats.detection import detect
from sigstats.detection.blocks import decisions_on
from sigstats.errors import TableError
from sigstats.evidence.conditions import prepare, roles
from sigstats.evidence.open_table import read_table
from sigstats.report.escaping import visible
from sigstats.report.json import strict
from sigstats.signature.signature import Signature
from sigstats.stats import checks
from sigstats.stats.checks import FloatArray
from sigstats.stats.random import entropy_of, stream
from sigstats.stats.scores.intervals import share_interval

MOST = 1_000_000
CONFIDENCE = 0.95
PART = 250  # altered tables that are judged together

KINDS = {
    "knob permuted": "within every seed the levels change places at random",
    "labels permuted": "curves change places at random between treatment and control",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticControl:
    """One way of breaking the claim, and the verdicts after it.

    Attributes
    ----------
    kind : str
        ``"knob permuted"`` or ``"labels permuted"``.
    says : str
        What was done to the table.
    counts : tuple of (str, int)
        How often each status came.
    unchanged : int
        How many of the altered tables were the table as it stands: with few seeds, there are few ways to shuffle
        the labels.
    failed : int
        Altered tables that could not be analysed (too few levels in common, say); they are not part of any rate.
    why_failed : str
        What was wrong with most of these; empty where there are none.
    """

    kind: str
    says: str
    counts: tuple[tuple[str, int], ...]
    unchanged: int
    failed: int
    why_failed: str = ""

    def __str__(self) -> str:
        """Return the rate of *present* as a phrase, or that there is none."""
        if not self.replications:
            return f"{self.kind}: none of {self.failed} altered tables could be judged ({visible(self.why_failed)})"
        low, high = self.interval()
        return f"{self.kind}: present in {self.rate():.1%} [{low:.1%}, {high:.1%}] of {self.replications}"

    @property
    def replications(self) -> int:
        """Number of altered tables that got a verdict."""
        return sum(count for _, count in self.counts)

    def rate(self, status: str = "present") -> float:
        """Return how often a status came.

        Parameters
        ----------
        status : str
            ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``.

        Returns
        -------
        float
            Share of the altered tables that got a verdict; NaN if there is none.
        """
        return dict(self.counts).get(status, 0) / self.replications if self.replications else float("nan")

    def interval(self, status: str = "present") -> tuple[float, float]:
        """Return the Monte Carlo error of a rate: its exact (Clopper-Pearson) 95 % interval.

        Parameters
        ----------
        status : str
            As in `rate`.

        Returns
        -------
        low, high : float
            Within [0, 1]; how far the rate may be from that of infinitely many altered tables.
        """
        return share_interval(dict(self.counts).get(status, 0), self.replications, CONFIDENCE)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        low, high = self.interval()
        rate = {"present": self.rate(), "low": low, "high": high}
        return strict(
            {"kind": self.kind, "counts": dict(self.counts), **rate}
            | {"unchanged": self.unchanged, "failed": self.failed, "why_failed": self.why_failed}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticControls:
    """The verdicts on tables whose claim was broken on purpose.

    Attributes
    ----------
    controls : tuple of SyntheticControl
        Those that make sense for the claim.
    skipped : tuple of (str, str)
        Those that do not, with the reason.
    claimed : str
        Status of the table as it stands.
    alpha : float
        Error rate that the signature allows.
    entropy : int
        Entropy of the random streams.
    """

    controls: tuple[SyntheticControl, ...]
    skipped: tuple[tuple[str, str], ...]
    claimed: str
    alpha: float
    entropy: int

    def __str__(self) -> str:
        """Return the rates as one line."""
        rates = "; ".join(map(str, self.controls))
        return f"the table as it stands is {self.claimed}; {rates or 'no synthetic control applies'}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        return {
            "claimed": self.claimed,
            "alpha": self.alpha,
            "entropy": self.entropy,
            "controls": [each.to_dict() for each in self.controls],
            "skipped": [{"kind": kind, "why": why} for kind, why in self.skipped],
        }


def synthetic_controls(
    data: Any,  # noqa: ANN401 - any data frame that narwhals knows, or a SweepTable
    signature: Signature,
    *,
    replications: int = 200,
    rng: np.random.Generator | int | None = None,
    n_jobs: int = 1,
) -> SyntheticControls:
    """Measure how often a table is *present* after its knob, or its labels, were shuffled.

    Parameters
    ----------
    data : data frame or SweepTable
        The sweep, as for `detect`.
    signature : Signature
        What was predicted.
    replications : int
        Altered tables of each kind, from 1 to 1,000,000.
    rng : numpy.random.Generator, int or None
        Source of randomness; None means a fixed entropy.
    n_jobs : int
        Processes, as in joblib; the answer is the same for any number.

    Returns
    -------
    SyntheticControls
        The rate of *present* for each kind, with its Monte Carlo error.

    Raises
    ------
    OptionError
        If `replications`, `rng` or `n_jobs` is out of range.
    TableError
        If the data cannot be used.
    SignatureError
        If the signature does not fit the table.

    Notes
    -----
    *What is exact.* Permuting the labels is an exact null where the curves of treatment and control have the same
    distribution: of all ways to deal them, the one at hand is then as likely as any other. Seeds that are seen in
    several conditions change places within their label, others among all runs of that kind. The table as it stands is
    one of these ways: one of 20 with 3 seeds against 3, one of 8 where the 3 are shared. A clear claim comes back in
    that share of the altered tables (`unchanged` counts them).

    *What is not.* Permuting the knob is exact only where the levels of a seed are exchangeable: no effect, and noise
    that is alike and independent from level to level. Where there is an effect, it turns into noise, which makes the
    altered tables noisier than the truth without an effect; where the noise of neighbouring levels is alike, the
    altered tables are cleaner than that. Each seed is permuted on its own. One permutation for all seeds of a
    condition would keep the curve that they share, and that curve may well rise over levels in another order: it is not
    a null for a mean slope.

    *What would fool it.* A rate of 0 does not make the claim true. What is wrong with every seed alike (a bug, a leak,
    a confound) is not broken by shuffling seeds.

    Examples
    --------
    >>> from sigstats import simulate_sweep
    >>> claim = Signature(shape="increasing", control="control")
    >>> table = simulate_sweep({"treatment": 4.0, "control": 0.0}, n_seeds=5, rng=1)
    >>> found = synthetic_controls(table, claim, replications=50)
    >>> found.claimed, [(each.kind, each.rate() <= 0.1) for each in found.controls]
    ('present', [('knob permuted', True), ('labels permuted', True)])
    """
    checks.whole("replications", replications, low=1, high=MOST)
    checks.processes("n_jobs", n_jobs)
    entropy = entropy_of(rng)
    claimed = detect(data, signature).status.value
    if signature.shape.along is not None:
        skipped = tuple(
            (kind, "a claim about several sweeps at once cannot be broken this way") for kind in KINDS
        )
        return SyntheticControls(
            controls=(), skipped=skipped, claimed=claimed, alpha=signature.alpha, entropy=entropy
        )
    table = read_table(data, signature)
    plain = replace(
        signature,
        where=None,
        aggregate=None,
        item=None,
        levels=None,
        runs=None,
        design=prepare(table, signature).design,
    )
    reasons = {kind: _why_not(kind, plain) for kind in KINDS}
    controls = [
        _control(kind, table, plain, replications=replications, entropy=entropy, n_jobs=n_jobs)
        for kind, why in reasons.items()
        if why is None
    ]
    return SyntheticControls(
        controls=tuple(controls),
        skipped=tuple((kind, why) for kind, why in reasons.items() if why is not None),
        claimed=claimed,
        alpha=signature.alpha,
        entropy=entropy,
    )


def _why_not(kind: str, signature: Signature) -> str | None:
    """Return why a synthetic control does not make sense for a claim, or None."""
    if kind == "knob permuted" and not signature.shape.needs_order:
        return f"a claim of the shape {signature.shape.name!r} holds for levels in any order"
    if kind == "labels permuted" and not signature.control:
        return "there is no control whose labels could be shuffled"
    return None


def _control(
    kind: str, table: SweepTable, signature: Signature, *, replications: int, entropy: int, n_jobs: int
) -> SyntheticControl:
    parts = [range(start, min(start + PART, replications)) for start in range(0, replications, PART)]
    found = parallel_map(_altered, parts, kind, table, signature, entropy, n_jobs=n_jobs, label=kind, block=1)
    outcomes = [outcome for part in found for outcome in part]
    counts = Counter(each.status for each in outcomes if each.status)
    failures = Counter(each.why_failed for each in outcomes if not each.status)
    return SyntheticControl(
        kind=kind,
        says=KINDS[kind],
        counts=tuple(sorted(counts.items())),
        unchanged=sum(each.unchanged for each in outcomes),
        failed=failures.total(),
        why_failed=failures.most_common(1)[0][0] if failures else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of one altered table."""

    status: str  # empty where it could not be analysed
    why_failed: str
    unchanged: bool  # whether it is the table as it stands


def _altered(
    replications: range, kind: str, table: SweepTable, signature: Signature, entropy: int
) -> list[_Outcome]:
    """Return what became of some altered tables."""
    made = [_one(replication, kind, table, signature, entropy) for replication in replications]
    decided = decisions_on([altered for altered, _ in made], signature)
    found = []
    for outcome, (_, unchanged) in zip(decided, made, strict=True):
        if isinstance(outcome, tuple):
            found.append(_Outcome(status=outcome[0].value, why_failed="", unchanged=unchanged))
        elif isinstance(outcome, TableError):
            # An altered table may lack what the real one has; that is not a verdict.
            why = "; ".join(problem.message for problem in outcome.problems)
            found.append(_Outcome(status="", why_failed=why, unchanged=unchanged))
        else:
            # The claim fits the real table, so that any other error is a fault of this analysis.
            raise outcome
    return found


def _one(
    replication: int, kind: str, table: SweepTable, signature: Signature, entropy: int
) -> tuple[SweepTable, bool]:
    """Return one altered table, and whether it is the table as it stands."""
    alter: Callable[..., dict[str, FloatArray]] = (
        _knob_permuted if kind == "knob permuted" else _labels_permuted
    )
    groups = roles(table, signature)
    rng = stream(entropy, list(KINDS).index(kind), replication)
    matrices = alter(table, groups, signature.design, rng)
    return with_values(table, matrices), _as_it_was(table, groups, matrices)


def _knob_permuted(
    table: SweepTable, groups: tuple[tuple[str, ...], ...], design: str, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Return curves whose values changed places within each seed, or (fresh runs) within each condition."""
    matrices = {}
    for name in (name for group in groups for name in group):
        values = table.matrix(name).copy()
        seen = ~np.isnan(values)
        if design == "independent":
            values[seen] = rng.permutation(values[seen])
        else:
            for row, there in zip(values, seen, strict=True):
                row[there] = rng.permutation(row[there])
        matrices[name] = values
    return matrices


def _labels_permuted(
    table: SweepTable, groups: tuple[tuple[str, ...], ...], design: str, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Return curves (fresh runs: values of a level) that changed places between conditions."""
    names = [name for group in groups for name in group]
    matrices = {name: table.matrix(name).copy() for name in names}
    if design == "independent":
        return _values_dealt(matrices, rng)
    slots = [(name, seed, row) for name in names for row, seed in enumerate(table.seeds(name))]
    n_conditions = Counter(seed for _, seed, _ in slots)
    pools: dict[str | None, list[tuple[str, int]]] = {}
    for name, seed, row in slots:
        pools.setdefault(seed if n_conditions[seed] > 1 else None, []).append((name, row))
    for pool in pools.values():
        order = rng.permutation(len(pool))
        curves = [table.matrix(pool[at][0])[pool[at][1]] for at in order]
        for (name, row), curve in zip(pool, curves, strict=True):
            matrices[name][row] = curve
    return matrices


def _values_dealt(matrices: dict[str, FloatArray], rng: np.random.Generator) -> dict[str, FloatArray]:
    """Shuffle the values of each level over the cells that are filled at that level."""
    sizes = [len(values) for values in matrices.values()]
    joined = np.concatenate(list(matrices.values()))
    for column in joined.T:
        there = ~np.isnan(column)
        column[there] = rng.permutation(column[there])
    parts = np.split(joined, np.cumsum(sizes)[:-1])
    return dict(zip(matrices, parts, strict=True))


def _as_it_was(
    table: SweepTable, groups: tuple[tuple[str, ...], ...], matrices: dict[str, FloatArray]
) -> bool:
    """Return whether treatments and controls hold the same curves as before, in any order of the seeds."""
    return all(
        _sorted_rows([table.matrix(name) for name in group])
        == _sorted_rows([matrices[name] for name in group])
        for group in groups
        if group
    )


def _sorted_rows(parts: list[FloatArray]) -> list[bytes]:
    return sorted(row.tobytes() for values in parts for row in np.where(np.isnan(values), np.nan, values))
