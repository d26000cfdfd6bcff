"""Parts of the data judged by Spark."""

import os
import sys
from typing import TYPE_CHECKING, Any

from sigstats.data.table.keyed.keys import NAME
from sigstats.errors import missing_extra
from sigstats.studies.screen.engines.part import ASKED, TEXT, WHOLE, Task
from sigstats.studies.screen.engines.split import parts_of

if TYPE_CHECKING:
    import pandas as pd

PART = "sigstats_part"


def judge(data: Any, task: Task, n_jobs: int) -> "pd.DataFrame":  # noqa: ANN401 - see screen
    """Return the rows of all parts, each of which holds all rows of its keys."""
    try:
        from pyspark.sql import SparkSession, functions, types
    except ImportError:
        raise missing_extra("pyspark", "spark", "engine='spark'") from None
    import pandas as pd

    if hasattr(data, "sparkSession"):
        frame = data
    else:
        session = SparkSession.getActiveSession() or _own_session(SparkSession.builder)
        frame = session.createDataFrame(pd.concat(parts_of(data, task.by, n_jobs), ignore_index=True))
    fields = [
        types.StructField(f"{NAME}{at}", frame.schema[name].dataType) for at, name in enumerate(task.by)
    ]
    for name in task.columns[len(task.by) :]:
        kind = (
            types.LongType()
            if name in (ASKED, *WHOLE)
            else types.StringType()
            if name in TEXT
            else types.DoubleType()
        )
        fields.append(types.StructField(name, kind))
    part = functions.pmod(
        functions.hash(*(functions.col(f"`{name}`") for name in task.by)), functions.lit(n_jobs)
    )

    strings = [field.name for field in fields if isinstance(field.dataType, types.StringType)]

    def judge_part(rows: "pd.DataFrame") -> "pd.DataFrame":
        return task(rows.drop(columns=PART)).astype(dict.fromkeys(strings, object))

    grouped = frame.withColumn(PART, part).groupBy(PART)
    judged: pd.DataFrame = grouped.applyInPandas(judge_part, schema=types.StructType(fields)).toPandas()
    return judged


def _own_session(builder: Any) -> Any:  # noqa: ANN401 - of pyspark, which has no stubs here
    """Return a session on this machine, whose workers run the Python that runs this, unless told otherwise."""
    own = "PYSPARK_PYTHON" not in os.environ
    if own:
        os.environ["PYSPARK_PYTHON"] = sys.executable
    try:
        return builder.getOrCreate()
    finally:
        if own:
            del os.environ["PYSPARK_PYTHON"]
