"""Delimited text as people hold it: what is read, and what is refused because it has two readings."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigstats import detect
from sigstats.data.files import read_sweep
from sigstats.data.readers import fast_text
from sigstats.errors import OptionError, TableError

SAMPLES = Path(__file__).parents[1] / "table/samples"


def expected(sample):
    return json.loads((SAMPLES / sample / "expected.json").read_text())


def read(tmp_path, text, name="sweep.csv", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sweep(path, **options)


def refused(*args, **options):
    with pytest.raises(TableError) as error:
        read(*args, **options)
    (problem,) = error.value.problems
    return problem


@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"decimal": ","}])
def test_decimal_commas_are_read_where_they_can_be_nothing_else(options):
    """A spreadsheet of another country holds numbers, not text."""
    want = expected("german_decimal")
    frame = read_sweep(SAMPLES / "german_decimal/input/sweep.csv", **options)
    assert frame.dtypes.astype(str).to_dict() == want["columns"]
    assert frame["Genauigkeit"].iloc[[0, -1]].tolist() == [want["first"], want["last"]]


def test_a_point_that_may_group_thousands_is_refused_until_it_is_declared():
    """500, 1.000, 2.500 and 10.000 are in order in one reading only, and nothing says which."""
    want = expected("german_thousands")
    path = SAMPLES / "german_thousands/input/sweep.csv"
    with pytest.raises(TableError) as error:
        read_sweep(path, delimiter=";")
    (problem,) = error.value.problems
    assert problem.code == want["refused"]
    assert "'1.000' is 1 if" in problem.message
    assert "1000 if it groups" in problem.message
    assert problem.remedy == "Say which: decimal='.' or thousands='.'."
    frame = read_sweep(path, **want["options"])
    verdict = detect(frame, knob="tokens", metric="solved", seed="seed", shape="increasing")
    assert verdict.evidence.treatments[0].levels.tolist() == want["levels"]
    assert sorted(set(read_sweep(path, decimal=".")["tokens"])) == [1, 2.5, 10, 500]


@pytest.mark.parametrize("name", ["comment.csv", "sep_line.csv", "utf16.csv"])
def test_what_stands_before_a_header_is_left_out(name):
    """Comment lines, Excel's sep= line, and UTF-16 with tabs, which Excel calls Unicode text."""
    want = expected("read_sweep_preamble")
    frame = read_sweep(SAMPLES / "read_sweep_preamble/input" / name)
    assert frame.columns.tolist() == want["columns"]
    assert len(frame) == want["rows"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-8-sig"])
def test_texts_with_a_mark_of_their_encoding_are_read(tmp_path, codec):
    assert read(tmp_path, "knob,métric\n1,0.5\n".encode(codec)).to_dict("list") == {
        "knob": [1],
        "métric": [0.5],
    }


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    """The remedy that is printed works."""
    text = "köpfe,b\n1,2\n".encode("cp1252")
    assert "encoding='cp1252'" in refused(tmp_path, text).remedy
    assert read(tmp_path, text, encoding="cp1252").columns.tolist() == ["köpfe", "b"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["0,5", "1,25"], [0.5, 1.25]),
        (["1.234,5", "2"], [1234.5, 2]),
        (["1.000.000", "500"], [1_000_000, 500]),
        (["\u22120,5", "+1,5"], [-0.5, 1.5]),
        (["1 000", "2 500"], [1000, 2500]),
        (["1'000", "999"], [1000, 999]),
        (["1,5e-3", ",5"], [0.0015, 0.5]),
        (["12,5%", "50%"], [12.5, 50]),
    ],
)
def test_other_notations_are_read_where_they_have_one_reading(tmp_path, cells, numbers):
    """And it is noted."""
    frame = read(tmp_path, "x;seed\n" + "".join(f"{cell};{at}\n" for at, cell in enumerate(cells)))
    assert frame["x"].tolist() == numbers
    assert "'sweep.csv'" in frame.attrs["notes"][-1]


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1.000,3\n2.500,4\n",
        "x,y\n500,3\n1.000,4\n",
        'x,y\n"1,000",3\n"2,500",4\n',
        "x;y\n1,000;3\n2,500;4\n",
        "x\ty\n-1.000\t3\n2\t4\n",
    ],
)
def test_numbers_with_two_readings_are_an_error_with_both(tmp_path, text):
    problem = refused(tmp_path, text)
    mark = "." if "." in text else ","
    assert problem.code == "AMBIGUOUS_NUMBER"
    assert f"decimal={mark!r} or thousands={mark!r}" in problem.remedy
    grouped = read(tmp_path, text, thousands=mark)["x"].abs().max()
    assert grouped >= 1000
    assert read(tmp_path, text, decimal=mark)["x"].abs().max() < 1000


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1.000,0.5\n2.500,0.25\n",
        "x,y\n1.000,3\n2.5,4\n",
        "x,y\n1.000,1e-05\n2.000,2e-05\n",
        "x,y\n1.0001,3\n",
    ],
)
def test_one_number_of_the_file_can_say_what_a_point_is(tmp_path, text):
    assert read(tmp_path, text)["x"].iloc[0] == pytest.approx(1, abs=1e-3)


