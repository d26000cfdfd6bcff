"""Tables of other kinds: JSON, workbooks, arrays, columns of Arrow, packed and several files."""

import bz2
import gzip
import io
import json
import lzma
import pathlib
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from workbooks import ods, packed, xlsx

import sigstats
from sigstats.data.files import read_sweep
from sigstats.data.readers import packed as packed_files
from sigstats.data.readers.registry import BY_ENDING, FORMATS
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import MissingExtraError, OptionError, TableError

TEXT = b"width,acc,seed\n1,0.5,0\n2,0.75,0\n"
ROWS = [["width", "acc", "seed"], [1, 0.5, 0], [2, 0.75, 0]]
FRAME = {"width": [1, 2], "acc": [0.5, 0.75], "seed": [0, 0]}


@pytest.fixture
def read(tmp_path):
    """Return a function that writes bytes, text or JSON to a file and reads it."""

    def read(name, content, **options):
        path = tmp_path / name
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else json.dumps(content)).encode()
        path.write_bytes(content)
        frame = read_sweep(path, **options)
        return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()

    return read


@pytest.fixture
def refused(read):
    def refused(*args, **options):
        with pytest.raises(TableError) as error:
            read(*args, **options)
        (problem,) = error.value.problems
        return problem

    return refused


def tree(*, levels=(1, 2, 4)):
    return {m: {str(s): {str(k): k + s / 8 for k in levels} for s in range(3)} for m in ("mlp", "cnn")}


# --- JSON


@pytest.mark.parametrize(
    "value",
    [
        [{"width": 1, "acc": 0.5, "seed": 0}, {"width": 2, "acc": 0.75, "seed": 0}],
        FRAME,
        [["width", "acc", "seed"], [1, 0.5, 0], [2, 0.75, 0]],
        pd.DataFrame(FRAME).to_json(),
        pd.DataFrame(FRAME).to_json(orient="split"),
        {"config": {"seed": 0}, "history": [{"width": 1, "acc": 0.5}, {"width": 2, "acc": 0.75}]},
        {"seed": 0, "history": {"width": [1, 2], "acc": [0.5, 0.75]}},
        [{"seed": 0, "log": [{"width": 1, "acc": 0.5}]}, {"seed": 0, "log": [{"width": 2, "acc": 0.75}]}],
        '{"width": 1, "acc": 0.5, "seed": 0}\n{"width": 2, "acc": 0.75, "seed": 0}\n',
    ],
)
def test_json_is_read_in_each_form(read, value):
    frame = read("sweep.json", value)
    assert frame[["width", "acc", "seed"]].to_dict("list") == FRAME


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt", "a.log", "a"])
def test_json_lines_are_known_whatever_the_file_is_called(read, name):
    assert read(name, '{"a": 1, "b": 2}\n{"a": 3}\n')["a"].tolist() == [1, 3]


def test_nested_settings_keep_their_names(read):
    frame = read("a.json", [{"config": {"width": 1, "opt": {"lr": 0.1}}, "acc": 0.5}])
    assert frame.to_dict("list") == {"width": [1], "opt.lr": [0.1], "acc": [0.5]}


def test_nested_numbers_are_rows(read):
    """The usual nesting has usual names, which a note says; other names can be given."""
    frame = read("a.json", tree())
    assert "condition -> seed -> knob" in frame.attrs["notes"][0]
    assert len(frame) == 18
    assert SweepTable.from_frame(frame).conditions == ("cnn", "mlp")
    named = read("a.json", tree(), names=["model", "seed", "width", "acc"])
    assert named.columns.tolist() == ["model", "seed", "width", "acc"]
    assert named.loc[named["model"] == "cnn", "acc"].iloc[-1] == 4.25


def test_other_nesting_asks_for_names_and_shows_them(read, refused):
    """The call in the remedy works when it is typed."""
    problem = refused("a.json", tree()["mlp"])
    assert problem.code == "NESTED_WITHOUT_NAMES"
    assert "names=['seed', 'knob', 'metric']" in problem.remedy
    assert read("a.json", tree()["mlp"], names=["seed", "knob", "metric"])["knob"].tolist()[:3] == [1, 2, 4]
    scores = {"mlp": {"0": {"1": {"acc": 0.5, "loss": 1.5}}}}
    assert read("a.json", scores).to_dict("list") == {
        "condition": ["mlp"],
        "seed": [0],
        "knob": [1],
        "acc": [0.5],
        "loss": [1.5],
    }


