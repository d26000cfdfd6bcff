"""The kinds of files that hold sweep tables; the documentation's table of formats is made from this list."""

from sigstats.data.readers.arrays import read_npy, read_npz
from sigstats.data.readers.columnar import read_feather, read_parquet
from sigstats.data.readers.json_text import read_json
from sigstats.data.readers.model import TableFormat
from sigstats.data.readers.sheets import read_sheet
from sigstats.data.readers.text import read_tabbed, read_text

TEXT_OPTIONS = ("comment", "decimal", "delimiter", "encoding", "missing", "thousands", "units")
SHEET_LEAVES = (
    "formulas are not computed (their last values count); no macros, colours or binary workbooks (`.xlsb`)"
)

FORMATS = (
    TableFormat(
        name="csv",
        endings=(".csv", ".txt", ".dat"),
        written_by="pandas, polars, R, numpy's `savetxt`, spreadsheets, most tools",
        reads="any delimiter, decimal comma, grouped thousands, per cent, comment lines and `sep=` before the header, "
        "UTF-8, UTF-16 and named encodings",
        leaves="rows with too few or too many fields, and numbers with two readings, are errors; dates stay text",
        read=read_text,
        options=TEXT_OPTIONS,
    ),
    TableFormat(
        name="tsv",
        endings=(".tsv", ".tab"),
        written_by="the same tools; Excel as *Unicode text*",
        reads="as csv, with tabs between fields",
        leaves="as csv",
        read=read_tabbed,
        options=TEXT_OPTIONS,
    ),
    TableFormat(
        name="json",
        endings=(".json",),
        written_by="Python's `json`, pandas' `to_json`, web tools",
        reads="a list of objects, an object of columns, runs such as `{config, history}`, numbers nested as in "
        "model -> seed -> level",
        leaves="NaN and Infinity, which JSON does not have, and lists in place of plain values are errors",
        read=read_json,
        options=("encoding", "names"),
    ),
    TableFormat(
        name="jsonl",
        endings=(".jsonl", ".ndjson"),
        written_by="loggers, pandas' `to_json(lines=True)`, duckdb",
        reads="one object per line, recognised in files of any text ending",
        leaves="as json",
        read=read_json,
        options=("encoding", "names"),
    ),
    TableFormat(
        name="parquet",
        endings=(".parquet", ".pq"),
        written_by="pandas, polars, duckdb, Spark",
        reads="all columns, as a pyarrow table",
        leaves="folders of several files: use a pattern such as `sweep/*.parquet`",
        read=read_parquet,
        start=b"PAR1",
    ),
    TableFormat(
        name="feather",
        endings=(".feather", ".arrow", ".ipc"),
        written_by="pandas' `to_feather`, polars' `write_ipc`, R's arrow",
        reads="files and streams of Arrow, as a pyarrow table",
        leaves="the first version of Feather (before 2020)",
        read=read_feather,
        start=b"ARROW1",
    ),
    TableFormat(
        name="excel",
        endings=(".xlsx", ".xlsm", ".xls"),
        written_by="Excel, LibreOffice, Google Sheets",
        reads="one sheet, its header being the first filled row",
        leaves=SHEET_LEAVES,
        read=read_sheet,
        options=("decimal", "missing", "part", "thousands", "units"),
    ),
    TableFormat(
        name="ods",
        endings=(".ods",),
        written_by="LibreOffice",
        reads="as excel",
        leaves=SHEET_LEAVES,
        read=read_sheet,
        options=("decimal", "missing", "part", "thousands", "units"),
    ),
    TableFormat(
        name="npz",
        endings=(".npz",),
        written_by="numpy's `savez`",
        reads="columns of one length, or values and one list of labels for each of their axes",
        leaves="arrays of Python objects are refused",
        read=read_npz,
        options=("names",),
    ),
    TableFormat(
        name="npy",
        endings=(".npy",),
        written_by="numpy's `save`",
        reads="structured arrays",
        leaves="arrays without names (`from_array` makes a table of them), and of Python objects",
        read=read_npy,
        start=b"\x93NUMPY",
    ),
)
BY_NAME = {each.name: each for each in FORMATS}
BY_ENDING = {ending: each for each in FORMATS for ending in each.endings}
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
