"""Draws as ArviZ data: the one place where ArviZ and xarray are imported."""

import importlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]

CHAINS = 4
DIMS = {
    "condition_intercept": "condition",
    "condition_slope": "condition",
    "alpha": "seed",
    "beta": "seed",
    "y": "obs",
    "x": "obs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawGroups:
    """Draws and data by group, and the names of what the dimensions count."""

    # shape (n_draws, ...): DrawGroups of draws, such as posterior; as draws are independent, they are
    # dealt to four chains. A group without variables is left out
    sampled: Mapping[str, Mapping[str, Array]]
    constant: Mapping[str, Mapping[str, Array]]  # DrawGroups that were not drawn, such as observed_data
    attributes: Mapping[str, Mapping[str, str]]  # what is said about each group
    # conditions, seeds: one per condition and per seed, the latter told apart over conditions
    conditions: Sequence[str]
    seeds: Sequence[str]
    # obs_condition, obs_seed: condition and seed of each row of the table, by the user's own labels
    obs_condition: Sequence[str]
    obs_seed: Sequence[str]
    obs_level: Array  # shape (n_obs,): level of the knob in each row


def to_arviz(groups: DrawGroups) -> Any:  # noqa: ANN401 - its type depends on the version
    """Return groups of draws and data as InferenceData (ArviZ before 1.0) or DataTree (from 1.0 on)."""
    found = {
        name: _dataset(variables, groups, groups.attributes.get(name, {}), drawn=name in groups.sampled)
        for name, variables in {**groups.sampled, **groups.constant}.items()
        if variables
    }
    if int(version("arviz").split(".")[0]) >= 1:
        xarray: Any = importlib.import_module("xarray")
        return xarray.DataTree.from_dict(found)
    with warnings.catch_warnings():
        # Version 0.23 announces version 1 when it is imported; the reader need not know.
        warnings.simplefilter("ignore")
        arviz: Any = importlib.import_module("arviz")
    return arviz.InferenceData(**found)


def _dataset(
    variables: Mapping[str, Array], groups: DrawGroups, attributes: Mapping[str, str], *, drawn: bool
) -> "xarray.Dataset":
    """Return one group with named dimensions."""
    import xarray as xr

    lead = ["chain", "draw"] if drawn else []
    arrays = {
        name: ([*lead, DIMS[name]] if name in DIMS else lead, _in_chains(values) if drawn else values)
        for name, values in variables.items()
    }
    dims = {dim for names, _ in arrays.values() for dim in names}
    coords: dict[str, Any] = {
        "condition": list(groups.conditions),
        "seed": list(groups.seeds),
        "obs": np.arange(len(groups.obs_level)),
    }
    if drawn:
        coords |= {"chain": np.arange(CHAINS), "draw": np.arange(next(iter(arrays.values()))[1].shape[1])}
    coords = {name: values for name, values in coords.items() if name in dims}
    if "obs" in dims:
        own = {"condition": groups.obs_condition, "seed": groups.obs_seed, "level": groups.obs_level}
        coords |= {name: ("obs", np.asarray(values)) for name, values in own.items()}
    return xr.Dataset(arrays, coords=coords, attrs={"inference_library": "sigstats", **attributes})


def _in_chains(values: Array) -> Array:
    """Deal independent draws to chains of equal length."""
    return values.reshape(CHAINS, len(values) // CHAINS, *values.shape[1:])