@pytest.mark.parametrize(
    "value",
    ["3", "[1, 2]", '{"a": {"b": {"c": 1}, "d": 2}}', '{"a": [1, 2], "b": [1]}', '{"a": NaN}', '{"a": 1, "a": 2}',
     "[" * 100_000, '{"a":' * 5000, '[{"a": 1e999}]', '{"s": 1, "s2": [{"s": 2}]', "[[1, 2], [3]]",
     '{"s": 1, "h": [{"s": 2}]}'],
)  # fmt: skip
def test_json_that_is_no_table_is_refused(refused, value):
    assert refused("a.json", value).code == "BAD_JSON"


@pytest.mark.long
def test_json_cannot_be_made_to_fill_the_memory(refused):
    """Each line with a key of its own would make a table with the square of its lines."""
    lines = "".join(f'{{"k{place}": 1}}\n' for place in range(9_000))
    assert refused("a.jsonl", lines).code in {"FILE_TOO_LARGE", "TOO_MANY_COLUMNS"}


# --- workbooks


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", xlsx(Sweep=ROWS)), ("a.ods", ods(ROWS))])
def test_workbooks_are_read(read, name, content):
    frame = read(name, content)
    assert frame.to_dict("list") == FRAME
    assert frame.dtypes.astype(str).tolist() == ["int64", "float64", "int64"]


@pytest.mark.long
def test_one_of_several_sheets_is_named(read, refused):
    book = xlsx(Notes=[["see the other sheet"]], Sweep=ROWS)
    problem = refused("a.xlsx", book)
    assert problem.code == "SEVERAL_SHEETS"
    assert "part='Notes'" in problem.remedy
    assert read("a.xlsx", book, part="Sweep").to_dict("list") == FRAME
    assert refused("a.xlsx", book, part="Swep").remedy == "Did you mean 'Sweep'?"
    assert read("a.xlsx", xlsx(Sweep=ROWS, Empty=[])).to_dict("list") == FRAME


def test_numbers_that_stand_as_text_in_a_workbook_are_read(read, refused):
    assert read("a.xlsx", xlsx(A=[["w", "acc"], [1, "0,621"], [2, "NA"]]))["acc"].tolist()[0] == 0.621
    assert read("a.xlsx", xlsx(A=[["w", "acc"], [1, "70%"]]))["acc"].tolist() == [70]
    assert refused("a.xlsx", xlsx(A=[["w", "acc"], [1, "1.000"]])).code == "AMBIGUOUS_NUMBER"
    assert read("a.xlsx", xlsx(A=[["w", "acc"], [1, "1.000"]]), thousands=".")["acc"].tolist() == [1000]
    assert refused("a.xlsx", xlsx(A=[["w", "acc"], [1, "0.9 ± 0.1"]])).code == "MEANS_NOT_SEEDS"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BAD_WORKBOOK"),
        (b"PK\x03\x04", "BAD_WORKBOOK"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 2000, "BAD_WORKBOOK"),
        (packed({"xl/workbook.xml": "<"}), "BAD_WORKBOOK"),
        (packed({"xl/workbook.xml": "0" * 20_000_000}), "PACKED_BOMB"),
        (packed({"../../x": "0"}), "UNSAFE_FILE"),
        (xlsx(A=[["a", None], [1, 2]]), "NO_COLUMN_NAME"),
        (xlsx(A=[["a", "a"], [1, 2]]), "DUPLICATE_COLUMNS"),
        (xlsx(A=[]), "NO_ROWS"),
    ],
)
def test_workbooks_that_cannot_be_read_faithfully_are_refused(refused, content, code):
    assert refused("a.xlsx", content).code == code


