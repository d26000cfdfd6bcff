"""Blocks of tables, and what a screen keeps of the verdicts on them."""

import numpy as np
import pytest

import sigstats as ss
from sigstats.data.table.block import CellBlock
from sigstats.detection import verdict_on
from sigstats.studies.answers.pvalues import denied_pvalue, present_pvalue
from sigstats.studies.screen.judging import judge_block
from sigstats.studies.screen.rows import STATUSES, UNKNOWN

SEEDS = ("0", "1", "2", "3")


@pytest.fixture(scope="module")
def block():
    rng = np.random.default_rng(7)
    slopes = np.linspace(0.0, 2.0, 6)[:, None, None] * np.arange(5.0)
    own = slopes + rng.normal(size=(6, 4, 5))
    own[:, 1, 2] = np.nan
    return CellBlock(
        table_of=np.arange(6),
        conditions=("model", "shuffled"),
        seeds=(SEEDS, SEEDS),
        levels=np.arange(5.0),
        cells=(own, rng.normal(size=(6, 4, 5))),
    )


@pytest.mark.long
def test_a_row_holds_what_the_verdict_on_its_table_says(block):
    signature = ss.Signature(shape="increasing", control="shuffled")
    rows = judge_block(block, signature)
    for place in range(6):
        verdict = verdict_on(block.table(place), signature)
        assert verdict.status is STATUSES[rows.status[place]]
        assert verdict.reasons == rows.reasons[place]
        assert verdict.rule == rows.rule[place]
        ours = [rows.effect[place], rows.low[place], rows.pvalue[place], rows.absent_pvalue[place]]
        theirs = [verdict.effect.value, verdict.effect.low, present_pvalue(verdict), denied_pvalue(verdict)]
        assert ours == pytest.approx(theirs, rel=1e-9)
    assert {"present", "inconclusive"} <= {STATUSES[each] for each in rows.status}


def test_a_table_of_a_block_equals_the_table_that_its_rows_give(block):
    table = block.table(2)
    again = ss.SweepTable.from_frame(table.to_frame())
    assert again == table
    assert again.n_rows == table.n_rows
    assert [each.code for each in again.notes] == [each.code for each in table.notes]


def test_a_table_that_cannot_be_analysed_has_no_status_but_a_message(block):
    rows = judge_block(block, ss.Signature(shape="increasing", control="none such"))
    assert (rows.status == UNKNOWN).all()
    assert "none such" in rows.problem[0]
    assert (rows.pvalue == 1.0).all()


def test_part_of_a_block_has_its_tables(block):
    assert block.take(slice(2, 4)).table(1) == block.table(3)
