"""Parts of clauses on their own, and scores of several tables as one block."""

import numpy as np
import pytest

from sigstats.evidence.clauses import _largest_below, _opposite_everywhere
from sigstats.evidence.parts import Part, Scored, alone
from sigstats.evidence.ranges import as_fractions
from sigstats.evidence.shape_scores import _stacked
from sigstats.shapes import Scores
from sigstats.stats.blocks import SingleTableError
from sigstats.stats.scores.combine import combine, mean_of

ROWS = np.arange(12.0).reshape(4, 3)


def test_a_part_alone_is_the_only_one():
    """As scores, with their splits, and as contrasts of level means."""
    part = Part(at=1.0, about=None, conditions=(0,), places=(1,))
    scores = Scores(parts=ROWS, every=np.stack([ROWS, -ROWS], axis=-1))
    (found,) = alone([Scored(ids=np.arange(4), scores={"rise": scores}, contrasts={})], part, "rise")
    assert found.scores["rise"].parts.tolist() == ROWS[:, 1:2].tolist()
    assert found.scores["rise"].every.shape == (4, 1, 2)
    contrasts = tuple(mean_of(column) for column in ROWS.T)
    (found,) = alone([Scored(ids=np.arange(4), scores={}, contrasts={"rise": contrasts})], part, "rise")
    assert found.contrasts == {"rise": contrasts[1:2]}


@pytest.mark.parametrize("other", [{"n_start": 1}, {"stretch": 1.5}, {"reach": 0.5}, {"at": np.arange(3.0)}])
def test_scores_that_are_not_alike_make_no_block(other):
    """Their tables are judged one by one."""
    first = Scores(parts=ROWS)
    assert _stacked([first, Scores(parts=-ROWS)]).parts.shape == (2, 4, 3)
    with pytest.raises(SingleTableError):
        _stacked([first, Scores(parts=ROWS, **other)])
    with pytest.raises(SingleTableError):
        _stacked([first, Scores(parts=ROWS[:, :2])])


def test_a_split_at_which_nothing_varies_has_no_pvalue():
    """Not even where another one has."""
    assert np.isnan(_largest_below(np.column_stack([ROWS[:, 0], np.ones(4)]), 2.0))
    assert 0 < _largest_below(ROWS[:, :1], 2.0) < 1


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_shares_of_a_range_do_not_overflow(size):
    """Levels of any size lie at the same shares."""
    levels = size * np.array([-1.0, 0.0, 1.0, 1.7])
    _, shares, ranges = as_fractions({"a": np.ones((3, 4))}, levels, fewest=3, level_wise=False, trim=True)
    assert shares == pytest.approx([0, 1 / 2.7, 2 / 2.7, 1])
    assert ranges == {"a": (levels[0], levels[-1])}


def test_of_several_splits_the_one_counts_whose_mean_may_be_largest():
    """With two standard errors: of three seeds, .5 with much spread may be more than .9 with none."""
    spread = np.array([0.5 - 0.45, 0.5, 0.5 + 0.45])
    splits = np.stack([np.full(3, 0.9), spread], axis=-1)[:, None, :]
    other = np.stack([np.full(3, 0.1), np.array([0.2, 0.21, 0.19])], axis=-1)[:, None, :]
    scored = [
        Scored(
            ids=np.arange(3) + 3 * at, scores={"rise": Scores(parts=each[..., 0], every=each)}, contrasts={}
        )
        for at, each in enumerate((splits, other))
    ]
    ids = [each.ids for each in scored]
    expected = combine([splits[:, 0, 1], other[:, 0, 1]], ids, [0.5, 0.5]).pvalue_below(1.0)
    assert _opposite_everywhere(scored, "rise", 1.0) == pytest.approx(expected)
