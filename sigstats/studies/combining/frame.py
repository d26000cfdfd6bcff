"""Several studies as tables for other programs."""

from typing import TYPE_CHECKING

from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.record import CombinedRecord, ReplicationRecord
from sigstats.studies.combining.study import StudyEffect

if TYPE_CHECKING:
    import pandas as pd


def frame(found: CombinedRecord) -> "pd.DataFrame":
    """Return one row per study, then the mean and the next study."""
    from sigstats.data.table.frames import told

    together = (("mean", found.mean), ("next study", found.next_study))
    return told(
        [
            *(_study(each) for each in found.studies),
            *(_row(name, "", estimate) for name, estimate in together),
        ]
    )


def replication_frame(found: ReplicationRecord) -> "pd.DataFrame":
    """Return a row for the original, the new study, their difference and the prediction."""
    from sigstats.data.table.frames import told

    status = str(found.status)
    rows = [
        _study(found.original),
        _study(found.new),
        _row("difference", status, found.difference),
        _row("prediction", "", found.prediction),
    ]
    return told(rows)


def _study(study: StudyEffect) -> dict[str, object]:
    row = _row(study.name, study.status, study.effect)
    return {**row, "se": study.se, "df": study.df, "seeds": study.n_seeds, "data_hash": study.data_hash}


def _row(name: str, status: str, estimate: Estimate) -> dict[str, object]:
    return {
        "study": name,
        "effect": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "confidence": estimate.confidence,
        "status": status,
    }
