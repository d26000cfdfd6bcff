"""The tables that come with the package: what they are, and what is found in them."""

import importlib.util
from pathlib import Path

import pytest

import sigstats as ss
from sigstats.errors import OptionError

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "sigstats" / "data" / "example_tables"


def test_the_list_names_each_table_with_the_columns_that_it_has():
    """What the list says of a table is true of the table."""
    listed = ss.example_data()
    files = {path.stem for path in Path(ss.__file__).parent.glob("data/example_tables/*.csv")} - {"index"}
    assert set(listed["name"]) == files
    for row in listed.itertuples():
        columns = {row.knob, row.metric, row.seed, row.condition} - {""}
        assert columns <= set(ss.example_data(row.name).columns)


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(OptionError, match=r"'maze'; it must be one of \('crops', .*Did you mean 'mazes'\?"):
        ss.example_data("maze")


def test_each_call_gives_a_frame_of_its_own():
    mine = ss.example_data("crops")
    mine["accuracy"] = 0
    assert ss.example_data("crops")["accuracy"].min() > 0


def test_tables_are_those_that_the_script_makes(tmp_path):
    """The committed files are copies of the examples, or simulated with fixed random numbers."""
    spec = importlib.util.spec_from_file_location("made", ROOT / "docs" / "make_example_data.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    made.write(tmp_path)
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes() == (TABLES / path.name).read_bytes(), path.name


def test_the_clean_sweep_is_present_and_its_control_alone_is_not():
    claim = {"knob": "crops", "metric": "accuracy", "condition": "images", "knob_scale": "log"}
    crops = ss.example_data("crops")
    both = ss.detect(crops, **claim, shape="increasing", control="repeated", min_effect=0.05)
    alone = ss.detect(crops, **claim, shape="increasing", treatment="repeated", min_effect=0.05)
    assert (both.status, alone.status) == (ss.Status.PRESENT, ss.Status.PARTIAL)
