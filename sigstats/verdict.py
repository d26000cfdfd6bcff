"""Stage 4: evidence in, verdict out.

Nothing is computed here. `weigh` compares the numbers of the evidence with the bounds that the signature
declares, one `Criterion` per comparison, and condenses them into `Findings`; `decide` maps findings to a status
by a table of rules of which the first that applies wins. The table is total (its last row always applies) and
is printed in the documentation from the same objects that decide here.
"""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.evidence import Estimate, Evidence
from sigstats.signature import Signature

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Status(enum.StrEnum):
    """What is said of a signature."""

    PRESENT = "present"
    ABSENT = "absent"
    PARTIAL = "partial"
    INCONCLUSIVE = "inconclusive"


class Reason(enum.StrEnum):
    """Why a verdict is what it is, or what the reader must know beside it."""

    # why
    TOO_FEW_SEEDS = "too_few_seeds"
    TOO_FEW_LEVELS = "too_few_levels"
    REVERSES = "reverses"
    OPPOSITE = "opposite"
    BELOW_MIN_EFFECT = "below_min_effect"
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
    # beside it
    UNCONTROLLED = "uncontrolled"
    AVERAGE_ONLY = "average_only"
    CONTROL_OPPOSITE = "control_opposite"
    CONTROL_AT_BOUND = "control_at_bound"
    SMALL_SAMPLE = "small_sample"
    SKEWED_SCORES = "skewed_scores"
    DUPLICATE_SEEDS = "duplicate_seeds"
    IDENTICAL_ARMS = "identical_arms"
    SEEDS_EXCLUDED = "seeds_excluded"
    TABLE_NOTES = "table_notes"


class State(enum.StrEnum):
    """What the evidence says of one clause."""

    SHOWN = "shown"
    REFUTED = "refuted"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One comparison that was made.

    Attributes
    ----------
    name : str
        What was compared, such as ``"trend_pvalue"``.
    value : float
        The number in hand.
    relation : str
        ``"<="``, ``"<"``, ``">"`` or ``">="``.
    bound : float
        What it is held against.
    met : bool
        Whether the relation holds. A value that is not a number meets nothing.
    """

    name: str
    value: float
    relation: str
    bound: float
    met: bool

    def __str__(self) -> str:
        """Return the comparison as one line."""
        mark = "met" if self.met else "not met"
        return f"{self.name}: {self.value:.4g} {self.relation} {self.bound:.4g} ({mark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is needed to repeat a verdict.

    Attributes
    ----------
    data_hash : str
        SHA-256 of the table in canonical order.
    n_rows : int
        Rows that were used.
    entropy : int
        Entropy of the random generator.
    versions : tuple of (str, str)
        Names and versions of sigstats, Python and the numerical packages.
    """

    data_hash: str
    n_rows: int
    entropy: int
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one signature on one table.

    Attributes
    ----------
    status : Status
        ``"present"``, ``"absent"``, ``"partial"`` or ``"inconclusive"``.
    reasons : tuple of Reason
        Why; empty for a plain *present*.
    notes : tuple of Reason
        What the reader must know beside it.
    rule : int
        Number of the row of the verdict table that applied.
    criteria : tuple of Criterion
        Every comparison that was made.
    scope : tuple of float or None
        Part of the knob's range in which the shape holds (low, high); None when nowhere shown.
    effect : Estimate or None
        Oriented mean effect of the treatments: positive means the predicted direction.
    contrast : Estimate or None
        Treatment minus control, oriented; None without a control.
    evidence : Evidence
        The statistics behind it.
    signature : Signature
        What was predicted.
    provenance : Provenance
        What is needed to repeat it.
    """

    status: Status
    reasons: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    rule: int
    criteria: tuple[Criterion, ...]
    scope: tuple[float, float] | None
    effect: Estimate | None
    contrast: Estimate | None
    evidence: Evidence
    signature: Signature
    provenance: Provenance

    def __str__(self) -> str:
        """Return status, signature and reasons as one line."""
        from sigstats.report import text

        return text.headline(self)

    def table(self) -> "pd.DataFrame":
        """Return one row per condition: role, seeds, levels, effect with bounds, tau and p-value."""
        from sigstats.report import frames

        return frames.condition_table(self)

    def summary(self) -> str:
        """Return the verdict, its reasons and its numbers as text for a terminal."""
        from sigstats.report import text

        return text.summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for strict JSON."""
        from sigstats.report import plain

        return plain.to_dict(self)

    def to_json(self) -> str:
        """Return strict JSON with a schema version."""
        from sigstats.report import plain

        return plain.to_json(self)

    def to_markdown(self) -> str:
        """Return the report as Markdown."""
        from sigstats.report import markdown

        return markdown.render(self)

    def to_html(self) -> str:
        """Return the report as one self-contained, escaped HTML page with its figure."""
        from sigstats.report import html

        return html.page(self)

    def to_latex(self) -> str:
        """Return the report's table as LaTeX."""
        from sigstats.report import latex

        return latex.render(self)

    def plot(self) -> "Figure":
        """Return the figure: curves of treatment and control, scores with the interval, verdict in the title."""
        from sigstats.report import figures

        return figures.verdict_figure(self)

    def _repr_html_(self) -> str:
        """Return the part of the report that a notebook shows."""
        from sigstats.report import html

        return html.fragment(self)
