"""Rows that are no runs: means, deviations and totals that stand in a column of seeds."""

import re

SUMMARY = frozenset({
    "agg", "aggregate", "aggregated", "all", "average", "averaged", "avg", "best", "ci", "confidence", "conf",
    "deviation", "ensemble", "err", "error", "gesamt", "iqm", "iqr", "max", "maximum", "mean", "means", "median", "min",
    "minimum",
    "mittel", "mittelwert", "moyenne", "overall", "percentile", "quantile", "range", "sd", "se", "sem", "stat", "std",
    "stddev", "stderr", "stdev", "sum", "summary", "summe", "total", "totals", "var", "variance", "worst",
})  # fmt: skip
# Words that may stand beside them; digits may as well.
BESIDE = frozenset({
    "a", "across", "bound", "by", "dev", "high", "hi", "interval", "lo", "low", "lower", "n", "of", "over", "p", "pm",
    "q", "row", "run", "runs", "score", "seed", "seeds", "standard", "the", "trial", "trials", "up", "upper", "value",
})  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")
LONG = 40


def is_summary_name(name: str) -> bool:
    """Return whether an id names a summary over runs, such as 'mean', 'ci95' or 'std (5 seeds)'."""
    if len(name) > LONG:
        return False
    words = [word.casefold() for word in WORD.findall(name)]
    known = all(word in SUMMARY or word in BESIDE for word in words)
    return known and any(word in SUMMARY for word in words)
