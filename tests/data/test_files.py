"""Reading sweeps from files: what comes through unchanged, and what is refused in time."""

import json
import os
import pickle
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigstats_strategies import sweep_frames

from sigstats.data.files import read_sweep
from sigstats.data.readers.registry import BY_NAME
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import MissingExtraError, OptionError, SigstatsError, TableError

HEADER = b"knob,metric,seed\n"
KINDS = sorted(BY_NAME)


def refused(path, **options):
    """Return the problem for which a file is refused."""
    with pytest.raises(TableError) as error:
        read_sweep(path, **options)
    (problem,) = error.value.problems
    return problem


@pytest.fixture
def write(tmp_path):
    """Return a function that writes bytes or text to a file of a given name."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# --- what comes through


@pytest.mark.long
@given(
    frame=sweep_frames(), kind=st.sampled_from(["csv", "tsv", "jsonl", "json", "parquet", "feather", "npz"])
)
def test_a_sweep_survives_each_format(tmp_path_factory, frame, kind):
    """Written and read again, the table is the same, bit for bit."""
    path = tmp_path_factory.mktemp("sweep") / f"sweep.{kind}"
    if kind == "jsonl":
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "json":
        path.write_text(json.dumps(frame.to_dict("list")).replace("NaN", "null"))
    elif kind in {"parquet", "feather"}:
        getattr(frame, f"to_{kind}")(path)
    elif kind == "npz":
        np.savez(path, **{str(name): np.asarray(frame[name].tolist()) for name in frame})
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    assert SweepTable.from_frame(read_sweep(path)) == SweepTable.from_frame(frame)


def test_whole_numbers_with_leading_zeros_stay_text(write):
    """Seeds 007 and 7 are not made one behind the user's back."""
    frame = read_sweep(write("a.csv", "knob,metric,seed\n1,0.5,007\n2,0.25,7\n"))
    assert frame["seed"].tolist() == ["007", "7"]
    assert frame["metric"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark_do_not_matter(write, newline):
    """Files from any editor read alike."""
    text = newline.join(["knob,metric,seed", "1,0.5,0", '2,"0.25",0', ""])
    frame = read_sweep(write("a.csv", b"\xef\xbb\xbf" + text.encode()))
    assert frame.to_dict("list") == {"knob": [1, 2], "metric": [0.5, 0.25], "seed": [0, 0]}


def test_mixed_line_ends_are_read(write):
    """Lines from several machines in one file are lines."""
    frame = read_sweep(write("a.csv", b"knob,metric\r\n1,2\n3,4\r5,6\n"))
    assert frame["knob"].tolist() == [1, 3, 5]


def test_only_the_declared_words_stand_for_missing(write):
    """An optimiser called None is not missing; an empty field is."""
    path = write("a.csv", "metric,condition\n,None\nNaN,null\n1,a\n")
    frame = read_sweep(path)
    assert np.isnan(frame["metric"]).tolist() == [True, True, False]
    assert frame["condition"].tolist() == ["None", "null", "a"]
    assert read_sweep(path, missing=["", "NaN", "None"])["condition"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize("sign", list(";\t| ,"))
def test_the_sign_between_fields_is_found_where_a_header_has_one_only(write, sign):
    """It is noted; one that is declared wrongly is an error with the right one."""
    path = write("a.csv", f"knob{sign}metric\n1{sign}2\n")
    frame = read_sweep(path)
    assert frame.to_dict("list") == {"knob": [1], "metric": [2]}
    assert bool(frame.attrs) == (sign != ",")
    assert read_sweep(path, delimiter=sign)["metric"].tolist() == [2]
    if sign != " ":
        problem = refused(path, delimiter="!")
        assert problem.code == "WRONG_DELIMITER"
        assert f"delimiter={sign!r}" in problem.remedy


def test_a_header_alone_is_a_frame_without_rows(write):
    """The table then says that it has none."""
    frame = read_sweep(write("a.csv", HEADER))
    with pytest.raises(TableError, match="NO_ROWS"):
        SweepTable.from_frame(frame)


def test_json_lines_may_lack_keys(write):
    """A key that a line does not have is missing there."""
    frame = read_sweep(write("a.jsonl", '{"a": 1}\n\n{"a": 2, "b": "x"}\n{"b": null}\n'))
    assert frame["a"].tolist()[:2] == [1, 2]
    assert frame["a"].isna().tolist() == [False, False, True]
    assert frame["b"].isna().tolist() == [True, False, True]


def test_nothing_in_a_file_is_evaluated(write):
    """Formulas and code are text."""
    frame = read_sweep(write("a.csv", "a,b\n=1+1,__import__('os').getcwd()\n"))
    assert frame.iloc[0].tolist() == ["=1+1", "__import__('os').getcwd()"]


# --- what is refused


@pytest.mark.long
@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "NO_ROWS", "is empty"),
        (b"\n\n", "NO_ROWS", "is empty"),
        (HEADER + b"1,\x002,0\n", "NOT_TEXT", "NUL byte in line 2"),
        ("knob,metric\n1,2\n".encode("utf-16-le"), "NOT_TEXT", "NUL byte in line 1"),
        (b"\xff\xfea\x00b", "BAD_ENCODING", "is not text in utf-16"),
        (HEADER + b"1,2,0\n3,4\n", "BROKEN_ROWS", "line 3 of 'a.csv' has 2 fields, its header 3"),
        ("knob,métric\n1,2\n".encode("latin-1"), "NOT_UTF8", "line 1 holds the byte 0xe9"),
        (HEADER + b'1,"2,0\n3,4,0\n', "BROKEN_ROWS", "EOF inside string"),
        (HEADER + b"1,2,0\n1,2,0,7\n", "BROKEN_ROWS", "Expected 3 fields in line 3, saw 4"),
        (HEADER + b"1,2,0,7\n", "BROKEN_ROWS", "has 4 fields, its header 3"),
        (b"metric,seed,metric\n1,2,3\n", "DUPLICATE_COLUMNS", "'metric'"),
        (b",".join(b"c%d" % place for place in range(20_000)), "TOO_MANY_COLUMNS", "20000 columns"),
        (b",".join(b"c%d" % place for place in range(1_000_000)), "LINE_TOO_LONG", "more than 1000000 bytes"),
        (HEADER + b"1" * 50_000_000, "LINE_TOO_LONG", "more than 1000000 bytes"),
    ],
)
def test_text_that_cannot_be_read_faithfully_is_refused(write, content, code, words):
    """The error names the place, and comes quickly."""
    problem = refused(write("a.csv", content))
    assert problem.code == code
    assert words in problem.message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": 1, "a": 2}', "a name occurs twice"),
        ('{"a": 1, "a" : 2}', "a name occurs twice"),
        ('{"a": 1, "\\u0061": 2}', "a name occurs twice"),
        ('{"a": ' + "9" * 250 + ".5e99}", "is too large"),
        ('{"a": 1}, {"a": 2}', "not strict JSON"),
        ('{"a": [{"b": 1}\n{"b": 2}]}', "not strict JSON"),
        ('{"a": [1]}', "not a flat object"),
        ("[1, 2]", "not a flat object"),
        ('{"a": 1', "not strict JSON"),
        ('{"a": ' + "[" * 100_000, "not strict JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not strict JSON"),
    ],
)
def test_json_is_read_strictly(write, line, words):
    """What JSON does not have is an error with its line."""
    problem = refused(write("a.jsonl", f'{{"a": 0}}\n{line}\n'))
    assert problem.code == "BAD_JSON"
    assert words in problem.message
    assert "line 2" in problem.message


