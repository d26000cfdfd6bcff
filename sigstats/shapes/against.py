"""Claims without a knob: a condition is higher or lower than a baseline, equivalent to it, or not worse."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from sigstats.shapes.base import Clause, Shape
from sigstats.shapes.checks import one_of

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstBaseline(Shape):
    """Base of claims on a treatment and a baseline.

    Attributes
    ----------
    needs_margin : bool
        Whether the claim cannot be stated without a smallest effect that would matter.
    """

    against_baseline: ClassVar[bool] = True
    needs_margin: ClassVar[bool] = False
    needs_order: ClassVar[bool] = False

    def contradiction(self, *, min_effect: float | None, metric_scale: str, knob_scale: str) -> str | None:
        """Return that a margin is missing, if the claim needs one."""
        del metric_scale, knob_scale
        if self.needs_margin and min_effect is None:
            return (
                f"the claim {self.name!r} needs a margin: no data can show that two means do not differ at all. Give "
                '`min_effect`, the smallest difference that would matter, in units of the metric or as in "2%".'
            )
        return None


def _clause(name: str, says: str, refuted: str, null: str) -> Clause:
    return Clause(name=name, kind="primary", says=says, refuted=refuted, null=null, noun="difference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Higher(AgainstBaseline):
    """The mean of the treatment is higher than that of the baseline."""

    name: ClassVar[str] = "higher"
    also_called: ClassVar[tuple[str, ...]] = ("better", "improves", "greater", "larger", "outperforms")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("depends on a knob with several levels", "increasing, or ordered"),
        ("is not lower by more than a margin", "not_worse"),
    )
    claim: ClassVar[str] = "is higher"
    clauses: ClassVar[tuple[Clause, ...]] = (
        _clause("higher", "is higher than in the baseline", "opposite", "mean difference <= 0"),
    )
    opposes: ClassVar[frozenset[str]] = frozenset({"lower", "equivalent"})

    def sketch(self) -> tuple[float, ...] | None:
        """Return baseline and treatment."""
        return 0.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lower(AgainstBaseline):
    """The mean of the treatment is lower than that of the baseline."""

    name: ClassVar[str] = "lower"
    also_called: ClassVar[tuple[str, ...]] = ("better", "smaller", "reduces", "less")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("depends on a knob with several levels", "decreasing, or ordered"),
    )
    claim: ClassVar[str] = "is lower"
    clauses: ClassVar[tuple[Clause, ...]] = (
        _clause("lower", "is lower than in the baseline", "opposite", "mean difference >= 0"),
    )
    opposes: ClassVar[frozenset[str]] = frozenset({"higher", "equivalent"})

    def sketch(self) -> tuple[float, ...] | None:
        """Return baseline and treatment."""
        return 1.0, 0.0

    @property
    def orientation(self) -> int:
        """-1: a fall counts as a gain."""
        return -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent(AgainstBaseline):
    """The means of treatment and baseline differ by less than `min_effect`, either way."""

    name: ClassVar[str] = "equivalent"
    also_called: ClassVar[tuple[str, ...]] = ("equal", "same", "no difference", "parity")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "no difference was found",
            "a difference that is not found is not shown to be absent: declare a margin",
        ),
        ("does not change along a knob", "flat"),
    )
    claim: ClassVar[str] = "is equivalent"
    clauses: ClassVar[tuple[Clause, ...]] = (
        _clause(
            "equivalent",
            "differs from the baseline by less than the margin",
            "not_equivalent",
            "the means differ by the margin or more",
        ),
    )
    needs_margin: ClassVar[bool] = True
    opposes: ClassVar[frozenset[str]] = frozenset({"higher", "lower"})

    def sketch(self) -> tuple[float, ...] | None:
        """Return baseline and treatment."""
        return 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotWorse(AgainstBaseline):
    """The mean of the treatment is not worse than that of the baseline by `min_effect` or more.

    Attributes
    ----------
    better : {"higher", "lower"}
        Which values of the metric are better.
    """

    name: ClassVar[str] = "not_worse"
    also_called: ClassVar[tuple[str, ...]] = ("non inferior", "noninferior", "at least as good")
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = (
        ("is better", "higher or lower"),
        ("is the same both ways", "equivalent"),
    )
    clauses: ClassVar[tuple[Clause, ...]] = (
        _clause(
            "not_worse",
            "is not worse than the baseline by the margin",
            "worse",
            "the treatment is worse by the margin or more",
        ),
    )
    needs_margin: ClassVar[bool] = True

    better: Better = "higher"

    def __post_init__(self) -> None:
        one_of(self.name, "better", self.better, ("higher", "lower"))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return a claim for a metric of which more is better."""
        return (cls(),)

    @property
    def claim(self) -> str:  # type: ignore[override]
        """The claim, with the direction that is worse."""
        return f"is not {'lower' if self.better == 'higher' else 'higher'}"

    @property
    def orientation(self) -> int:
        """-1 where lower is better."""
        return 1 if self.better == "higher" else -1


AGAINST: dict[str, type[Shape]] = {shape.name: shape for shape in (Higher, Lower, Equivalent, NotWorse)}
