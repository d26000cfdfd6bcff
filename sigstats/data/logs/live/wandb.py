"""Runs of the public API of Weights & Biases, as its package gives them."""

from collections.abc import Iterable, Sized
from os import PathLike
from typing import Any

import numpy as np

from sigstats.data.logs.formats.wandb import WandbRun, run_of_api
from sigstats.data.logs.live.store import Store
from sigstats.data.logs.runs import Runs
from sigstats.data.progress import progress
from sigstats.errors import OptionError

__all__ = ["read_wandb"]


def read_wandb(
    runs: Iterable[WandbRun],
    *,
    folder: str | PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401 - the options of read_runs
) -> Runs:
    """Fetch runs of the public API of Weights & Biases.

    Parameters
    ----------
    runs : iterable
        What ``wandb.Api().runs("entity/project")`` returns, or a list of such runs. wandb is not needed otherwise.
    folder : str or path-like, optional
        Where to keep the runs, one file each. With it, an interrupted call goes on where it stopped, and only runs
        that had not ended are fetched again. By default, a temporary folder.
    **options
        As in `read_runs`: ``metrics``, ``config``, ``step``, ``pattern``, ``levels``, ``extra``, ``n_jobs``.

    Returns
    -------
    Runs
        Named by their ids, with the whole history of each (``scan_history``, which does not sample); the display name
        is the setting ``wandb.name``.

    Raises
    ------
    OptionError
        If `runs` is not what the API returns.

    Notes
    -----
    *Assumptions.* Each run has ``id``, ``name``, ``state``, ``config`` and ``scan_history()``, as documented [1]_. What
    the network does is left to wandb: its errors pass through, and what was fetched before stays in `folder`.

    References
    ----------
    .. [1] Weights & Biases, "Public API: Run", https://docs.wandb.ai/ref/python/public-api/run.

    Examples
    --------
    >>> class Run:
    ...     id, name, state, config = "x1", "adam", "finished", {"lr": 0.1, "seed": 0}
    ...     def scan_history(self):
    ...         return [{"_step": 0, "loss": 1.0}, {"_step": 1, "loss": 0.5}]
    >>> read_wandb([Run()]).sweep(knob="step", metric="loss")
       step  loss  seed run
    0     0   1.0     0  x1
    1     1   0.5     0  x1
    """
    store = Store(folder)
    given: Any = runs
    if isinstance(given, str | np.ndarray) or not isinstance(given, Iterable):
        raise OptionError(f"`runs` is {runs!r}; it must be what wandb.Api().runs('entity/project') returns.")
    with progress("fetching runs", len(runs) if isinstance(runs, Sized) else 0) as advance:
        for each in given:
            lacking = [name for name in ("state", "config", "scan_history") if not hasattr(each, name)]
            if lacking:
                raise OptionError(
                    f"`runs` holds {type(each).__name__}, which lacks {lacking[0]!r}, not a run of the API."
                )
            key = str(getattr(each, "id", each.name))
            if not store.has(key):
                store.put(key, run_of_api(each))
            advance()
    return store.runs(options)
