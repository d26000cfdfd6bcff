"""Why a verdict is what it is: one name for every reason and note."""

import enum
from typing import TYPE_CHECKING

from sigstats.shapes import SHAPES


class _WithClauses(enum.EnumType):
    """Lets type checkers accept the members that are made from the clauses of the shapes."""

    if TYPE_CHECKING:

        def __getattr__(cls, name: str) -> "Reason": ...


class Reason(enum.StrEnum, metaclass=_WithClauses):
    """Why a verdict is what it is, or what the reader must know besides.

    Members that belong to a clause come from the shapes: a clause names the reason of a verdict that refutes it, and
    a required one that of a verdict that leaves it unresolved.
    """

    # reasons
    TOO_FEW_SEEDS = "too_few_seeds"
    UNPLANNED_LOOK = "unplanned_look"
    TOO_FEW_ITEMS = "too_few_items"
    TOO_FEW_LEVELS = "too_few_levels"
    ALPHA_TOO_SMALL = "alpha_too_small"
    REVERSES = "reverses"
    OPPOSITE = "opposite"
    BELOW_MIN_EFFECT = "below_min_effect"
    NOT_EQUIVALENT = "not_equivalent"
    WORSE = "worse"
    TOO_FEW_FOR_MAJORITY = "too_few_for_majority"
    UNDERPOWERED = "underpowered"
    LINES_DISAGREE = "lines_disagree"
    ZERO_VARIANCE = "zero_variance"
    COMMON_SHIFT = "common_shift"
    WEAK = "weak"
    ARTIFACT = "artifact"
    UNSPECIFIC = "unspecific"
    SOME_CONDITIONS = "some_conditions"
    SIZE_UNRESOLVED = "size_unresolved"
    CONTROL_UNRESOLVED = "control_unresolved"
    RANGES_DO_NOT_OVERLAP = "ranges_do_not_overlap"
    WITHIN_CONTROLS = "within_controls"
    EACH_TREATMENT = "each_treatment"
    SURVIVORS = "survivors"
    ONSET_NEAR_END = "onset_near_end"
    # reasons of clauses
    _ignore_ = "shape clause reason"
    for shape in SHAPES.values():
        for clause in shape.all_clauses():
            for reason in clause.reasons:
                if reason.upper() not in vars():
                    vars()[reason.upper()] = reason
    # notes
    PLANNED_LOOK = "planned_look"
    UNCONTROLLED = "uncontrolled"
    AVERAGE_ONLY = "average_only"
    CONTROL_OPPOSITE = "control_opposite"
    CONTROL_AT_BOUND = "control_at_bound"
    CONTROL_CONSTANT = "control_constant"
    UNCALIBRATED = "uncalibrated"
    DOUBTFUL_CONTROLS = "doubtful_controls"
    SMALL_SAMPLE = "small_sample"
    SKEWED_SCORES = "skewed_scores"
    UNSEEN_SEEDS = "unseen_seeds"
    SEEDS_DISAGREE = "seeds_disagree"
    DUPLICATE_SEEDS = "duplicate_seeds"
    EQUAL_SEEDS = "equal_seeds"
    IDENTICAL_ARMS = "identical_arms"
    SEEDS_EXCLUDED = "seeds_excluded"
    LEVELS_LEFT_OUT = "levels_left_out"
    RANGE_DIFFERS = "range_differs"
    LEVELS_NOT_AS_PLANNED = "levels_not_as_planned"
    LOG_KNOB = "log_knob"
    LOG_METRIC = "log_metric"
    STEEP_ON_OTHER_SCALES = "steep_on_other_scales"
    STEEP_ON_THIS_SCALE = "steep_on_this_scale"
    OTHER_SHAPE = "other_shape"
    TABLE_NOTES = "table_notes"

    @classmethod
    def _missing_(cls, value: object) -> "Reason | None":
        """Make the member for a reason of a shape that was entered in `SHAPES` after this class was made."""
        late = (clause for shape in SHAPES.values() for clause in shape.all_clauses())
        if not isinstance(value, str) or not any(value in clause.reasons for clause in late):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = value.upper(), value
        cls._value2member_map_[value] = member
        return member
