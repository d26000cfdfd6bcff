"""Each line of evidence on its own agrees with the whole."""

import numpy as np
import pytest

import sigstats as ss
from sigstats.errors import OptionError, SignatureError


@pytest.fixture(scope="module")
def sweep() -> ss.SweepTable:
    """A treatment that rises and a control that does not, six seeds each."""
    return ss.simulate_sweep({"treatment": 4.0, "control": 0.0}, n_seeds=6, levels=7, rng=3)


def test_single_lines_are_those_of_the_verdict(sweep):
    """trend_test, effect_interval and compare_control return the evidence of detect."""
    evidence = ss.detect(sweep, shape="increasing", control="control").evidence
    assert ss.trend_test(sweep, control="control") == evidence.trend
    assert ss.effect_interval(sweep, control="control") == evidence.interval
    assert ss.compare_control(sweep, control="control") == evidence.control


def test_a_frame_and_a_signature_do_as_well(sweep):
    """Frames with column names, and a signature, give the same numbers."""
    signature = ss.Signature(shape="increasing", control="control")
    expected = ss.effect_interval(sweep, control="control")
    assert ss.effect_interval(sweep.to_frame(), signature=signature) == expected


@pytest.mark.parametrize("method", ["bootstrap-t", "wild cluster", "bca", "percentile"])
def test_other_intervals_keep_the_estimate_and_name_themselves(sweep, method):
    """Another method moves the bounds only, the same way each time."""
    by_t = ss.effect_interval(sweep, treatment="treatment")
    found = ss.effect_interval(sweep, treatment="treatment", method=method)
    assert found.estimate.value == by_t.estimate.value
    assert (found.estimate.low, found.estimate.high) != (by_t.estimate.low, by_t.estimate.high)
    assert method in found.method
    assert found == ss.effect_interval(sweep, treatment="treatment", method=method)


def test_resampling_needs_shared_seeds(sweep):
    """Two treatments with seeds of their own cannot be resampled together."""
    with pytest.raises(OptionError, match="same seeds"):
        ss.effect_interval(sweep, method="bca")


def test_what_cannot_be_tested_is_an_error_not_a_number():
    """Two seeds, a missing control and an unknown method are refused."""
    small = ss.simulate_sweep(1.0, n_seeds=2)
    with pytest.raises(OptionError, match="at least 3 seeds"):
        ss.trend_test(small)
    with pytest.raises(SignatureError, match="control"):
        ss.compare_control(ss.simulate_sweep(1.0, n_seeds=5))
    with pytest.raises(OptionError, match="bootstrap-t"):
        ss.effect_interval(ss.simulate_sweep(1.0), method="bootstrap")


def test_global_randomness_is_left_alone(sweep):
    """Resampling does not touch NumPy's global generator."""
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is tested
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    ss.effect_interval(sweep, treatment="treatment", method="percentile")
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
