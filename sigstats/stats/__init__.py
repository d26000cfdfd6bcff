"""Statistics on plain arrays: no data frames, no columns, no verdicts.

Each function answers one question, names its null hypothesis, and returns a small frozen result. A function is
loaded when it is first asked for, so that `import sigstats` stays quick.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigstats.stats.bayes.random_effects import random_effects
    from sigstats.stats.bayes.random_slopes import random_slopes
    from sigstats.stats.classical.clustered import cluster_robust
    from sigstats.stats.classical.contrast_weights import polynomial_contrast, shape_contrast
    from sigstats.stats.classical.equivalence import tost
    from sigstats.stats.classical.group_contrasts import contrast_test, max_contrast
    from sigstats.stats.classical.multiplicity import adjust
    from sigstats.stats.classical.ordered import cuzick, jonckheere, page
    from sigstats.stats.classical.serial import hamed_rao, seasonal_mann_kendall, yue_wang
    from sigstats.stats.classical.sign_flips import sign_flip, sign_flip_family
    from sigstats.stats.classical.sign_trend import cox_stuart
    from sigstats.stats.classical.trend import mann_kendall, theil_sen
    from sigstats.stats.classical.umbrella import mack_wolfe
    from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap

_MODULES = {
    "adjust": "classical.multiplicity",
    "cluster_robust": "classical.clustered",
    "contrast_test": "classical.group_contrasts",
    "cox_stuart": "classical.sign_trend",
    "cuzick": "classical.ordered",
    "hamed_rao": "classical.serial",
    "jonckheere": "classical.ordered",
    "mack_wolfe": "classical.umbrella",
    "mann_kendall": "classical.trend",
    "max_contrast": "classical.group_contrasts",
    "page": "classical.ordered",
    "polynomial_contrast": "classical.contrast_weights",
    "random_effects": "bayes.random_effects",
    "random_slopes": "bayes.random_slopes",
    "seasonal_mann_kendall": "classical.serial",
    "shape_contrast": "classical.contrast_weights",
    "sign_flip": "classical.sign_flips",
    "sign_flip_family": "classical.sign_flips",
    "theil_sen": "classical.trend",
    "tost": "classical.equivalence",
    "wild_cluster_bootstrap": "classical.wild_bootstrap",
    "yue_wang": "classical.serial",
}

__all__ = [
    "adjust",
    "cluster_robust",
    "contrast_test",
    "cox_stuart",
    "cuzick",
    "hamed_rao",
    "jonckheere",
    "mack_wolfe",
    "mann_kendall",
    "max_contrast",
    "page",
    "polynomial_contrast",
    "random_effects",
    "random_slopes",
    "seasonal_mann_kendall",
    "shape_contrast",
    "sign_flip",
    "sign_flip_family",
    "theil_sen",
    "tost",
    "wild_cluster_bootstrap",
    "yue_wang",
]


def __getattr__(name: str) -> object:
    """Load a function when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module 'sigstats.stats' has no attribute {name!r}; it has {__all__}")
    found = getattr(importlib.import_module(f"sigstats.stats.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
