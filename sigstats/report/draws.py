"""Posterior draws as ArviZ data: the one place where ArviZ is imported."""

import importlib
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sigstats.stats.slopes_model import SlopesDraws

FloatArray = NDArray[np.float64]

SCALARS = ("mu_alpha", "mu_beta", "sigma", "sigma_alpha", "sigma_beta")
PER_SEED = ("alpha", "beta")
CHAINS = 4


def to_arviz(draws: "SlopesDraws", seeds: Sequence[str]) -> Any:  # noqa: ANN401 - its type depends on the version
    """Return draws as InferenceData (ArviZ before 1.0) or DataTree (from 1.0 on).

    Parameters
    ----------
    draws : SlopesDraws
        Joint draws of a random-slopes model.
    seeds : sequence of str
        Labels of the seeds, in the order of the columns of the draws.

    Returns
    -------
    arviz.InferenceData or xarray.DataTree
        Group ``posterior``; as draws are independent, they are dealt to four chains. ``alpha`` and ``beta`` have the
        dimension ``seed``.
    """
    with warnings.catch_warnings():
        # Version 0.23 announces version 1 when it is imported; that is no concern of the reader.
        warnings.simplefilter("ignore")
        arviz: Any = importlib.import_module("arviz")

    posterior = {name: _in_chains(getattr(draws, name)) for name in (*SCALARS, *PER_SEED)}
    shared = {"coords": {"seed": list(seeds)}, "dims": {name: ["seed"] for name in PER_SEED}}
    if int(arviz.__version__.split(".")[0]) >= 1:
        return arviz.from_dict({"posterior": posterior}, **shared)
    return arviz.from_dict(posterior=posterior, **shared)


def _in_chains(values: FloatArray) -> FloatArray:
    """Split independent draws into chains of equal length, the last few left out."""
    length = len(values) // CHAINS
    return values[: CHAINS * length].reshape(CHAINS, length, *values.shape[1:])
