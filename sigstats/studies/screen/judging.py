"""The verdicts on the tables of a block."""

import numpy as np

from sigstats.data.table.block import CellBlock
from sigstats.detection.blocks import verdicts_on_block
from sigstats.signature.signature import Signature
from sigstats.studies.screen.rows import TYPES, Row, Rows, fields_of_rows, row_of


def judge_block(block: CellBlock, signature: Signature) -> Rows:
    """Return the rows of a block, in the order of its tables."""
    columns = {name: np.empty(block.n_tables, dtype=TYPES.get(name, np.float64)) for name in fields_of_rows()}
    for part in verdicts_on_block(block, signature):
        row = Row(problem=str(part.error)) if part.verdict is None else row_of(part.verdict)
        for name, column in columns.items():
            value = getattr(row, name)
            if TYPES.get(name) is object:
                for at in part.tables:
                    column[at] = value
            else:
                column[part.tables] = value
    return Rows(**columns)
