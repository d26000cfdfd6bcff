"""Parts of the data judged by ray."""

from typing import TYPE_CHECKING, Any, cast

from sigstats.errors import missing_extra
from sigstats.studies.screen.engines.part import Task
from sigstats.studies.screen.engines.split import parts_of

if TYPE_CHECKING:
    import pandas as pd


def judge(data: Any, task: Task, n_jobs: int) -> "pd.DataFrame":  # noqa: ANN401 - see screen
    """Return the rows of all parts; a ray data set is repartitioned so that each key is in one block."""
    try:
        import ray
    except ImportError:
        raise missing_extra("ray", "ray", "engine='ray'") from None
    if isinstance(data, ray.data.Dataset):
        blocks = data.repartition(max(n_jobs, data.num_blocks()), keys=list(task.by))
    else:
        blocks = ray.data.from_pandas(parts_of(data, task.by, n_jobs))
    judged: pd.DataFrame = blocks.map_batches(
        cast("Any", task), batch_size=None, batch_format="pandas"
    ).to_pandas()
    return judged