def test_a_decimal_point_elsewhere_makes_commas_group_thousands(tmp_path):
    frame = read(tmp_path, 'x,y\n"1,000",0.5\n"12,500",0.7\n')
    assert frame["x"].tolist() == [1000, 12500]
    assert "as in '1,000'" in frame.attrs["notes"][0]


def test_labels_are_not_made_numbers(tmp_path):
    """Sizes with a unit, pairs with blanks and padded ids stay what they are."""
    frame = read(tmp_path, 'model,kernel,seed,y\n7B,"3, 5",007,0.5\n13B,"5, 7",8,0.6\n')
    assert frame["model"].tolist() == ["7B", "13B"]
    assert frame["kernel"].tolist() == ["3, 5", "5, 7"]
    assert frame["seed"].tolist() == ["007", "8"]


def test_units_are_left_out_when_they_are_named(tmp_path):
    text = "size,delay,seed\n350M,12 ms,0\n1.3B,8 ms,1\n"
    assert read(tmp_path, text)["size"].tolist() == ["350M", "1.3B"]
    frame = read(tmp_path, text, units=["M", "B", "ms"])
    assert frame["size"].tolist() == [350e6, 1.3e9]
    assert frame["delay"].tolist() == [12, 8]


@pytest.mark.parametrize(
    "cell", ["0.93 +- 0.01", "0.93±0.01", "0.93 +/- 0.01", "0.93 (0.01)", "93% ± 1%", r"0.9 $\pm$ 0.1"]
)
def test_a_mean_with_its_spread_is_refused_with_the_reason(tmp_path, cell):
    problem = refused(tmp_path, f"knob,metric,seed\n1,{cell},0\n2,{cell},0\n")
    assert problem.code == "MEANS_NOT_SEEDS"
    assert "a mean over seeds is not a seed" in problem.message
    assert repr(cell) in problem.message


def test_comments_between_rows_are_left_out_when_that_is_asked(tmp_path):
    """Without it, the error says how."""
    text = "a,b\n1,2\n# restarted\n3,4\n"
    assert "comment='#'" in refused(tmp_path, text).remedy
    frame = read(tmp_path, text, comment="#")
    assert frame["a"].tolist() == [1, 3]
    assert "1 line that starts with '#'" in frame.attrs["notes"][0]


def test_the_header_that_numpy_writes_as_a_comment_is_one(tmp_path):
    path = tmp_path / "sweep.txt"
    np.savetxt(path, [[1, 0.5, 0], [2, 0.75, 1]], header="knob metric seed")
    frame = read_sweep(path)
    assert frame.to_dict("list") == {"knob": [1, 2], "metric": [0.5, 0.75], "seed": [0, 1]}


@pytest.mark.parametrize(
    "options",
    [{"decimal": "x"}, {"thousands": "0"}, {"comment": ""}, {"encoding": "zip"}, {"encoding": "no"}, {"units": 3},
     {"missing": [1]}, {"decimal": ".", "thousands": "."}, {"part": "a"}, {"names": ["a"]}],
)  # fmt: skip
def test_options_that_make_no_sense_for_text_are_refused(tmp_path, options):
    with pytest.raises(OptionError, match=f"`{next(iter(options))}`"):
        read(tmp_path, "a,b\n1,2\n", **options)


# --- long text

CELLS = st.one_of(
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.sampled_from(["", "nan", "NA", "True", "False", "true", "a", "007", "0x1F", "2024-01-01", "1_000", " 5", "-0",
                     "+3", "1e999", "inf", "12:30", "0.5", "1e-05", "é"]),
)  # fmt: skip


