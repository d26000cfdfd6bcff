"""Results on treatment against control."""

from dataclasses import dataclass

from sigstats.stats.by_value import by_value
from sigstats.stats.estimate import Estimate


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastEvidence:
    """One comparison of treatment and control: a weighted difference of mean scores.

    Attributes
    ----------
    name : str
        ``"specific"``, ``"quiet"``, ``"responds"`` or ``"artifact"``.
    estimate : Estimate
        The weighted difference with its two-sided ``1 - 2 alpha`` interval.
    se, df : float
        Standard error and degrees of freedom.
    pvalue : float
        One-sided p-value of the difference being <= 0, in (0, 1]; NaN where no test was possible.
    method, null, replicate : str
        The method, the null hypothesis, and what was counted as one independent observation.
    n_seeds : int
        Replicates of the smaller side.
    """

    name: str
    estimate: Estimate
    se: float
    df: float
    pvalue: float
    method: str
    null: str
    replicate: str
    n_seeds: int


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeControls:
    """What many controls in which nothing should be there say of the treatments' effect.

    Attributes
    ----------
    n_controls : int
        How many controls there are.
    mean : float
        Mean of their effects, oriented, in units of the metric: what all of them are off by.
    sd : float
        By how much their effects differ beside what their seeds explain; 0 where these explain all of it.
    n_nonzero : int or None
        How many of them differ from 0 by a two-sided test of their own at `level`; None where the score has several
        parts.
    level : float
        Level of those tests: twice the error rate of a one-sided claim.
    nominal_pvalue : float
        One-sided p-value of the primary clause, by its seeds alone.
    pvalue : float
        Calibrated p-value: of an effect that is as large or larger, if it were that of one more control. NaN where
        nothing varies.
    pvalues : tuple of (str, float)
        The same for each treatment on its own.
    outliers : tuple of str
        Controls that the others do not explain.
    pvalue_shared : float
        P-value of the controls' scores not going together over the seeds that all of them share (F test); NaN where
        they share too few.
    pvalue_off : float
        One-sided p-value of the mean of the controls' effects being 0 or below.
    """

    n_controls: int
    mean: float
    sd: float
    n_nonzero: int | None
    level: float
    nominal_pvalue: float
    pvalue: float
    pvalues: tuple[tuple[str, float], ...]
    outliers: tuple[str, ...]
    pvalue_shared: float
    pvalue_off: float


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ControlEvidence:
    """Treatment against control.

    Attributes
    ----------
    treatment, effect : Estimate
        Mean oriented score of the treatments, and of the controls, by which they are compared: for trends the
        effect itself; of a score with several parts the weaker one.
    pvalue_opposite : float
        One-sided p-value of the controls' effect being >= 0.
    specific, quiet, responds, artifact : ContrastEvidence
        T - C, q T - C, C - q T and C - 0.8 T, with T and C the mean oriented scores and q the quiet fraction.
    single_responds : tuple of (str, float)
        For each control on its own, the Holm-adjusted p-value of its C - q T being <= 0.
    at_bound : bool
        Whether the control sits at the floor or ceiling of a bounded metric, on whichever side.
    stuck_share : float
        Largest share of a control's values at a bound towards which the prediction points, where it has no room.
    quiet_fraction : float
        q.
    """

    treatment: Estimate
    effect: Estimate
    pvalue_opposite: float
    specific: ContrastEvidence
    quiet: ContrastEvidence
    responds: ContrastEvidence
    artifact: ContrastEvidence
    single_responds: tuple[tuple[str, float], ...]
    at_bound: bool
    stuck_share: float
    quiet_fraction: float

    def __repr__(self) -> str:
        """Return the main numbers as one line."""
        found = (self.specific, self.quiet, self.responds, self.artifact)
        return f"<ControlEvidence {self.specific.estimate}; {', '.join(f'{x.name} p = {x.pvalue:.3g}' for x in found)}>"

    @property
    def share(self) -> float | None:
        """Part of the treatment's effect that the control shows; None where the treatment's may be 0 or below."""
        return self.effect.value / self.treatment.value if self.treatment.low > 0 else None

    @property
    def null(self) -> str:
        """Null hypothesis of the comparison that says whether the effect is specific."""
        return self.specific.null

    @property
    def replicate(self) -> str:
        """What was counted as one independent observation."""
        return self.specific.replicate

    @property
    def n_seeds(self) -> int:
        """Replicates of the smaller side."""
        return self.specific.n_seeds

    @property
    def method(self) -> str:
        """How the two sides were compared."""
        return self.specific.method