@pytest.mark.parametrize("ending", ["pkl", "pickle", "pt", "pth", "joblib", "PKL", "pkl.gz"])
def test_files_that_run_code_are_refused_unread(tmp_path, ending):
    """A pickle is not opened, whatever it is called."""

    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "trapped"),))

    path = tmp_path / f"sweep.{ending}"
    path.write_bytes(pickle.dumps(Trap()))
    problem = refused(path)
    assert problem.code == "UNSAFE_FILE"
    assert "can run code when they are loaded" in problem.message
    assert refused(path, kind="csv").code == "UNSAFE_FILE"
    renamed = path.rename(tmp_path / "sweep.csv")
    assert refused(renamed).code in {"NOT_TEXT", "NOT_UTF8"}
    assert not (tmp_path / "trapped").exists()


def test_archives_and_unknown_files_are_refused(write):
    """Endings are not guessed."""
    assert refused(write("a.tar", b"")).code == "PACKED_FILE"
    problem = refused(write("a.sav", b"PK"))
    assert problem.code == "UNKNOWN_FILE"
    assert "kind='csv'" in problem.remedy
    assert read_sweep(write("a.log", HEADER), kind="csv").columns.tolist() == ["knob", "metric", "seed"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files on Windows")
def test_pipes_devices_and_directories_are_refused_without_waiting(tmp_path):
    """Opening a pipe that nobody writes to would wait forever."""
    pipe = tmp_path / "sweep.csv"
    os.mkfifo(pipe)
    assert refused(pipe).code == "NOT_A_FILE"
    link = tmp_path / "link.csv"
    link.symlink_to("/dev/zero")
    assert refused(link).code == "NOT_A_FILE"
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert refused(folder).code == "NOT_A_FILE"


def test_a_file_that_is_not_there_is_named_with_its_neighbour(write, tmp_path):
    """A misspelt path gives the nearest name."""
    write("sweep.csv", HEADER)
    problem = refused(tmp_path / "sweeps.csv")
    assert problem.code == "NO_FILE"
    assert problem.remedy == "Did you mean 'sweep.csv'?"
    assert refused("https://example.org/sweep.csv").code == "NO_FILE"


def test_a_file_larger_than_allowed_is_refused(write):
    """The cap is checked before anything is read."""
    problem = refused(write("a.csv", HEADER + b"1,2,3\n" * 100), max_bytes=100)
    assert problem.code == "FILE_TOO_LARGE"
    assert "617 bytes" in problem.message


def test_parquet_that_unpacks_to_more_than_allowed_is_refused(tmp_path):
    """A small file may hold much."""
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": np.arange(1e6) // 1e5}).to_parquet(path, compression="gzip", index=False)
    size = path.stat().st_size
    assert refused(path, max_bytes=size + 100).code == "FILE_TOO_LARGE"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"knob,metric\n"])
