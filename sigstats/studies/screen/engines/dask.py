"""Parts of the data judged by dask."""

from typing import TYPE_CHECKING, Any, cast

from sigstats.errors import missing_extra
from sigstats.studies.screen.engines.part import Task
from sigstats.studies.screen.engines.split import parts_of

if TYPE_CHECKING:
    import pandas as pd


def judge(data: Any, task: Task, n_jobs: int) -> "pd.DataFrame":  # noqa: ANN401 - see screen
    """Return the rows of all parts; a dask frame is shuffled so that each key is in one partition."""
    try:
        import dask.dataframe as dd
        from dask.base import compute
        from dask.delayed import delayed
    except ImportError:
        raise missing_extra("dask", "dask", "engine='dask'") from None
    import pandas as pd

    if isinstance(data, dd.DataFrame):
        whole = data.shuffle(on=list(task.by)) if data.npartitions > 1 else data
        judged: pd.DataFrame = whole.map_partitions(task, meta=task.empty(), enforce_metadata=False).compute()
        return judged
    parts = [delayed(task)(part) for part in parts_of(data, task.by, n_jobs)]
    found: pd.DataFrame = pd.concat(cast("Any", compute)(*parts), ignore_index=True)
    return found
