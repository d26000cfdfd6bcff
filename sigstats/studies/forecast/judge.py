"""The judgement: whether the law predicts every level within the declared part, and what else to know."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigstats.stats.classical.multiplicity import adjust
from sigstats.studies.forecast.arms import FEWEST_SEEDS
from sigstats.studies.forecast.record import Duel, ForecastLevel, Ground
from sigstats.verdict.rules import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A status, and why."""

    status: Status | None
    reasons: tuple[Ground, ...]


def corrected(levels: Sequence[ForecastLevel], alpha: float) -> tuple[ForecastLevel, ...]:
    """Return the levels with p-values adjusted over all that were run, and with what is shown of each."""
    run = [at for at, each in enumerate(levels) if each.observed is not None]
    found = list(levels)
    if not run:
        return tuple(levels)
    inside = adjust([levels[at].pvalue_within for at in run], method="holm")
    outside = adjust([levels[at].pvalue_outside for at in run], method="holm")
    for at, p, q in zip(run, inside, outside, strict=True):
        within = True if p <= alpha else False if q <= alpha else None
        found[at] = replace(levels[at], adjusted_within=float(p), pvalue_outside=float(q), within=within)
    return tuple(found)


def judged(levels: Sequence[ForecastLevel], alpha: float, n_seeds: int) -> Judgement:
    """Return the status of the claim; the first rule that applies decides.

    1. No level was run: none.
    2. Fewer than 3 seeds below: *inconclusive*.
    3. A level is shown to be off by more (Holm): *partial* where another is shown to be within, else *absent*.
    4. Every level is within at its own p-value, since all must hold: *present*.
    5. *Inconclusive*: too few seeds at a level, a level without variance, or too little data.
    """
    run = [each for each in levels if each.observed is not None]
    if not run:
        return Judgement(status=None, reasons=())
    if n_seeds < FEWEST_SEEDS:
        return Judgement(status=Status.INCONCLUSIVE, reasons=(Ground.TOO_FEW_SEEDS,))
    if any(each.within is False for each in run):
        if any(each.within for each in run):
            return Judgement(status=Status.PARTIAL, reasons=(Ground.SOME_LEVELS,))
        return Judgement(status=Status.ABSENT, reasons=(Ground.OUTSIDE,))
    if all(each.pvalue_within <= alpha for each in run):
        return Judgement(status=Status.PRESENT, reasons=())
    few = any(each.n_seeds < FEWEST_SEEDS for each in run)
    constant = any(each.error is None or each.error.low != each.error.low for each in run)  # NaN
    why = Ground.TOO_FEW_SEEDS if few else Ground.ZERO_VARIANCE if constant else Ground.UNDERPOWERED
    return Judgement(status=Status.INCONCLUSIVE, reasons=(why,))


def settled_duels(duels: Sequence[Duel], alpha: float) -> tuple[Duel, ...]:
    """Return the comparisons with rivals, adjusted over all of them."""
    if not duels:
        return ()
    law = adjust([each.pvalue_law for each in duels], method="holm")
    rival = adjust([each.pvalue_rival for each in duels], method="holm")
    return tuple(
        replace(
            each,
            pvalue_law=float(p),
            pvalue_rival=float(q),
            law_nearer=True if p <= alpha else False if q <= alpha else None,
        )
        for each, p, q in zip(duels, law, rival, strict=True)
    )
