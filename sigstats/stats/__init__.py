"""Statistics on plain arrays: no data frames, no columns, no verdicts.

Each function answers one question, names its null hypothesis, and returns a small frozen result. A function is
loaded when it is first asked for, so that `import sigstats` stays quick.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigstats.stats.clustered import cluster_robust
    from sigstats.stats.contrast_weights import polynomial_contrast, shape_contrast
    from sigstats.stats.equivalence import tost
    from sigstats.stats.group_contrasts import contrast_test, max_contrast
    from sigstats.stats.hierarchical import random_slopes
    from sigstats.stats.multiplicity import adjust
    from sigstats.stats.ordered import cuzick, jonckheere, page
    from sigstats.stats.pooling import random_effects
    from sigstats.stats.serial import hamed_rao, seasonal_mann_kendall, yue_wang
    from sigstats.stats.sign_flips import sign_flip, sign_flip_family
    from sigstats.stats.sign_trend import cox_stuart
    from sigstats.stats.trend import mann_kendall, theil_sen
    from sigstats.stats.umbrella import mack_wolfe
    from sigstats.stats.wild_bootstrap import wild_cluster_bootstrap

_MODULES = {
    "adjust": "multiplicity",
    "cluster_robust": "clustered",
    "contrast_test": "group_contrasts",
    "cox_stuart": "sign_trend",
    "cuzick": "ordered",
    "hamed_rao": "serial",
    "jonckheere": "ordered",
    "mack_wolfe": "umbrella",
    "mann_kendall": "trend",
    "max_contrast": "group_contrasts",
    "page": "ordered",
    "polynomial_contrast": "contrast_weights",
    "random_effects": "pooling",
    "random_slopes": "hierarchical",
    "seasonal_mann_kendall": "serial",
    "shape_contrast": "contrast_weights",
    "sign_flip": "sign_flips",
    "sign_flip_family": "sign_flips",
    "theil_sen": "trend",
    "tost": "equivalence",
    "wild_cluster_bootstrap": "wild_bootstrap",
    "yue_wang": "serial",
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
