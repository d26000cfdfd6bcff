"""What the reader must know of a comparison besides its answer."""

import numpy as np

from sigstats.data.table.cells import TableNote
from sigstats.signature.fields import Correction
from sigstats.signature.signature import Signature
from sigstats.studies.baseline.corrections import ALIKE
from sigstats.studies.baseline.evidence import Question, pairing
from sigstats.studies.baseline.record import Against


def not_dunnett(signature: Signature, correction: Correction, n: int) -> list[TableNote]:
    """Return a note where Holm's procedure takes the place of Dunnett's."""
    if signature.correction != "dunnett" or correction == "dunnett" or n < 2:
        return []
    message = (
        "Holm's correction takes the place of Dunnett's, which needs two runs in every condition and variances that "
        f"are alike (the largest at most {ALIKE:g} times the smallest)."
    )
    return [TableNote(code="not_dunnett", message=message, count=n)]


def notes_on(question: Question, rows: tuple[Against, ...]) -> list[TableNote]:
    """Return what the reader must know of the comparison."""
    found = []
    if any(row.pairing == "partly paired" for row in rows):
        message = (
            "Some runs share a label and some do not: those that do are paired, which keeps the error rate whatever "
            f"pairs have in common. Where labels merely count the runs, {pairing('independent')} finds more."
        )
        found.append(TableNote(code="partly_paired", message=message, count=len(rows)))
    if any(row.margin is not None and np.isnan(row.margin) for row in rows):
        message = "The margin is a part of the baseline's mean, which is not shown to differ from 0: it has no size."
        found.append(TableNote(code="no_relative_margin", message=message, count=len(rows)))
    few = [len(group.values) for group in question.groups.values()]
    if question.population != "items" and 3 <= min(few) < 6:
        message = f"With {min(few)} runs in a condition the tests rely on normally distributed runs."
        found.append(TableNote(code="small_sample", message=message, count=min(few)))
    return found
