"""What every shape is made of: clauses, and scores of them.

A shape is a frozen object of options. It names its *clauses*, the testable parts of what it claims, and turns the
curves of one condition into scores: for every clause one number per seed and part, positive where the seed shows it.
Everything after that - means over seeds and treatments, intervals, posteriors, the control, the verdict - is the same
for all shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from sigstats.errors import SignatureError
from sigstats.stats.blocks import beside

if TYPE_CHECKING:
    from sigstats.stats.curves.fit import Form

FloatArray = NDArray[np.float64]
Kind = Literal["primary", "required", "tolerated"]
Direction = Literal["increasing", "decreasing"]
EitherDirection = Literal["increasing", "decreasing", "either"]
Unit = Literal["metric", "exponent"]
Located = Literal["hinge", "step", "saturating", "peak", "sigmoid"]
Scale = Literal["linear", "log", "rank"]
KnobScale = Literal["linear", "log", "rank", "fraction"]
MetricScale = Literal["linear", "log"]
Spare = Literal["half", "one", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One testable part of a shape.

    Attributes
    ----------
    name : str
        Short name, by which fields of an answer know it; the same in every direction.
    called : str
        What reports call it, in the words of the direction: "falls after"; the name where it is left out.
    kind : {"primary", "required", "tolerated"}
        The primary clause is the claim itself; a required one must be shown; a tolerated one must not be refuted.
    says : str
        The clause in words, as in "is flat before the onset".
    refuted : str
        Reason of a verdict that refutes it.
    unresolved : str or None
        Reason of a verdict that leaves it unresolved; required clauses alone have one.
    null : str
        The null hypothesis, against which it must be shown.
    in_metric : bool
        Whether its score is in units of the metric, even where the effect is not.
    sides : int
        2 where a number must lie within bounds, so that two parts in a row are the two sides of one comparison;
        else 1.
    noun : str
        Short name of the score in reports, as in "bend"; that of the primary clause names the effect.
    measures : str
        What the score (of several parts, the first) measures, as in "slope after the onset minus slope before it".
    parts : str
        What the parts measure, where they do not all measure the same; else empty.
    beyond : str
        What a negative score measures, as in "distance below the value"; empty where it keeps the words of `measures`.
    range_option : str or None
        Option of the shape that holds the range in which the effect must lie, if that is what the clause is about.
    instead : (str, str) or None
        What a curve that refutes it may do, as in "flattens", and the name of the shape that claims this.
    """

    name: str
    kind: Kind
    says: str
    refuted: str
    unresolved: str | None = None
    null: str
    in_metric: bool = False
    sides: int = 1
    noun: str = "score"
    measures: str = "mean score over seeds"
    parts: str = ""
    beyond: str = ""
    range_option: str | None = None
    instead: tuple[str, str] | None = None
    called: str = ""

    def __post_init__(self) -> None:
        if not self.called:
            object.__setattr__(self, "called", self.name.replace("_", " "))
        if (self.kind == "required") != (self.unresolved is not None):
            raise SignatureError(
                f"the clause {self.name!r} is {self.kind} and has unresolved={self.unresolved!r}; a required clause "
                "names the reason of a verdict that leaves it unresolved, and no other clause does."
            )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons that a verdict can give for it."""
        return (self.refuted,) if self.unresolved is None else (self.refuted, self.unresolved)


def directed(clauses: tuple[Clause, ...], *, falling: bool) -> tuple[Clause, ...]:
    """Return clauses whose words follow the claimed direction."""
    rising = ("rise", "fall", "rises", "falls", "slope", "jump", "jumps up")
    mirror = ("fall", "rise", "falls", "rises", "downward slope", "drop", "drops")
    keys = ("rise", "fall", "rises", "falls", "slope", "jump", "jumps")
    words = dict(zip(keys, mirror if falling else rising, strict=True))
    turned = (
        {"rise": "fall", "fall": "rise", "rises": "falls", "falls": "rises", "jumps": "drops"}
        if falling
        else {}
    )
    return tuple(
        replace(
            each,
            called=" ".join(turned.get(word, word) for word in each.name.split("_")),
            says=each.says.format(**words),
            noun=each.noun.format(**words),
            measures=each.measures.format(**words),
            beyond=each.beyond.format(**words),
        )
        for each in clauses
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreContext:
    """What a shape needs to know besides the curves of one condition.

    Attributes
    ----------
    x : ndarray, shape (n_levels,)
        Levels on the knob's scale, rescaled to [0, 1].
    levels : ndarray, shape (n_levels,)
        Levels in the knob's own units.
    alpha : float
        One-sided level of the tests.
    orientation : int
        +1 or -1, by which the metric was multiplied.
    scale, centre : float
        ``curve = orientation * (metric / scale - centre)``.
    min_effect : float or None
        The declared smallest effect, on the common scale.
    knob_scale : {"linear", "log", "rank", "fraction"}
        Scale of the knob on which `x` are the levels.
    """

    x: FloatArray = field(repr=False)
    levels: FloatArray = field(repr=False)
    alpha: float
    orientation: int
    scale: float
    centre: float
    min_effect: float | None
    knob_scale: KnobScale = "linear"

    def place(self, level: float) -> float:
        """Return where a level of the knob stands on its scale, among the levels.

        Parameters
        ----------
        level : float
            In the knob's own units, within the range of the levels.

        Returns
        -------
        float
            In units of `x`; NaN outside the range.
        """
        levels, at = self.levels, level
        if self.knob_scale == "log":
            levels, at = np.log(levels), np.log(level) if level > 0 else -np.inf
        if not levels[0] <= at <= levels[-1]:
            return float("nan")
        return float(np.interp(at, levels, self.x))

    def common(self, value: float) -> float:
        """Return a value of the metric on the common scale, oriented like the curves.

        Parameters
        ----------
        value : float
            In units of the metric.

        Returns
        -------
        float
            Comparable with the curves.
        """
        return self.orientation * (value / self.scale - self.centre)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of one clause in one condition.

    Attributes
    ----------
    parts : ndarray, shape (n_seeds, n_parts)
        Positive where a seed shows the part, NaN where it cannot tell; all parts must hold.
    stretch : float
        Factor, at least 1, by which a standard error must be stretched before Student's t holds: scores that were
        cross-fitted depend on each other.
    every : ndarray, shape (n_seeds, n_parts, n_splits), or None
        The same scores at every split that the data could have chosen; a clause is *refuted* only if it is refuted
        at all of them. None where nothing was chosen.
    ends : ndarray, shape (n_seeds, n_parts, n_places), or None
        The same scores at places too near an end of the range for the data to choose them, NaN where the part cannot be
        seen there. The shape is excluded at a place where any part of any clause is refuted. None where the shape has
        no place, or all of them could be chosen.
    n_start : int
        How many of these places, the first ones, lie near the start of the range; the others lie near its end.
    at : ndarray, shape (n_parts,), or None
        Level of the knob that each part is about.
    about : tuple of str or None
        What each part is about, in words, where parts are neither levels nor the same in every condition.
    reach : float or None
        Part of the range over which `parts`, if they are slopes, count as a change of the metric; the mean over the
        treatments counts for all conditions (`over_reach`). None where `parts` are changes themselves. Numbers at
        places of their own, as in `every` and `ends`, are changes already, but for ``"control"``.
    """

    parts: FloatArray = field(repr=False)
    stretch: float = 1.0
    reach: float | None = None
    every: FloatArray | None = field(default=None, repr=False)
    ends: FloatArray | None = field(default=None, repr=False)
    n_start: int = 0
    at: FloatArray | None = field(default=None, repr=False)
    about: tuple[str, ...] | None = field(default=None, repr=False)


