"""Prior distributions in the units of the data, for the hierarchical models of `sigstats.stats`."""

from sigstats.stats.bayes.correlation import lkj
from sigstats.stats.bayes.priors import exponential, flat, half_cauchy, half_normal, half_t, normal

__all__ = ["exponential", "flat", "half_cauchy", "half_normal", "half_t", "lkj", "normal"]
