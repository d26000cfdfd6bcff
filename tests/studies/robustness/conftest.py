"""What all tests of robustness share."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def few():
    """Simulate few tables for the rates of common practice, which no test here looks at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigstats.studies.practice.common_practice.REPLICATIONS", 20)
        yield