def test_broken_parquet_is_refused(write, content):
    """A truncated or foreign file says so."""
    assert refused(write("a.parquet", content)).code == "BAD_PARQUET"


def test_without_pyarrow_the_extra_is_named(write, monkeypatch):
    """Parquet needs an extra; the error says which."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sigstats\[parquet\]'"):
        read_sweep(write("a.parquet", b"PAR1"))


@pytest.mark.parametrize(
    "options",
    [{"kind": "cvs"}, {"delimiter": ",,"}, {"delimiter": '"'}, {"max_bytes": 0}, {"max_bytes": True}],
)
def test_options_that_make_no_sense_are_refused(write, options):
    """Each option says what it takes."""
    with pytest.raises(OptionError, match=f"`{next(iter(options))}` is"):
        read_sweep(write("a.csv", HEADER), **options)


@pytest.mark.parametrize("path", [None, 3, b"a.csv", "a\x00.csv", ""])
def test_a_path_is_text_or_a_path(path):
    """Anything else is refused before the file system is asked."""
    with pytest.raises(OptionError, match="`path` is"):
        read_sweep(path)


@given(content=st.binary(max_size=200), kind=st.sampled_from(KINDS))
def test_any_bytes_give_a_frame_or_a_documented_error(tmp_path_factory, content, kind):
    """No content makes the reader fail in a way of its own."""
    path = tmp_path_factory.mktemp("any") / "a.bytes"
    path.write_bytes(content)
    try:
        read_sweep(path, kind=kind)
    except SigstatsError:
        return


@given(content=st.text(alphabet='ab,;\t"\n\r 0123.-e', max_size=60), kind=st.sampled_from(["csv", "tsv"]))
def test_any_text_gives_a_frame_or_a_documented_error(tmp_path_factory, content, kind):
    """So too for text that is nearly a table."""
    path = tmp_path_factory.mktemp("any") / f"a.{kind}"
    path.write_text(content, newline="")
    try:
        read_sweep(path)
    except SigstatsError:
        return
