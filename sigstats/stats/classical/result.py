"""What the results of tests have in common: the null hypothesis, the p-value and where it comes from."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sigstats.stats.checks import Alternative

P = TypeVar("P", float, float | None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NullTest(Generic[P]):
    """Result of a test of a null hypothesis."""

    pvalue: P  # in (0, 1]; None where the data do not allow one, which is not evidence for anything
    log10_pvalue: P  # its decimal logarithm, right also where `pvalue` underflows
    # what counts against the null hypothesis: "two-sided", "greater" (a rise, or above the null value)
    # or "less"
    alternative: Alternative
    null: str  # the null hypothesis
    method: str  # which test, and how the p-value was obtained
