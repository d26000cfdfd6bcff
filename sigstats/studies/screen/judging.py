"""The verdicts on the tables of a block."""

from sigstats.data.table.block import CellBlock
from sigstats.detection import verdict_on
from sigstats.errors import SigstatsError
from sigstats.signature.signature import Signature
from sigstats.studies.screen.rows import Row, Rows, row_of, stacked


def judge_block(block: CellBlock, signature: Signature) -> Rows:
    """Return the rows of a block, in the order of its tables."""
    return stacked([_judged(block, place, signature) for place in range(block.n_tables)])


def _judged(block: CellBlock, place: int, signature: Signature) -> Row:
    try:
        return row_of(verdict_on(block.table(place), signature))
    except SigstatsError as error:
        # A table that cannot be analysed has no status, with the reason; it never counts as an answer.
        return Row(problem=str(error))