def test_a_sheet_with_one_value_in_its_last_cell_is_refused_before_it_is_laid_out(refused):
    """Room for all cells up to it would be 17 billion."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
    assert refused("a.xlsx", packed({"xl/worksheets/sheet1.xml": sheet})).code == "FILE_TOO_LARGE"
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    )
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    assert (
        refused("a.ods", packed({"content.xml": f"<table:table>{row}</table:table>"})).code
        == "FILE_TOO_LARGE"
    )


@pytest.mark.long
def test_a_damaged_workbook_gives_a_documented_error(read):
    """Each byte may be wrong."""
    whole = xlsx(Sweep=ROWS)
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 150).tolist():
        damaged = whole[:place] + bytes([int(rng.integers(256))]) + whole[place + 1 :]
        try:
            read("a.xlsx", damaged)
        except TableError:
            continue


def test_without_calamine_the_extra_is_named(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sigstats\[excel\]'"):
        read("a.xlsx", xlsx(A=ROWS))


# --- arrays


def saved(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def one(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def test_arrays_over_named_axes_are_rows(read, refused):
    values = np.arange(12.0).reshape(2, 3, 2)
    frame = read(
        "a.npz",
        saved(acc=values, width=[1, 2], seed=[0, 1, 2], model=["a", "b"]),
        names=["model", "seed", "width"],
    )
    assert len(frame) == 12
    cell = (frame["model"] == "b") & (frame["seed"] == 2) & (frame["width"] == 2)
    assert frame.loc[cell, "acc"].tolist() == [11]
    assert read("a.npz", saved(acc=values[0], width=[1, 2], seed=[0, 1, 2])).columns.tolist() == [
        "seed",
        "width",
        "acc",
    ]
    problem = refused("a.npz", saved(acc=np.zeros((2, 2)), width=[1, 2], seed=[0, 1]))
    assert problem.code == "AXES_WITHOUT_NAMES"
    assert "names=[" in problem.remedy
    assert "range(3)" in refused("a.npz", saved(acc=np.zeros((3, 2)), width=[1, 2])).remedy


def test_columns_and_records_of_numpy_are_read(read, refused):
    assert (
        read("a.npz", saved(**{key: np.array(values) for key, values in FRAME.items()})).to_dict("list")
        == FRAME
    )
    records = np.array([(1, 0.5, b"a"), (2, 0.75, b"b")], dtype=[("k", "<i2"), ("m", ">f4"), ("s", "S1")])
    assert read("a.npy", one(records)).to_dict("list") == {"k": [1, 2], "m": [0.5, 0.75], "s": ["a", "b"]}
    assert "from_array(values, knob=levels)" in refused("a.npy", one(np.zeros((2, 3)))).remedy


def test_objects_in_arrays_are_never_loaded(tmp_path, refused):
    class Trap:
        def __reduce__(self):
            return (Path.mkdir, (tmp_path / "trapped",))

    objects = np.array([Trap()], dtype=object)
    assert refused("a.npy", one(objects)).code == "UNSAFE_FILE"
    assert refused("a.npz", packed({"a.npy": one(objects)})).code in {"UNSAFE_FILE", "BAD_ARRAY"}
    assert not (tmp_path / "trapped").exists()


def test_an_array_that_says_it_is_larger_than_it_is_is_refused(refused):
    """Nothing is reserved for it."""
    small = one(np.zeros(4))
    huge = small.replace(b"(4,), }     ", b"(4444444,),}")
    assert refused("a.npy", huge).code == "BAD_ARRAY"
    assert refused("a.npy", small[:-8]).code == "BAD_ARRAY"


# --- columns of Arrow


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather_is_read(read, compression):
    stream = io.BytesIO()
    pd.DataFrame(FRAME).to_feather(stream, compression=compression)
    assert read("a.feather", stream.getvalue()).to_dict("list") == FRAME
    table = pa.Table.from_pandas(pd.DataFrame(FRAME))
    with pa.ipc.new_stream(sink := pa.BufferOutputStream(), table.schema) as writer:
        writer.write_table(table)
    assert read("a.arrow", sink.getvalue().to_pybytes()).to_dict("list") == FRAME


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_feather_that_unpacks_to_more_than_allowed_is_refused_unpacked(refused, compression, monkeypatch):
    """The sizes that its buffers claim are added up before pyarrow reserves them."""
    stream = io.BytesIO()
    pyarrow.feather.write_feather(pa.table({"a": np.zeros(10**6)}), stream, compression=compression)
    from sigstats.data.readers import columnar

    monkeypatch.setattr(columnar, "_gathered", None)
    assert refused("a.feather", stream.getvalue(), max_bytes=10**6).code == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    "content", [b"", b"ARROW1", b"ARROW1\x00\x00" + b"\xff" * 100, b"FEA1" + b"\x00" * 20, TEXT]
)
def test_broken_feather_is_refused(refused, content):
    assert refused("a.feather", content).code == "BAD_FEATHER"


# --- packed files

PACKED = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}


@pytest.mark.parametrize("ending", PACKED)
def test_packed_files_are_read(read, refused, ending):
    assert read(f"a.csv.{ending}", PACKED[ending](TEXT)).to_dict("list") == FRAME
    assert refused(f"a.csv.{ending}", PACKED[ending](TEXT)[:-4]).code in {"BAD_ARCHIVE", "BROKEN_ROWS"}
    assert refused(f"a.csv.{ending}", TEXT).code == "BAD_ARCHIVE"


@pytest.mark.long
@pytest.mark.parametrize("ending", PACKED)
def test_bombs_are_not_unpacked(refused, ending, monkeypatch):
    """What comes out is counted while it comes; where packing takes long, less than 16 MB is a bomb already."""
    n_rows = 4_000_000
    if ending in ("bz2", "xz"):
        n_rows = 500_000
        monkeypatch.setattr(packed_files, "FREE", 2 * 1024**2)
    bomb = PACKED[ending](b"1,2,3\n" * n_rows)
    assert refused(f"a.csv.{ending}", bomb).code == "PACKED_BOMB"
    assert refused(f"a.csv.{ending}", bomb, max_bytes=10**6).code == "FILE_TOO_LARGE"


def test_an_archive_of_one_table_is_read_and_of_several_when_one_is_named(read, refused):
    assert (
        read(
            "a.zip", packed({"results/sweep": TEXT, "__MACOSX/x": "1", "results/.DS_Store": "1"}), kind="csv"
        ).to_dict("list")
        == FRAME
    )
    several = packed({"a.csv": TEXT, "b/c.csv": TEXT})
    problem = refused("a.zip", several)
    assert problem.code == "SEVERAL_FILES"
    assert "part='a.csv'" in problem.remedy
    assert read("a.zip", several, part="b/c.csv").to_dict("list") == FRAME
    assert read("a.zip", packed({"a.xlsx": xlsx(A=ROWS)})).to_dict("list") == FRAME


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a/../../a.csv", "..\\a.csv"])
def test_names_that_lead_out_of_an_archive_are_refused(refused, name):
    assert refused("a.zip", packed({name: TEXT})).code == "UNSAFE_FILE"


@pytest.mark.long
def test_links_code_bombs_and_lies_in_archives_are_refused(refused, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert refused("a.zip", stream.getvalue()).code == "UNSAFE_FILE"
    assert refused("a.zip", packed({"a.pkl": b"x"})).code == "UNSAFE_FILE"
    bomb = packed({"a.csv": b"1,2,3\n" * 4_000_000})
    assert refused("a.zip", bomb).code == "PACKED_BOMB"
    # The directory of the archive is made to say that the file is small.
    size = (24_000_000).to_bytes(4, "little")
    assert refused("a.zip", bomb.replace(size, (24).to_bytes(4, "little"))).code == "PACKED_BOMB"
    assert refused("a.zip", b"PK").code == "BAD_ARCHIVE"
    assert refused("a.zip", packed({})).code == "SEVERAL_FILES"
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


# --- several files, open files


def test_a_pattern_joins_its_files(tmp_path):
    """The column `file` says which row comes from where; files with other columns are named."""
    for seed in range(3):
        (tmp_path / f"seed{seed}.csv").write_text(f"width,acc\n1,0.{seed}\n2,0.7\n")
    frame = read_sweep(tmp_path / "seed*.csv")
    assert frame["file"].tolist() == [f"seed{seed}.csv" for seed in range(3) for _ in range(2)]
    assert "3 files were joined" in frame.attrs["notes"][0]
    (tmp_path / "seed3.csv").write_text("width,loss\n1,2\n")
    with pytest.raises(TableError, match=r"COLUMNS_DIFFER: 'seed3.csv' and 'seed0.csv'.*'acc', 'loss'"):
        read_sweep(str(tmp_path / "seed*.csv"))
    with pytest.raises(TableError, match="NO_FILE: no file matches"):
        read_sweep(tmp_path / "none*.csv")
    (tmp_path / "a[1].csv").write_bytes(TEXT)
    assert "file" not in read_sweep(tmp_path / "a[1].csv")


def test_open_files_are_read_and_left_open(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    for mode in ("rb", "r"):
        with path.open(mode) as handle:
            assert read_sweep(handle).to_dict("list") == FRAME
            assert not handle.closed
    assert read_sweep(io.StringIO(TEXT.decode()), kind="csv").to_dict("list") == FRAME
    assert read_sweep(io.BytesIO(b'[{"a": 1}]'))["a"].tolist() == [1]
    with pytest.raises(TableError, match=r"UNKNOWN_FILE.*kind='csv'"):
        read_sweep(io.BytesIO(TEXT))
    with pytest.raises(TableError, match="FILE_TOO_LARGE"):
        read_sweep(io.BytesIO(TEXT), kind="csv", max_bytes=5)
    with (tmp_path / "a.pkl").open("wb+") as handle, pytest.raises(TableError, match="UNSAFE_FILE"):
        read_sweep(handle, kind="csv")


def test_the_home_directory_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a.csv").write_bytes(TEXT)
    assert read_sweep("~/a.csv").to_dict("list") == FRAME
    assert len(read_sweep(Path("~/*.csv"))) == 2


# --- the registry


def test_every_ending_has_one_reader():
    assert len(BY_ENDING) == sum(len(each.endings) for each in FORMATS)


def test_an_option_of_another_kind_is_refused(read):
    """`decimal` says nothing about Parquet."""
    with pytest.raises(
        OptionError, match=r"`decimal` says nothing about 'a.json', which is read as json; it is for csv"
    ):
        read("a.json", FRAME, decimal=",")


# --- what could be lost on the way


def test_names_of_lists_in_json_are_not_lost(read, refused):
    """Two models with their records are two conditions; what one list is called is noted."""
    rows = [{"seed": 0, "acc": 0.5}, {"seed": 1, "acc": 0.6}]
    frame = read("a.json", {"mlp": rows, "cnn": rows})
    assert frame["condition"].tolist() == ["mlp", "mlp", "cnn", "cnn"]
    assert read("a.json", {"mlp": rows}).attrs["notes"] == ("'a.json': its rows stand under 'mlp'.",)
    assert refused("a.json", {"mlp": [{"condition": "x"}], "cnn": rows}).code == "BAD_JSON"


def test_lists_under_seeds_are_not_taken_for_columns(refused):
    """Their places do not say which levels they are."""
    for value in ({"mlp": {"0": [0.1, 0.2], "1": [0.2, 0.3]}}, {"a": {"0": [1]}, "b": {"0": [2]}}):
        problem = refused("a.json", value)
        assert problem.code == "BAD_JSON"
        assert "from_array" in problem.remedy


def test_a_run_with_settings_and_last_values_is_one_row(read):
    frame = read("a.json", {"config": {"width": 1, "seed": 0}, "metrics": {"loss": 0.5}})
    assert frame.to_dict("list") == {"width": [1], "seed": [0], "metrics.loss": [0.5]}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["seed_0/r.csv", "seed_1/r.csv"], ["seed_0", "seed_1"]),
        (["a/s0/log/r.csv", "a/s1/log/r.csv"], ["s0", "s1"]),
        (["a/s0/r.csv", "b/s0/r.csv", "b/s1/r.csv"], ["a/s0", "b/s0", "b/s1"]),
        (["a/r_0.csv", "b/r_0.csv", "b/r_1.csv"], ["a/r_0.csv", "b/r_0.csv", "b/r_1.csv"]),
        (["r.csv", "seed_0/r.csv"], ["r.csv", "seed_0/r.csv"]),
        (["one/r.csv"], ["r.csv"]),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path, names, labels):
    """Levels that do not overlap would otherwise make one run of several."""
    for place, name in enumerate(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"knob,metric\n{place},0.5\n")
    assert read_sweep(tmp_path / "**" / "*.csv")["file"].tolist() == labels


@pytest.mark.long
@pytest.mark.parametrize("names", ["run_{}.csv", "{}_run.csv", "mlp_{}.csv", "{}/r.csv", "acc {}.csv.gz"])
def test_files_of_summaries_are_no_seeds(tmp_path, names):
    for place, name in enumerate(["0", "1", "mean", "std"]):
        path = tmp_path / names.format(name)
        path.parent.mkdir(exist_ok=True)
        text = f"knob,metric\n1,0.{place}\n2,0.{place + 1}\n".encode()
        path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    frame = read_sweep(tmp_path / names.replace("{}", "*"))
    with pytest.raises(TableError) as error:
        SweepTable.from_frame(frame, seed="file")
    (problem,) = error.value.problems
    assert problem.code == "SUMMARY_SEEDS"
    assert "mean" not in problem.remedy
    assert "std" not in problem.remedy


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", '[{"knob": 1, "seed": "\\ud800", "metric": 1}]'), ("a.jsonl", '{"\\udcff": 1, "acc": 2}\n')],
)
def test_half_of_a_surrogate_pair_is_no_text(read, refused, name, text):
    problem = refused(name, text)
    assert problem.code == "BAD_JSON"
    assert "surrogate" in problem.message
    assert read("b.json", '[{"knob": "\\ud83d\\ude00"}]')["knob"].tolist() == ["\U0001f600"]


@pytest.mark.long
@pytest.mark.parametrize("column", [np.zeros(9_000_000), ["x" * 50] * 600_000])
def test_columns_of_one_value_are_not_unpacked(refused, column):
    """Such a column packs to almost nothing, and would fill the memory."""
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": column}), stream)
    assert len(stream.getvalue()) < 160_000
    assert refused("a.parquet", stream.getvalue()).code == "PACKED_BOMB"
    if not isinstance(column, list):
        stream = io.BytesIO()
        pyarrow.feather.write_feather(pa.table({"a": column}), stream, compression="lz4")
        assert refused("a.feather", stream.getvalue()).code == "PACKED_BOMB"


@pytest.mark.long
@pytest.mark.parametrize("packer", [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_a_packed_file_in_an_archive_is_read(read, refused, packer):
    ending, pack = packer
    assert read("a.zip", packed_bytes({f"a.csv{ending}": pack(TEXT)})).to_dict("list") == FRAME
    assert refused("a.zip", packed_bytes({f"a.csv{ending}": pack(b"0" * 2**25)})).code in {
        "FILE_TOO_LARGE",
        "PACKED_BOMB",
    }


def packed_bytes(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_lists_under_conditions_and_seeds_are_read_by_the_call_that_is_shown(tmp_path, monkeypatch, refused):
    data = {
        "mlp": {"0": [0.1, 0.2, 0.3], "1": [0.2, 0.3, 0.4]},
        "cnn": {"0": [0.1, 0.2, 0.3], "1": [0.2, 0.3, 0.4]},
    }
    remedy = refused("a.json", data).remedy
    monkeypatch.chdir(tmp_path)
    load, levels, call = re.search(
        r"(data = .*), write its levels down, as in (levels = .*), and call (.*)\.", remedy
    ).groups()
    names = {"json": json, "pathlib": pathlib, "sigstats": sigstats}
    exec(f"{load}\n{levels}\nframe = {call}", names)  # noqa: S102 - the remedy as a user types it
    table = SweepTable.from_frame(names["frame"])
    assert (table.conditions, table.seeds("cnn")) == (("cnn", "mlp"), ("0", "1"))
