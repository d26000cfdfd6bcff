"""Parts of clauses on their own, and scores of several tables as one block."""

import numpy as np
import pytest

from sigstats.evidence.clauses import _largest_below, _opposite_everywhere
from sigstats.evidence.largest import _mean_of, _places
from sigstats.evidence.part_means import UNKNOWN, _of_contrasts
from sigstats.evidence.parts import Part, Scored, alone, parts_of
from sigstats.evidence.ranges import as_fractions
from sigstats.evidence.seeds import SeedRows, _agreed_order
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


def test_parts_with_words_keep_their_order_and_levels_are_sorted():
    """Words stand in the order of the shape's clauses."""
    scores = {"rise": Scores(parts=ROWS)}
    words = ("late", "early", "middle")
    named = Scored(ids=np.arange(4), scores=scores, contrasts={}, about={"rise": words})
    assert tuple(each.about for each in parts_of([named], "rise")) == words
    levels = Scored(ids=np.arange(4), scores=scores, contrasts={}, at={"rise": np.array([4.0, 1.0, 2.0])})
    assert [each.at for each in parts_of([levels], "rise")] == [1.0, 2.0, 4.0]


def test_the_mean_over_conditions_has_the_standard_error_of_a_mean():
    """Of independent ones."""
    scored = [Scores(parts=sign * ROWS, every=np.stack([sign * ROWS, ROWS**2], axis=-1)) for sign in (1, -1)]
    places = [_places(each) for each in scored]
    found = _mean_of(places)
    assert found.mean == pytest.approx(np.mean([each.mean for each in places], axis=0))
    assert found.se**2 == pytest.approx(sum(each.se**2 for each in places) / 4)


def test_many_conditions_have_no_order_to_agree_on():
    """Of few, the tables of a block have one order each."""
    curves = np.arange(24.0).reshape(1, 2, 12)[..., ::-1]
    rows = {
        name: SeedRows(
            seeds=(), curves=curves + at, n_copies=0, n_equal=0, short=(), ends=(0, 11), n_trimmed=0
        )
        for at, name in enumerate("fedcba")
    }
    assert _agreed_order(["d", "f", "e"], rows) == ["f", "e", "d"]
    with pytest.raises(SingleTableError):
        _agreed_order([*"abcdef"], rows)


def test_a_contrast_that_one_condition_does_not_know_is_unknown():
    """Neither it, nor a number of seeds, is made up; the parts that all know keep theirs."""
    known = mean_of(ROWS[:, 0])
    contrasts = [[known, UNKNOWN], [known, known]]
    found = {tuple(rows): each for rows, each in _of_contrasts(contrasts, np.array([[0, 1], [0, 1]]))}
    assert found[(1,)] is UNKNOWN
    assert found[(0,)].estimate == pytest.approx(known.estimate)
