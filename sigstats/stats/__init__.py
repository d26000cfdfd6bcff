"""Statistics on plain arrays: no data frames, no columns, no verdicts.

Each function answers one question, names its null hypothesis, and returns a small frozen result. A function is
loaded when it is first used, so that the import is quick. Type checkers read the imports, the program reads
`_PLACES`: a new function goes into both, and a test compares them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigstats.stats.bayes.random_effects import random_effects as random_effects
    from sigstats.stats.bayes.random_slopes import random_slopes as random_slopes
    from sigstats.stats.classical.clustered import cluster_robust as cluster_robust
    from sigstats.stats.classical.contrast_weights import polynomial_contrast as polynomial_contrast
    from sigstats.stats.classical.contrast_weights import shape_contrast as shape_contrast
    from sigstats.stats.classical.empirical_null import EmpiricalNull as EmpiricalNull
    from sigstats.stats.classical.empirical_null import empirical_null as empirical_null
    from sigstats.stats.classical.equivalence import tost as tost
    from sigstats.stats.classical.group_contrasts import contrast_test as contrast_test
    from sigstats.stats.classical.group_contrasts import max_contrast as max_contrast
    from sigstats.stats.classical.multiplicity import adjust as adjust
    from sigstats.stats.classical.ordered import cuzick as cuzick
    from sigstats.stats.classical.ordered import jonckheere as jonckheere
    from sigstats.stats.classical.ordered import page as page
    from sigstats.stats.classical.serial import hamed_rao as hamed_rao
    from sigstats.stats.classical.serial import seasonal_mann_kendall as seasonal_mann_kendall
    from sigstats.stats.classical.serial import yue_wang as yue_wang
    from sigstats.stats.classical.sign_flips import sign_flip as sign_flip
    from sigstats.stats.classical.sign_flips import sign_flip_family as sign_flip_family
    from sigstats.stats.classical.sign_trend import cox_stuart as cox_stuart
    from sigstats.stats.classical.trend import mann_kendall as mann_kendall
    from sigstats.stats.classical.trend import theil_sen as theil_sen
    from sigstats.stats.classical.umbrella import mack_wolfe as mack_wolfe
    from sigstats.stats.classical.wild_bootstrap import wild_cluster_bootstrap as wild_cluster_bootstrap
    from sigstats.stats.looks.eprocess import t_eprocess as t_eprocess
    from sigstats.stats.looks.joint_law import alpha_per_look as alpha_per_look
    from sigstats.stats.looks.joint_law import error_over_looks as error_over_looks

_PLACES = {
    "bayes.random_effects": ("random_effects",),
    "bayes.random_slopes": ("random_slopes",),
    "classical.clustered": ("cluster_robust",),
    "classical.contrast_weights": ("polynomial_contrast", "shape_contrast"),
    "classical.empirical_null": ("EmpiricalNull", "empirical_null"),
    "classical.equivalence": ("tost",),
    "classical.group_contrasts": ("contrast_test", "max_contrast"),
    "classical.multiplicity": ("adjust",),
    "classical.ordered": ("cuzick", "jonckheere", "page"),
    "classical.serial": ("hamed_rao", "seasonal_mann_kendall", "yue_wang"),
    "classical.sign_flips": ("sign_flip", "sign_flip_family"),
    "classical.sign_trend": ("cox_stuart",),
    "classical.trend": ("mann_kendall", "theil_sen"),
    "classical.umbrella": ("mack_wolfe",),
    "classical.wild_bootstrap": ("wild_cluster_bootstrap",),
    "looks.eprocess": ("t_eprocess",),
    "looks.joint_law": ("alpha_per_look", "error_over_looks"),
}
_MODULE_OF = dict(sorted((name, module) for module, names in _PLACES.items() for name in names))
__all__ = list(_MODULE_OF)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load a function when it is first used."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'sigstats.stats' has no attribute {name!r}; it has {__all__}")
        found = getattr(importlib.import_module(f"sigstats.stats.{_MODULE_OF[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