def over_reach(
    scores: Sequence[Mapping[str, Scores]], treatments: Sequence[int]
) -> tuple[Mapping[str, Scores], ...]:
    """Return the scores of several conditions with slopes turned into changes, over one stretch of the range for all.

    One factor for all conditions leaves every test of a sign as it is, and every comparison with a control.

    Parameters
    ----------
    scores : sequence of mapping of str to Scores
        By clause, for each condition.
    treatments : sequence of int
        Positions of the treatments, whose mean stretch counts.

    Returns
    -------
    tuple of mapping of str to Scores
        In units of the metric.
    """
    known = [each.reach for at in treatments for each in scores[at].values() if each.reach is not None]
    reach = _mean_reach(known)
    return tuple({name: _over(found, name, reach) for name, found in each.items()} for each in scores)


def _mean_reach(known: Sequence[float | FloatArray]) -> float | FloatArray:
    """Return the mean of the numbers that are known, of each table of a block; NaN if none is."""
    if not known:
        return float("nan")
    every = np.array(known)
    count = (~np.isnan(every)).sum(axis=0)
    return np.where(count > 0, np.nansum(every, axis=0) / np.maximum(count, 1), np.nan)


def _over(scores: Scores, name: str, reach: float | FloatArray) -> Scores:
    if scores.reach is None:
        return scores
    every = scores.every
    if every is not None and name == "control":
        every = beside(reach, 3) * every
    return replace(scores, parts=beside(reach, 2) * scores.parts, every=every, reach=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A clause as contrasts of level means, for runs that share no seeds.

    Attributes
    ----------
    weights : ndarray, shape (n_parts, n_levels)
        One contrast per part.
    offsets : ndarray, shape (n_parts,)
        Number that is added to each contrast.
    at : ndarray, shape (n_parts,), or None
        Level of the knob that each part is about.
    about : tuple of str or None
        What each part is about, in words, as in `Scores`.
    """

    weights: FloatArray = field(repr=False)
    offsets: FloatArray = field(repr=False)
    at: FloatArray | None = field(default=None, repr=False)
    about: tuple[str, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The range in which every level of a curve must lie."""

    low: float  # low, high: ends in units of the metric (after `metric_scale`); infinite where the claim sets none
    high: float
    around_mean: bool = False  # whether the ends are distances from the curve's mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Base of all shapes: a name, a claim, clauses and their scores, and all that others ask of a shape.

    Attributes
    ----------
    name : str
        Name by which cards and calls ask for this shape.
    claim : str
        What the shape claims, in words.
    clauses : tuple of Clause
        The primary clause first. Trends have three lines of evidence instead of a scored primary clause.
    is_trend : bool
        Whether the primary clause is the trend: rank test, interval and posterior of the linear score.
    sized : bool
        Whether the effect is compared with `min_effect`.
    min_levels : int
        Fewest levels that the shape needs.
    least_alpha : float
        Smallest `alpha` at which the critical values of its scores are known; 0 where they are at any.
    on_two_levels : bool
        Whether the claim can also be made of a knob that was only on or off: its scores are then differences.
    location : str or None
        Name of the place that the shape has: ``"onset"``, ``"knee"``, ``"turn"``, ``"midpoint"``.
    located_as : str or None
        Form that is fitted to find that place: ``"hinge"``, ``"step"``, ``"saturating"``, ``"peak"`` or ``"sigmoid"``.
    fitted_as : str or None
        Form that `sigstats.compare_shapes` fits for it; None where the shape does not say which form the curve has.
    knob_scale, metric_scale : str or None
        Scales that the shape needs; None leaves them to the signature.
    unit : str
        Unit of the effect.
    positive_control : bool
        Whether the control must depart from the shape, rather than lack the effect.
    departs_by : str or None
        Clause by which a control departs from the shape; None where it is compared by its effect alone.
    compared : str or None
        What treatment and control are compared by, in words with their article; None where that is the effect.
    along : str or None
        Column whose levels the claim runs along, if that is not the knob; the metric is then the knob's effect.
    opposes : frozenset of str
        Names of shapes that cannot describe the same curve. It is enough that one of two shapes names the other.
    needs_order : bool
        Whether the claim depends on the order of the levels, so that it breaks when they change places.
    levels_to_spare : {"half", "one", "none"}
        How many levels at one end `sigstats.robustness` may leave out without changing the claim.
    knob_scale_open, metric_scale_open : bool
        Whether the claim stays the same on another scale of the knob, or of the metric, so that
        `sigstats.robustness` may choose one.
    holds_for_ranks : bool
        Whether the claim is about order alone, and so holds for ranks of the metric as well.
    fits_law : bool
        Whether the curve follows a law with a floor and an exponent, which reports then give with their intervals.
    least_bend : float
        By how much such a law must depart from a straight line over log x, as a part of its change.
    free_scores : bool
        Whether the primary clause is one score per seed that does not depend on the other seeds.
    scores_blocks : bool
        Whether `score` and `level_weights` take the curves of many tables at once, which stand on a first axis.
    steep_clause : str or None
        Clause that says where the curve is steepest, which may not hold on other scales of the metric; else None.
    against_baseline : bool
        Whether the claim has no knob: it is about treatments and a baseline, and `sigstats.compare` decides it.
    also_called : tuple of str
        Words by which others may look for it, in small letters with spaces; they are suggestions, not names.
    near_misses : tuple of (str, str)
        What looks like the shape and is not, and what to declare instead: the name of a shape, or advice.
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    clauses: ClassVar[tuple[Clause, ...]]
    is_trend: ClassVar[bool] = False
    sized: ClassVar[bool] = True
    min_levels: ClassVar[int] = 3
    least_alpha: ClassVar[float] = 0.0
    on_two_levels: ClassVar[bool] = False
    location: ClassVar[str | None] = None
    located_as: ClassVar[Located | None] = None
    knob_scale: ClassVar[Scale | None] = None
    metric_scale: ClassVar[MetricScale | None] = None
    unit: ClassVar[Unit] = "metric"
    positive_control: ClassVar[bool] = False
    departs_by: ClassVar[str | None] = None
    compared: ClassVar[str | None] = None
    along: ClassVar[str | None] = None
    fitted_as: ClassVar["Form | None"] = None
    opposes: ClassVar[frozenset[str]] = frozenset()
    # Whether what is scored goes in the direction of `orientation` only: up from the floor, or down from the ceiling.
    one_way: ClassVar[bool] = True
    needs_order: ClassVar[bool] = True
    levels_to_spare: ClassVar[Spare] = "one"
    knob_scale_open: ClassVar[bool] = False
    metric_scale_open: ClassVar[bool] = False
    holds_for_ranks: ClassVar[bool] = False
    fits_law: ClassVar[bool] = False
    least_bend: ClassVar[float] = 0.0
    free_scores: ClassVar[bool] = False
    scores_blocks: ClassVar[bool] = False
    steep_clause: ClassVar[str | None] = None
    against_baseline: ClassVar[bool] = False
    also_called: ClassVar[tuple[str, ...]] = ()
    near_misses: ClassVar[tuple[tuple[str, str], ...]] = ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Return one shape of this name for each set of clauses that its options can ask for."""
        return (cls(),)

    @classmethod
    def all_clauses(cls) -> tuple[Clause, ...]:
        """Return every clause that some choice of options asks for."""
        return tuple(dict.fromkeys(clause for shape in cls.examples() for clause in shape.clauses))

    @property
    def orientation(self) -> int:
        """+1 where a larger score means a rising metric, -1 where it means a falling one."""
        return 1

    @property
    def two_sided(self) -> bool:
        """Whether the data choose the direction, at half the error rate each."""
        return False

    @property
    def counts_seeds(self) -> bool:
        """Whether each seed shows the claim or not by one score of its own, so that seeds can be counted."""
        return self.sized and self.free_scores and all(each.kind != "required" for each in self.clauses)

    @property
    def level_wise(self) -> bool:
        """Whether the claim is about every level on its own, which has an exact test however few its runs are."""
        return not self.sized

    @property
    def goes_on(self) -> bool:
        """Whether the shape says how a curve goes on: there is a law of its name, which a forecast carries on."""
        from sigstats.stats.curves.ahead import LAWS

        return self.name in LAWS and self.along is None

    @property
    def fitted_direction(self) -> EitherDirection:
        """Direction of the form that `fitted_as` names."""
        return "either"

    @property
    def primary(self) -> str:
        """Name of the primary clause."""
        return self.clauses[0].name

    def options(self) -> dict[str, Any]:
        """Return the options as a plain dictionary."""
        return asdict(self)

    def on_scale(self, scale: Scale) -> "Shape":
        """Return the shape with another scale of the column that it runs along.

        Parameters
        ----------
        scale : {"linear", "log", "rank"}
            Scale of the column that `along` names.

        Returns
        -------
        Shape
            With its other options as they are.
        """
        del scale
        return self

    def contradiction(self, *, min_effect: float | None, metric_scale: str, knob_scale: str) -> str | None:
        """Return why the shape contradicts other fields of a signature, or None.

        Parameters
        ----------
        min_effect : float or None
            The declared smallest effect.
        metric_scale, knob_scale : str
            The declared scales.

        Returns
        -------
        str or None
            What is wrong, the rule and the remedy.
        """
        del min_effect
        for field_name, given, needed, default in (
            ("metric_scale", metric_scale, self.metric_scale, "linear"),
            ("knob_scale", knob_scale, self.knob_scale, "linear"),
        ):
            if needed is not None and given not in (needed, default):
                return (
                    f"`{field_name}` is {given!r}, but the shape {self.name!r} is about the {needed} scale. "
                    f"Leave `{field_name}` out."
                )
        return None

    def score(self, curves: FloatArray, context: ScoreContext) -> Mapping[str, Scores]:  # noqa: ARG002 - for subclasses
        """Return the scores of every clause, by its name; and of the control comparison, as ``"control"``.

        A plain trend has none: its three lines of evidence are computed for every sweep.

        Parameters
        ----------
        curves : ndarray, shape (n_seeds, n_levels)
            Oriented curves on the common scale, NaN where missing.
        context : ScoreContext
            Levels of the knob, level of the tests, scale.

        Returns
        -------
        mapping of str to Scores
            Without ``"control"``, treatment and control are compared by the first part of the primary clause; if
            ``"control"`` has several parts, a condition counts by the weakest of them; where it has `every`, a side
            that must be shown to be the smaller one counts at the place where it may have most. ``"place"`` holds what
            speaks against a place near an end, beside the clauses: only its `ends` count.
        """
        return {}

    def level_weights(self, context: ScoreContext) -> Mapping[str, Weights] | None:  # noqa: ARG002 - for subclasses
        """Return the clauses as contrasts of level means; None where a split is chosen by the data.

        Parameters
        ----------
        context : ScoreContext
            Levels and scale.

        Returns
        -------
        mapping of str to Weights, or None
            By clause, as in `score`.
        """
        return None

    def bounds(self, min_effect: float | None) -> Bounds | None:  # noqa: ARG002 - for subclasses
        """Return the range of every level, for reports to draw; None where the claim sets none.

        Parameters
        ----------
        min_effect : float or None
            Smallest effect of interest, as declared.

        Returns
        -------
        Bounds or None
            In units of the metric (after `metric_scale`).
        """
        return None

    def target(self, context: ScoreContext) -> float | None:  # noqa: ARG002 - for subclasses
        """Return the score at which power is computed, if that is not the smallest effect; else None.

        Parameters
        ----------
        context : ScoreContext
            Levels and scale.

        Returns
        -------
        float or None
            On the common scale.
        """
        return None

    def sketch(self) -> tuple[float, ...] | None:
        """Return heights to draw the shape by; None where the curve that `fitted_as` names, or its contrast, is drawn.

        Returns
        -------
        tuple of float, or None
            From the first level to the last, in any unit.
        """
        return None

    def __str__(self) -> str:
        """Return the name with the options, if any."""
        given = ", ".join(f"{key}={value!r}" for key, value in self.options().items())
        return f"{self.name}({given})" if given else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectedShape(Shape):
    """Base of shapes with an option `direction`, which says whether the metric rises or falls."""

    if TYPE_CHECKING:
        # Each shape declares the option itself: with its default, and in its place among the others.
        direction: Direction

    @property
    def falling(self) -> bool:
        """Whether the metric is claimed to fall."""
        return self.direction == "decreasing"

    @property
    def orientation(self) -> int:
        """-1 where the metric is claimed to fall."""
        return -1 if self.falling else 1

    @property
    def fitted_direction(self) -> EitherDirection:
        """The claimed direction."""
        return self.direction