@given(columns=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=2, max_size=3), kinds=st.data())
def test_long_text_is_read_as_short_text_is(columns, kinds):
    """The fast reader gives what the strict one gives, or leaves the text to it."""
    one = kinds.draw(st.booleans())
    columns = [[cells[0]] * 4 if one else cells for cells in columns]
    header = [f"c{place}" for place in range(len(columns))]
    rows = ["\t".join(cells) for cells in zip(*columns, strict=True)]
    data = "\n".join(["\t".join(header), *rows, ""]).encode()
    before, fast_text.LONG = fast_text.LONG, 0
    try:
        quick = fast_text.read(data, header, "\t", ("", "nan", "NaN", "NA", "<NA>"))
    finally:
        fast_text.LONG = before
    if quick is None:
        return
    strict = pd.read_csv(
        io.BytesIO(data), sep="\t", keep_default_na=False, na_values=["", "nan", "NaN", "NA", "<NA>"]
    )
    pd.testing.assert_frame_equal(quick, strict, check_exact=True, check_dtype=False)


def test_long_numbers_do_come_by_the_fast_reader(monkeypatch):
    """Otherwise the test above would test nothing."""
    monkeypatch.setattr(fast_text, "LONG", 0)
    frame = fast_text.read(b"a,b,c\n1,0.1,x\n2,1e-05,y\n", ["a", "b", "c"], ",", ("",))
    assert frame.to_dict("list") == {"a": [1, 2], "b": [0.1, 1e-05], "c": ["x", "y"]}


@pytest.mark.parametrize("cell", ["007", "0x1F", "-01", '"1"', "1,2", str(2**70)])
def test_what_the_fast_reader_would_read_otherwise_is_left_to_the_strict_one(monkeypatch, cell):
    monkeypatch.setattr(fast_text, "LONG", 0)
    assert fast_text.read(f"a,b\n{cell},0.5\n1,0.25\n".encode(), ["a", "b"], ",", ("",)) is None


# --- lines before the header


def test_empty_lines_before_comments_do_not_matter(tmp_path):
    assert read(tmp_path, "\n\n# c\n\n# d\na,b\n1,2\n").to_dict("list") == {"a": [1], "b": [2]}


@pytest.mark.parametrize("title", ["Sweep of June 2024", "% made by matlab", "// made by x"])
def test_a_title_line_is_left_out_by_the_option_that_is_printed(tmp_path, title):
    text = f"{title}\na,b\n1,2\n"
    problem = refused(tmp_path, text)
    assert f"comment={title[:10]!r}" in problem.remedy
    assert read(tmp_path, text, comment=title[:10]).to_dict("list") == {"a": [1], "b": [2]}


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_when_it_is_named(tmp_path, codec):
    text = "knob,metric\n1,0.5\n2,0.75\n".encode(codec)
    assert f"encoding={codec!r}" in refused(tmp_path, text).remedy
    assert read(tmp_path, text, encoding=codec)["metric"].tolist() == [0.5, 0.75]


@pytest.mark.parametrize("text", ["x;y\n12.000;1.5\n2.500;2\n", "x;y;z\n500;1.5;a\n1.000;2.25;b\n"])
def test_a_point_elsewhere_proves_nothing_between_semicolons(tmp_path, text):
    """Where commas stand before decimals, 12.000 is twelve thousand, even if somebody typed 1.5."""
    problem = refused(tmp_path, text)
    assert problem.code == "AMBIGUOUS_NUMBER"
    assert "decimal='.' or thousands='.'" in problem.remedy
    assert read(tmp_path, text, decimal=".")["x"].max() < 501
    assert read(tmp_path, text, thousands=".", decimal=",")["x"].max() >= 1000


@pytest.mark.parametrize(
    "text", ["x;y\n1.512;0.251\n2.634;0.5\n", "x;y\n1.5;0.5\n2.634;0.5\n", "x;y\n1;0.5\n2;1.5\n"]
)
def test_numbers_with_a_point_between_semicolons_are_read(tmp_path, text):
    assert read(tmp_path, text)["x"].max() < 3


def test_one_column_of_decimal_commas_is_read_as_the_remedy_says(tmp_path):
    problem = refused(tmp_path, "acc\n0,5\n0,6\n")
    assert "delimiter=';'" in problem.remedy
    assert read(tmp_path, "acc\n0,5\n0,6\n", delimiter=";")["acc"].tolist() == [0.5, 0.6]
