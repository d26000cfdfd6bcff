"""Stage 2: what is predicted, before the data are looked at.

A `Signature` is a prediction: the shape that a metric takes along a knob, where the mechanism exists (the
treatment) and not where it does not (the control), and the smallest effect that would matter. It is plain
frozen data: nothing in it is ever evaluated as code, and a signature that exists has been checked.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, get_args

from sigstats.errors import CardError, SignatureError, did_you_mean, knows_fields
from sigstats.shapes import SHAPES, Shape
from sigstats.signature import fields as check
from sigstats.signature import promised, toml
from sigstats.signature.fields import (
    Across,
    AcrossSeeds,
    Aggregate,
    Bounds,
    Correction,
    DesignChoice,
    Expect,
    KnobScale,
    MetricScale,
    Problems,
    Role,
    ShortSeeds,
    held,
    listed,
    normalised,
    shown,
    without_defaults,
)
from sigstats.signature.idea import Idea, idea_of
from sigstats.signature.rows import meet
from sigstats.signature.share import Share
from sigstats.stats.by_value import by_value

ROLES = ("knob", "metric", "seed", "condition")
COLUMNS = (*ROLES, "item")


@knows_fields
@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Signature:
    """The shape that a metric is predicted to take along a knob, and where.

    Every value is checked and normalised when the object is made; all problems are raised at once.

    Attributes
    ----------
    name : str or None
        What the signature is called on a card and in reports.
    data : str or None
        File with the sweep; on a card, relative to the card.
    knob, metric, seed, condition : str or None
        Columns of the table; None means the column that has the word itself as its name.
    shape : Shape
        The predicted shape: its name, a mapping with ``name`` and options, or an object of `sigstats.shapes`.
    treatment : tuple of str or None
        Conditions in which the shape is predicted; None means every condition that is not a control. Labels
        that are numbers become text: 7 and 7.0 are both ``"7"``.
    control : tuple of str or None
        Conditions in which the shape must be missing.
    levels : tuple of str, tuple of float or None
        Order of the knob's levels where its values are words, as in ``("off", "on")``; or the planned levels where they
        are numbers, as in ``(1, 10, 100)``: if the data have others, a note says so.
    baseline : str or None
        Condition that treatments are compared with, for claims without a knob (``"higher"``, ``"lower"``,
        ``"equivalent"``, ``"not_worse"``), which `sigstats.compare` decides.
    item : str or None
        Column of what was repeated within a run, such as test items; along a knob, every cell is the mean over the
        items that all cells have.
    over : tuple of str
        What the claim generalises over: ``("seed",)`` new runs, ``("item",)`` new items, ``("seed", "item")`` both;
        along a knob only new runs.
    correction : {"holm", "dunnett", "none"}
        How p-values are corrected for several treatments against one baseline.
    min_effect : float or None
        Smallest effect that would matter, in units of the metric, in (0, inf); for claims without a knob also a part of
        the baseline's mean, as in ``"2%"``.
    knob_scale : {"linear", "log", "rank", "fraction"}
        Scale on which the knob is swept evenly; ``"fraction"`` is the share of each condition's own range.
    metric_scale : {"linear", "log", "logit"}
        Scale on which the metric is analysed.
    design : {"auto", "repeated", "independent"}
        Whether a seed is one run seen at every level, or every cell is a fresh run.
    bounds : tuple of float, "none" or None
        Lowest and highest value that the metric can take, ``"none"`` without bounds; None means [0, 1] or [0, 100] if
        all values lie within. A control at the bound towards which the prediction points cannot be quiet.
    paired : bool
        Whether treatment and control share their seeds, and are compared within them.
    quiet_fraction : float
        Part of the treatment's effect that a quiet control stays below, in (0, 1).
    calibrate : bool
        Whether the controls are negative controls by which the effect is calibrated: it must then also exceed what
        they show of themselves. Needs five of them; with fewer nothing is calibrated, and a note says so.
    alpha : float
        Error rate of each one-sided claim, in (0, 0.5).
    across : {"mean", "each"}
        Whether the claim is about the mean over treatments, or about every one of them.
    across_seeds : {"mean", "majority"}
        Whether the claim is about the mean over seeds, or says that more than half of all seeds show it.
    short_seeds : {"drop", "keep"}
        Whether seeds that cover less than 80 % of their condition's range are left out, or count with their lines
        extended to the whole range (repeated design).
    looks : tuple of int or None
        Seeds per condition at each planned look at the data, ascending. Each look has an error rate of its own, so that
        all of them together have `alpha`; with another number of seeds nothing is claimed.
    where : mapping or None
        Rows to use, by column: a value, a list of values, or a range ``{"min": ..., "max": ...}`` (both ends
        included, either may be left out).
    aggregate : {None, "mean", "median", "min", "max"}
        How repeated measurements of one seed at one level (and of one item) become one value; None refuses them, and
        averages those of an item.
    runs : mapping or None
        How training runs become rows, where `data` is a folder of logs: options of `sigstats.read_runs` (``format``,
        ``step``, ``pattern``, ``levels``) and of `sigstats.Runs.sweep` (``at``, ``after``, ``align`` ...). It says
        nothing about a table that exists.
    read : mapping or None
        How the table in `data` is read: options of `sigstats.read_sweep`, such as ``decimal`` or ``part``.
    quantity : str or None
        What is measured, in words; this and all that follow explain or plan the claim and never change a verdict.
    computed : str or None
        How the quantity is computed.
    place : str or None
        Where it is measured: layer, phase of training, scale.
    role : {"core", "auxiliary", "boundary"}
        Whether the idea stands or falls with the signature, is only supported by it, or is held off by it where it
        should not apply.
    expect : {"present", "absent"}
        The verdict that the idea predicts: a stress test may predict that the shape is absent.
    why : str or None
        Why an effect below `min_effect` would not matter.
    exclusive_with : tuple of str
        Names of other signatures of the card that cannot hold together with this one.
    seeds : int, mapping or None
        Planned seeds of each condition, or ``{"treatment": ..., "control": ...}``.
    cost_per_run : float or None
        Cost of one run, in a unit of the author's choice, in (0, inf).
    forecast : mapping or None
        What `sigstats.forecast` is to predict, declared before these levels are run: ``{"to": [512, 1024], "within":
        0.05}``, the levels and the largest error that is allowed, as a part of the observed mean. The shape is the law.
    suggested_by : tuple of str
        SHA-256 of the data that suggested the signature, as `Card.narrowed` writes them: these cannot confirm it.

    Raises
    ------
    SignatureError
        If a value makes no sense, or two of them contradict each other.

    Examples
    --------
    >>> signature = Signature(shape="increasing", knob="steps", metric="score", control="untrained")
    >>> signature.control
    ('untrained',)
    >>> signature.shape
    Increasing()
    """

    name: str | None = field(default=None, metadata=held(check.text, outside=True))
    data: str | None = field(default=None, metadata=held(check.path, outside=True))
    knob: str | None = field(default=None, metadata=held(check.column))
    metric: str | None = field(default=None, metadata=held(check.column))
    seed: str | None = field(default=None, metadata=held(check.column))
    condition: str | None = field(default=None, metadata=held(check.column))
    shape: Shape = field(metadata=held(check.shape))
    treatment: tuple[str, ...] | None = field(default=None, metadata=held(check.labels))
    control: tuple[str, ...] | None = field(default=None, metadata=held(check.labels))
    baseline: str | None = field(default=None, metadata=held(check.baseline, only_compare=True))
    item: str | None = field(default=None, metadata=held(check.column))
    over: tuple[str, ...] = field(default=("seed",), metadata=held(check.population))
    correction: Correction = field(
        default="holm", metadata=held(check.one_of(*get_args(Correction)), only_compare=True)
    )
    levels: tuple[str, ...] | tuple[float, ...] | None = field(default=None, metadata=held(check.levels))
    min_effect: float | None = field(default=None, metadata=held(check.min_effect))
    knob_scale: KnobScale = field(default="linear", metadata=held(check.one_of(*get_args(KnobScale))))
    metric_scale: MetricScale = field(default="linear", metadata=held(check.one_of(*get_args(MetricScale))))
    design: DesignChoice = field(default="auto", metadata=held(check.one_of(*get_args(DesignChoice))))
    bounds: Bounds = field(default=None, metadata=held(check.bounds))
    paired: bool = field(default=False, metadata=held(check.truth))
    quiet_fraction: float = field(default=0.5, metadata=held(check.between(0, 1, "The default is 0.5.")))
    calibrate: bool = field(default=False, metadata=held(check.truth))
    alpha: float = field(default=0.05, metadata=held(check.between(0, 0.5, "The default is 0.05.")))
    across: Across = field(default="mean", metadata=held(check.one_of(*get_args(Across))))
    across_seeds: AcrossSeeds = field(default="mean", metadata=held(check.one_of(*get_args(AcrossSeeds))))
    short_seeds: ShortSeeds = field(default="drop", metadata=held(check.one_of(*get_args(ShortSeeds))))
    looks: tuple[int, ...] | None = field(default=None, metadata=held(check.looks))
    where: Mapping[str, Any] | None = field(default=None, metadata=held(check.where))
    aggregate: Aggregate | None = field(default=None, metadata=held(check.one_of(None, *get_args(Aggregate))))
    runs: Mapping[str, Any] | None = field(default=None, metadata=held(check.runs, outside=True))
    read: Mapping[str, Any] | None = field(default=None, metadata=held(check.read, outside=True))
    quantity: str | None = field(default=None, metadata=held(check.text, outside=True))
    computed: str | None = field(default=None, metadata=held(check.text, outside=True))
    place: str | None = field(default=None, metadata=held(check.text, outside=True))
    role: Role = field(default="core", metadata=held(check.one_of(*get_args(Role)), outside=True))
    expect: Expect = field(default="present", metadata=held(check.one_of(*get_args(Expect)), outside=True))
    why: str | None = field(default=None, metadata=held(check.text, outside=True))
    exclusive_with: tuple[str, ...] = field(default=(), metadata=held(check.texts, outside=True))
    seeds: int | Mapping[str, int] | None = field(default=None, metadata=held(check.seeds, outside=True))
    cost_per_run: float | None = field(default=None, metadata=held(check.cost, outside=True))
    forecast: Mapping[str, Any] | None = field(default=None, metadata=held(promised.forecast, outside=True))
    suggested_by: tuple[str, ...] = field(default=(), metadata=held(check.hashes, outside=True))

    def __repr__(self) -> str:
        """Return the call that makes it: the fields that are not as they are by default."""
        held = {each.name: (getattr(self, each.name), each.default) for each in fields(self)}
        said = [f"{name}={value!r}" for name, (value, default) in held.items() if value != default]
        return f"Signature({', '.join(said)})"

    if TYPE_CHECKING:
        # What may be passed is wider than what is stored.
        def __init__(
            self,
            *,
            shape: Shape | str | Mapping[str, Any],
            name: str | None = None,
            data: str | os.PathLike[str] | None = None,
            knob: str | None = None,
            metric: str | None = None,
            seed: str | None = None,
            condition: str | None = None,
            treatment: object = None,
            control: object = None,
            baseline: object = None,
            item: str | None = None,
            over: object = ("seed",),
            correction: Correction = "holm",
            levels: object = None,
            min_effect: float | str | None = None,
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
            runs: Mapping[str, Any] | None = None,
            read: Mapping[str, Any] | None = None,
            quantity: str | None = None,
            computed: str | None = None,
            place: str | None = None,
            role: Role = "core",
            expect: Expect = "present",
            why: str | None = None,
            exclusive_with: str | Sequence[str] = (),
            seeds: int | Mapping[str, int] | None = None,
            cost_per_run: float | None = None,
            forecast: Mapping[str, Any] | None = None,
            suggested_by: str | Sequence[str] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        values, problems = normalised(given, CHECKS)
        problems = problems or contradictions(values)
        if problems:
            raise SignatureError(listed("the signature", [message for _, message in problems]))
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def in_use(self) -> tuple[str, ...] | None:
        """Treatments and controls; None where every condition that is no control is a treatment."""
        return None if self.treatment is None else (*self.treatment, *(self.control or ()))

    @property
    def order(self) -> tuple[str, ...] | None:
        """The levels of a knob of words in their order; None where they are numbers or not declared."""
        return self.levels if self.levels and isinstance(self.levels[0], str) else None

    @property
    def planned_levels(self) -> tuple[float, ...] | None:
        """The numbers at which the knob is planned to be run, of those that `where` keeps; None without such a plan."""
        if self.levels is None or self.order is not None:
            return None
        wanted = (self.where or {}).get(self.knob or "knob")
        return tuple(float(each) for each in self.levels if wanted is None or meet(wanted, each))

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> "Signature":
        """Read the signature of a card that holds exactly one.

        Parameters
        ----------
        path : str or path-like
            The card.

        Returns
        -------
        Signature
            Its only signature.

        Raises
        ------
        CardError
            If the card cannot be used, or holds several signatures.
        """
        card = toml.read(path)
        _, signatures = parts_of(card)
        card.refuse()
        if len(signatures) > 1:
            names = tuple(each.name for each in signatures)
            raise CardError(
                f"card {card.name} holds {len(signatures)} signatures; one was asked for. "
                f"Read them all with Card.from_toml and choose among {names}."
            )
        return signatures[0]

    def to_toml(self) -> str:
        """Return the signature as a card; what equals its default is left out.

        Returns
        -------
        str
            TOML, from which an equal signature is read.

        Examples
        --------
        >>> print(Signature(shape="increasing", metric="score", min_effect=2).to_toml(), end="")
        [[signature]]
        metric = "score"
        shape = "increasing"
        min_effect = 2.0
        """
        return toml.table("[[signature]]", without_defaults(self) | {"shape": _spelled(self.shape)})


CHECKS = {each.name: each.metadata["check"] for each in fields(Signature)}
# The fields of a claim along a knob: none that are outside the claim, and none of claims without a knob.
CLAIM = tuple(
    each.name for each in fields(Signature) if not (each.metadata["outside"] or each.metadata["only_compare"])
)
# Fields that only claims without a knob have, and those that only claims along one have.
COMPARED = tuple(each.name for each in fields(Signature) if each.metadata["only_compare"])
ALONG = (
    "knob",
    "levels",
    "knob_scale",
    "bounds",
    "paired",
    "calibrate",
    "across",
    "across_seeds",
    "short_seeds",
)


def parts_of(card: toml.CardFile) -> tuple[Idea | None, list[Signature]]:
    """Return the idea and the signatures of a card; what is wrong with them is noted in the card file."""
    _check_top(card)
    idea = idea_of(card)
    tables = card.tables.get("signature")
    if not isinstance(tables, list):
        return idea, []
    read = [_signature_of(table, number, card) for number, table in enumerate(tables, start=1)]
    return idea, [each for each in read if each is not None]


def _check_top(card: toml.CardFile) -> None:
    for key in card.tables:
        if key not in ("idea", "signature"):
            hint = did_you_mean(key, ("idea", "signature"))
            message = (
                f"there is no key {shown(key)}; the top of a card holds [idea] and [[signature]]. {hint}"
            )
            card.note(message.rstrip(), table=key)
    tables = card.tables.get("signature")
    if tables is None or tables == []:
        card.note("there is no signature; a card declares at least one [[signature]].")
    elif not isinstance(tables, list):
        message = "`signature` must be a list of tables; write [[signature]], with two brackets, above each."
        card.note(message, table="signature")


def _signature_of(table: object, number: int, card: toml.CardFile) -> Signature | None:
    if not isinstance(table, dict):
        message = f"`signature` holds {shown(table)}; it must hold tables."
        card.note(message, table="signature", number=number)
        return None
    problems = toml.unknown_keys(table, "a signature", CHECKS)
    if "shape" not in table:
        problems.append(("", '`shape` is missing; every signature predicts one, as in: shape = "increasing"'))
    values, wrong = normalised({key: value for key, value in table.items() if key in CHECKS}, CHECKS)
    problems += wrong + contradictions(values)
    for key, message in problems:
        card.note(message, table="signature", number=number, name=table.get("name"), key=key)
    return None if problems else Signature(**values)


def _spelled(shape: Shape) -> object:
    """Return a shape as a card says it: its name, or a table of its name and options."""
    options = {key: value for key, value in shape.options().items() if value is not None}
    return {"name": shape.name, **options} if options else shape.name


def contradictions(values: Mapping[str, Any]) -> Problems:
    """Return contradictions between fields, each of which is valid."""
    problems = _shared_columns(values)
    shape = values.get("shape")
    if isinstance(shape, Shape):
        problems += _misplaced(values, shape)
    if isinstance(shape, Shape):
        scales = {name: str(values.get(name, "linear")) for name in ("metric_scale", "knob_scale")}
        message = shape.contradiction(min_effect=values.get("min_effect"), **scales)
        problems += [] if message is None else [("shape", message)]
        problems += _words_without_log(values, shape) + promised.against_forecast(values, shape)
    both = sorted(set(values.get("treatment") or ()) & set(values.get("control") or ()))
    if both:
        message = (
            f"`control` names {', '.join(map(repr, both))}, which is also a `treatment`; a condition is one "
            "or the other. Leave it out of one of them."
        )
        problems.append(("control", message))
    if values.get("paired") and values.get("control") is None:
        message = "`paired` is True, but there is no `control` to pair with. Name the control."
        problems.append(("paired", message))
    if values.get("paired") and values.get("design") == "independent":
        message = (
            "`paired` is True, but `design` is 'independent', where no seed is seen twice. Use the design "
            "'repeated', or leave `paired` out."
        )
        problems.append(("paired", message))
    return problems + _against_majority(values)


def _words_without_log(values: Mapping[str, Any], shape: Shape) -> Problems:
    """Return that words have no logarithm, where the shape is about it."""
    words = [each for each in values.get("levels") or () if isinstance(each, str)]
    if not words or shape.knob_scale != "log":
        return []
    message = (
        f"`levels` are words, as {words[0]!r}, and the shape {shape.name!r} needs their logarithm. Make the knob a "
        "column of numbers."
    )
    return [("levels", message)]


def _against_majority(values: Mapping[str, Any]) -> Problems:
    """Return what contradicts a claim on most seeds."""
    if values.get("across_seeds") != "majority":
        return []
    given, shape, problems = "`across_seeds` is 'majority', but", values.get("shape"), []
    if isinstance(shape, Shape) and not shape.counts_seeds:
        others = tuple(sorted(name for name, each in SHAPES.items() if each.examples()[0].counts_seeds))
        what = (
            "is about the mean curve at every level, where the noise of one seed would decide"
            if not shape.sized
            else "has parts that only the mean curve can show"
        )
        flat = (
            " Or predict 'increasing' with a `min_effect`: the verdict is absent where most seeds stay below it."
            if shape.name == "flat"
            else ""
        )
        message = (
            f"{given} the shape {shape.name!r} {what}; seeds can be counted for {others}. Predict one of these, or "
            f"leave `across_seeds` out.{flat}"
        )
        problems.append(("across_seeds", message))
    if values.get("design") == "independent":
        message = (
            f"{given} `design` is 'independent', where no seed is seen twice; only a seed that is followed along the "
            "knob can show the claim or not. Use the design 'repeated', or leave `across_seeds` out."
        )
        problems.append(("across_seeds", message))
    several = values.get("treatment") or ()
    if values.get("across") == "each" or len(several) > 1:
        found = (
            "`across` is 'each'" if values.get("across") == "each" else f"there are {len(several)} treatments"
        )
        message = (
            f"{given} {found}; a majority is that of the seeds of one treatment. Declare one signature for each "
            "treatment, and leave `across` out."
        )
        problems.append(("across_seeds", message))
    return problems


def _misplaced(values: Mapping[str, Any], shape: Shape) -> Problems:
    """Return fields that belong to a knob where there is none, and the other way round."""
    defaults = {each.name: each.default for each in fields(Signature)}
    others = ALONG if shape.against_baseline else COMPARED
    given = [name for name in others if values.get(name, defaults[name]) != defaults[name]]
    about = "has no knob" if shape.against_baseline else "runs along a knob"
    problems: Problems = [(name, f"the claim {shape.name!r} {about}; leave `{name}` out.") for name in given]
    if shape.against_baseline:
        return problems + _without_knob(values, shape)
    if "item" in values.get("over", ()):
        column = values.get("item") or "question"
        message = (
            f"`over` is {values['over']}, but the claim {shape.name!r} runs along a knob, where it is about new runs "
            "on these items: leave `over` out. For new items, use sigstats.hierarchical_slopes(data, "
            f"item={column!r}, ...), which gives the mean slope over new runs and new items."
        )
        problems.append(("over", message))
    if isinstance(values.get("min_effect"), Share):
        message = (
            f"`min_effect` is {values['min_effect']}, a part of the mean of a baseline, which the claim {shape.name!r} "
            "does not have. Give it in units of the metric."
        )
        problems.append(("min_effect", message))
    return problems


def _without_knob(values: Mapping[str, Any], shape: Shape) -> Problems:
    problems: Problems = []
    baseline, share = values.get("baseline"), isinstance(values.get("min_effect"), Share)
    if baseline is None:
        message = f'the claim {shape.name!r} compares with a baseline; name it, as in baseline = "adamw".'
        problems.append(("baseline", message))
    for role in ("treatment", "control"):
        if baseline is not None and baseline in (values.get(role) or ()):
            problems.append(
                (role, f"`{role}` names {baseline!r}, which is the `baseline`. Leave it out of one.")
            )
    if values.get("control") and shape.name not in ("higher", "lower"):
        message = f"`control` is given, but the claim {shape.name!r} takes none: it is about no effect. Leave it out."
        problems.append(("control", message))
    if values.get("looks"):
        message = (
            f"`looks` are planned, but what they cost is not known for the claim {shape.name!r}, which has no knob. "
            "Leave `looks` out and compare once, at the planned number of seeds; or predict a shape along a knob."
        )
        problems.append(("looks", message))
    if share and values.get("metric_scale", "linear") != "linear":
        message = "`min_effect` is a part of the baseline's mean, which only metric_scale 'linear' has. Give a number."
        problems.append(("min_effect", message))
    if "item" in values.get("over", ()) and values.get("item") is None:
        message = "`over` names 'item', but no column of items is given. Name it, as in item = \"question\"."
        problems.append(("over", message))
    return problems


def _shared_columns(values: Mapping[str, Any]) -> Problems:
    problems: Problems = []
    roles: dict[str, str] = {}
    for role in COLUMNS:
        column = values.get(role)
        if column is not None and column in roles:
            message = f"`{role}` and `{roles[column]}` both name column {column!r}; each has one of its own."
            problems.append((role, message))
        elif column is not None:
            roles[column] = role
    return problems
