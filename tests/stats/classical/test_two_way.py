"""Two-way analysis of variance against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.anova import AnovaRM

from sigstats.stats.classical.two_way import rows_pvalue


@pytest.mark.parametrize("effect", [0.0, 0.5, 50.0])
def test_the_p_value_of_rows_is_that_of_statsmodels(effect):
    rng = np.random.default_rng(3)
    table = rng.standard_normal((6, 5)) + effect * rng.standard_normal((6, 1)) + np.arange(5)
    long = pd.DataFrame(table).stack().rename_axis(["row", "column"]).rename("value").reset_index()
    expected = AnovaRM(long, "value", "column", within=["row"]).fit().anova_table["Pr > F"].iloc[0]
    assert rows_pvalue(table) == pytest.approx(expected, rel=1e-6)


def test_a_table_that_is_a_sum_of_rows_and_columns_tells_nothing():
    """Nor is any p-value 0."""
    assert np.isnan(rows_pvalue(np.zeros((4, 5))))
    table = 1e9 * np.arange(40.0)[:, None] + np.random.default_rng(0).standard_normal((40, 30))
    assert 0.0 < rows_pvalue(table) < 1e-300
