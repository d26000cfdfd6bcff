"""Each check of the seed audit finds what was planted, and nothing in clean sweeps."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sigstats import Signature, SweepTable, simulate_sweep
from sigstats.studies.robustness.report.tables import audit_table
from sigstats.studies.seeds.audit import seed_audit

RISE = Signature(shape="increasing", control="control")
EFFECTS = {"treatment": 3.0, "control": 0.0}


def curves_of(table):
    return {name: table.matrix(name).copy() for name in table.conditions}


def codes(table, signature=RISE):
    return [finding.code for finding in seed_audit(table, signature).findings]


def planted(change, *, rng=1, **plan):
    """Return a clean sweep after a change to its arrays (a dict of condition to curves), which has shared seeds."""
    table = simulate_sweep(EFFECTS, rng=rng, n_seeds=plan.pop("n_seeds", 5), **plan)
    curves = curves_of(table)
    change(curves)
    return SweepTable.from_matrices(table.levels, curves)


CLEAN = [
    {},
    {"n_seeds": 3, "levels": 4},
    {"n_seeds": 3, "levels": 3},
    {"n_seeds": 10, "levels": 20},
    {"slope_sd": 5.0, "intercept_sd": 20.0},
    {"seed_correlation": 0.8},
    {"noise_growth": 5.0, "noise_between_seeds": 4.0},
    {"independent": True},
    {"items": 50, "noise_sd": 0.05, "n_seeds": 6},
]


@pytest.mark.parametrize("plan", CLEAN, ids=str)
def test_nothing_is_found_in_clean_sweeps(plan):
    """Small and large, noisy and smooth, with shared seeds and without: no false alarm in ten sweeps each."""
    effects = {"treatment": 0.1, "control": 0.0} if "items" in plan else EFFECTS
    for rng in range(10):
        audit = seed_audit(simulate_sweep(effects, rng=rng, **plan), RISE)
        assert audit.findings == (), audit
        assert str(audit) == "seed audit: nothing found in 7 checks"


@pytest.mark.parametrize("n_levels", [3, 8])
def test_an_exact_copy_is_found(n_levels):
    """Two seeds with the same values are one run, and the finding names both."""

    def copy(curves):
        curves["treatment"][3] = curves["treatment"][1]

    audit = seed_audit(planted(copy, levels=n_levels), RISE)
    (finding,) = audit.findings
    assert (finding.code, finding.weight) == ("copies", "problem")
    assert finding.where == "condition 'treatment', seeds '1' and '3'"
    assert dict(finding.numbers)["levels"] == n_levels


def test_a_copy_that_was_rounded_elsewhere_is_found():
    """A difference below a millionth of the range is no difference."""

    def copy(curves):
        curves["control"][0] = curves["control"][4] + 1e-7

    assert codes(planted(copy)) == ["copies"]


def test_a_run_under_two_conditions_is_found():
    """A file that was read twice is a copy across conditions."""

    def copy(curves):
        curves["control"][2] = curves["treatment"][2]

    (finding,) = seed_audit(planted(copy), RISE).findings
    assert finding.code == "copies_across"
    assert "'treatment'" in finding.where
    assert "'control'" in finding.where


@pytest.mark.parametrize("shift", [0.0, 7.0, "slope"])
def test_a_near_copy_is_found_even_if_it_is_shifted(shift):
    """A resumed or re-logged run has the same noise, whatever level or slope it stands at."""

    def near(curves):
        noise = 0.01 * np.random.default_rng(3).standard_normal(12)
        moved = np.linspace(0, 4, 12) if shift == "slope" else shift
        curves["treatment"][2] = curves["treatment"][0] + moved + noise

    (finding,) = seed_audit(planted(near, levels=12), RISE).findings
    assert (finding.code, finding.where) == ("near_copies", "condition 'treatment', seeds '0' and '2'")
    assert dict(finding.numbers)["likeness"] > 0.999


def test_runs_that_stay_at_a_floor_are_no_near_copies():
    """Two runs that never leave zero share a floor, not their noise."""

    def floor(curves):
        curves["treatment"][:2] = 0.0

    assert "near_copies" not in codes(planted(floor, levels=12))


def test_the_chance_of_a_near_copy_is_that_of_a_correlation():
    """In independent noise, the printed chance is the t test of a correlation of that size, times the pairs."""

    def near(curves):
        curves["treatment"][1] = curves["treatment"][0] + 0.02 * np.random.default_rng(1).standard_normal(6)

    (finding,) = seed_audit(planted(near, levels=6, n_seeds=3), RISE).findings
    numbers = dict(finding.numbers)
    r, df = numbers["likeness"], 6 - 2
    t = r * np.sqrt((df - 1) / (1 - r**2))
    assert numbers["chance"] == pytest.approx(3 * stats.t.sf(t, df - 1), rel=1e-6)


def test_ties_of_a_coarse_metric_are_no_copies():
    """Where equal values are common, equal curves come about by chance."""
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 3, (12, 4)).astype(float)
    matrix[5] = matrix[2] = [0.0, 1.0, 2.0, 1.0]
    table = SweepTable.from_matrices(range(4), {"treatment": matrix})
    assert "copies" not in codes(table, Signature(shape="increasing"))


def test_a_metric_without_chance_is_found():
    """Seeds that never differ are one finding, not a list of copies."""

    def same(curves):
        curves["control"][:] = curves["control"][0]

    audit = seed_audit(planted(same), RISE)
    assert [finding.code for finding in audit.findings] == ["deterministic"]
    assert audit.findings[0].where == "condition 'control'"


def test_seeds_that_are_shared_in_part_are_found():
    """A contrast that rests on pairs in part is worth a caution, and the layout says so."""
    table = simulate_sweep(EFFECTS, n_seeds=5, rng=1)
    curves = curves_of(table)
    labels = {"treatment": list("01234"), "control": list("23456")}
    audit = seed_audit(SweepTable.from_matrices(table.levels, curves, seeds=labels), RISE)
    assert (audit.layout, [finding.code for finding in audit.findings]) == (
        "partly crossed",
        ["partly_shared_seeds"],
    )
    assert dict(audit.findings[0].numbers) == {"labels": 7.0, "shared": 3.0}


@pytest.mark.parametrize(
    ("control", "layout", "found"),
    [
        (list("01234"), "crossed", []),
        (list("56789"), "nested", ["disjoint_seeds"]),
        (list("abcde"), "nested", []),
    ],
)
def test_numbers_that_no_two_conditions_share_are_noted(control, layout, found):
    """Seeds 0 to 4 here and 5 to 9 there could be a confound; labels of their own kind are not."""
    table = simulate_sweep(EFFECTS, n_seeds=5, rng=1)
    labels = {"treatment": list("01234"), "control": control}
    audit = seed_audit(SweepTable.from_matrices(table.levels, curves_of(table), seeds=labels), RISE)
    assert (audit.layout, [finding.code for finding in audit.findings]) == (layout, found)


def test_one_condition_has_no_layout():
    assert seed_audit(simulate_sweep(1.0, rng=1), Signature(shape="increasing")).layout == "single"


@pytest.mark.parametrize(("column", "end"), [(-1, "highest level 7"), (0, "lowest level 0")])
def test_runs_that_break_off_are_found_with_their_difference(column, end):
    """The two worst runs are missing at an end, and lie 20 below the others elsewhere."""

    def broken(curves):
        curves["treatment"][:2] -= 20.0
        curves["treatment"][:2, column] = np.nan

    (finding,) = seed_audit(planted(broken), RISE).findings
    assert finding.code == "missing_at_end"
    assert finding.where == f"condition 'treatment', {end}"
    numbers = dict(finding.numbers)
    assert (numbers["missing"], numbers["runs"]) == (2.0, 5.0)
    assert numbers["difference_elsewhere"] == pytest.approx(-20.0, abs=1.5)


def test_a_gap_in_the_middle_is_no_breaking_off():
    """What is missing inside the range says nothing about the ends."""

    def gap(curves):
        curves["treatment"][1, 3] = np.nan

    audit = seed_audit(planted(gap), RISE)
    assert (audit.findings, audit.n_gaps) == ((), 1)
    below = audit_table(audit).below
    assert "runs that are missing at an end" in below[0]
    assert below[1].startswith("Inside the range, 1 cell is missing.")
    assert seed_audit(planted(lambda _: None), RISE).n_gaps == 0


def test_fewer_independent_runs_at_an_end_are_found():
    """Where every cell is a run of its own, the runs are counted."""
    rows = [(k, 10 * k + s + 0.1 * s * k, f"{k}-{s}") for k in range(6) for s in range(5 if k < 5 else 2)]
    frame = pd.DataFrame(rows, columns=["knob", "metric", "seed"])
    audit = seed_audit(frame, Signature(shape="increasing"))
    assert audit.design == "independent"
    assert [(finding.code, dict(finding.numbers)["missing"]) for finding in audit.findings] == [
        ("missing_at_end", 3.0)
    ]


def test_a_condition_that_stops_early_is_found():
    """All seeds missing at an end is another matter: nobody survived to be compared."""

    def stops(curves):
        curves["control"][:, -2:] = np.nan

    assert codes(planted(stops)) == ["range_differs"]


@pytest.mark.parametrize(
    ("name", "code", "weight"),
    [
        ("control", "floor", "problem"),
        ("treatment", "ceiling", "caution"),
    ],
)
def test_what_cannot_move_is_found(name, code, weight):
    """Values at the edge of the table are a problem in a control and a caution in a treatment."""

    def stuck(curves):
        curves[name][:3, -3:] = -50.0 if code == "floor" else 50.0

    found = seed_audit(planted(stuck), RISE).findings
    assert [(finding.code, finding.weight) for finding in found] == [(code, weight)]
    assert dict(found[0].numbers)["share"] == pytest.approx(9 / 40)


def test_a_shared_start_is_no_floor():
    """All seeds equal at one level, as at step 0, is neither a floor nor a metric without chance."""

    def start(curves):
        curves["treatment"][:, 0] = curves["control"][:, 0] = -9.0

    assert codes(planted(start)) == []


def test_a_moving_average_is_found():
    """Noise averaged over five levels has differences that do not reverse."""
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((4, 44))
    smooth = np.array([np.convolve(row, np.ones(5) / 5, mode="valid") for row in noise])
    table = SweepTable.from_matrices(range(40), {"treatment": np.arange(40) * 0.1 + smooth})
    (finding,) = seed_audit(table, Signature(shape="increasing")).findings
    assert finding.code == "smooth"
    assert dict(finding.numbers)["correlation"] == pytest.approx(0.0, abs=0.15)


def test_independent_noise_has_differences_that_reverse():
    """The statistic is -1/2 on average and its standard error is right, over 300 sweeps."""
    from sigstats.studies.seeds.copies import _followed

    rng = np.random.default_rng(5)
    x = np.linspace(0, 1, 30)
    found = np.array([_followed(rng.standard_normal((5, 30)), x) for _ in range(300)])
    assert found[:, 0].mean() == pytest.approx(-0.5, abs=0.02)
    assert found[:, 0].std() == pytest.approx(found[0, 1], rel=0.25)


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ({"min": 2, "max": 7}, {"levels_kept": 6.0, "levels_dropped": 2.0}),
        ({"min": 0, "max": 7.13}, {"levels_kept": 8.0, "levels_dropped": 0.0, "end": 7.13}),
        ([0, 1, 2, 3], {"levels_kept": 4.0, "levels_dropped": 4.0}),
        ({"min": 0, "max": 10}, None),
        ({"max": 1024}, None),
    ],
)
def test_a_window_of_the_knob_is_noted(window, found):
    """Dropped levels and ends that are not round are noted, a window that changes nothing is not."""
    frame = simulate_sweep(3.0, n_seeds=4, levels=8, rng=1).to_frame()
    findings = seed_audit(frame, Signature(shape="increasing", where={"knob": window})).findings
    assert [(each.code, each.weight) for each in findings] == ([("window", "note")] if found else [])
    if found:
        assert dict(findings[0].numbers) == found


def test_a_window_whose_rest_cannot_be_read_is_still_noted():
    """Rows outside the window may be unusable; then how many levels were dropped is not known."""
    frame = simulate_sweep(3.0, n_seeds=4, levels=8, rng=1).to_frame()
    frame.loc[frame["knob"] == 7, "metric"] = np.inf
    audit = seed_audit(frame, Signature(shape="increasing", where={"knob": {"max": 6}}))
    assert [finding.code for finding in audit.findings] == ["window"]
    assert audit.to_dict()["findings"][0]["numbers"]["levels_dropped"] is None


def test_problems_come_first_and_everything_is_plain():
    """The findings are sorted by weight, and can be written as strict JSON."""

    def two(curves):
        curves["treatment"][0, -1] = np.nan
        curves["control"][1] = curves["control"][0]

    audit = seed_audit(planted(two), RISE)
    assert [finding.weight for finding in audit.findings] == ["problem", "caution"]
    assert json.loads(json.dumps(audit.to_dict(), allow_nan=False))["layout"] == "crossed"
    assert len(audit.found("copies")) == 1
    assert str(audit).startswith(
        "seed audit: copies (condition 'control', seeds '0' and '1'); missing_at_end"
    )


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**990])
def test_the_size_of_the_metric_changes_no_finding(unit):
    """A near copy and a run that breaks off are found by their shape."""
    curves = curves_of(simulate_sweep(0.0, n_seeds=6, levels=10, rng=1))["treatment"]
    curves[1] = curves[0] + 0.5
    curves[2, -1] = np.nan
    plain, found = (
        seed_audit(
            SweepTable.from_matrices(range(10), {"a": size * curves}), Signature(shape="increasing")
        ).findings
        for size in (1.0, unit)
    )
    assert [each.code for each in plain] == ["near_copies", "missing_at_end"] == [each.code for each in found]
    numbers = [dict(each[1].numbers) for each in (plain, found)]
    for name in ("difference_elsewhere", "sd_of_survivors"):
        assert numbers[1][name] == pytest.approx(unit * numbers[0][name])
