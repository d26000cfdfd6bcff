"""Workbooks whose columns mix numbers with text, errors, formulas and merged cells: each cell is read, or named."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from workbooks import ods, packed, xlsx

from sigstats.data.files import read_sweep
from sigstats.data.table.sweep import SweepTable
from sigstats.errors import TableError

HEAD = ["knob", "metric", "seed"]


@pytest.fixture
def read(tmp_path):
    def read(content, name="a.xlsx", **options):
        path = tmp_path / name
        path.write_bytes(content)
        return read_sweep(path, **options)

    return read


def rows(*cells):
    return [HEAD, *([place, cell, 0] for place, cell in enumerate(cells))]


def edited(content, old, new):
    """Return a workbook with something in its first sheet replaced."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    return packed({**parts, sheet: parts[sheet].replace(old, new)})


@pytest.mark.parametrize("book", [lambda table: xlsx(S=table), ods])
@pytest.mark.parametrize(
    ("cells", "options", "numbers"),
    [
        ([0.25, "0,62", 64, "7"], {}, [0.25, 0.62, 64, 7]),
        ([0.25, "0.62", 64], {}, [0.25, 0.62, 64]),
        ([1, 2, "64"], {}, [1, 2, 64]),
        ([100, 500, "1k", "10k"], {"units": ["k"]}, [100, 500, 1000, 10000]),
        (["50%", "62%"], {}, [50, 62]),
    ],
)
def test_text_beside_numbers_is_read_cell_by_cell(read, book, cells, options, numbers):
    name = "a.ods" if book is ods else "a.xlsx"
    assert read(book(rows(*cells)), name, **options)["metric"].tolist() == numbers


@pytest.mark.parametrize("book", [lambda table: xlsx(S=table), ods])
@pytest.mark.parametrize(("cells", "options"), [(["50%", "62%", 51.5], {}), (["5 ms", 7], {"units": ["ms"]})])
def test_text_that_may_be_in_another_unit_than_the_numbers_is_refused(read, book, cells, options):
    """A number in a column of per cent may be a share: nothing says which, and none of them becomes missing."""
    frame = read(book(rows(*cells)), "a.ods" if book is ods else "a.xlsx", **options)
    assert frame["metric"].tolist() == cells
    with pytest.raises(TableError, match="holds text, such as"):
        SweepTable.from_frame(frame)


def test_true_among_numbers_is_no_number(tmp_path):
    """True and false alone are a metric; among numbers they are refused, whatever the file."""
    file = tmp_path / "a.json"
    file.write_text('[{"knob":1,"seed":0,"metric":true},{"knob":2,"seed":0,"metric":0.5}]')
    with pytest.raises(TableError, match="holds True among numbers"):
        SweepTable.from_frame(read_sweep(file))
    with pytest.raises(TableError, match=r"knob.* holds True among numbers"):
        SweepTable.from_frame(pd.DataFrame({"knob": [True, 2, 3], "metric": [1.0, 2, 3], "seed": 0}))
    flags = pd.DataFrame({"knob": [1, 2, 3], "metric": [True, None, False], "seed": 0})
    assert SweepTable.from_frame(flags).notes[0].code == "boolean_metric"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ('<c r="B3" t="e"><v>#DIV/0!</v></c>', "1 cell holds an error, such as #DIV/0!, and is missing: B3"),
        ('<c r="B3"><f>A2/10</f></c>', "1 cell holds a formula that was never computed, and is missing: B3"),
        ('<c r="B3"><f>A2/10</f><v/></c>', "formula that was never computed, and is missing: B3"),
        (
            '<c r="D2"/><c r="B3"><f>A2/10</f><v></v></c>',
            "formula that was never computed, and is missing: B3",
        ),
    ],
)
def test_cells_without_a_value_are_named(read, new, words):
    frame = read(edited(xlsx(S=rows(0.5, 0.25, 0.75)), '<c r="B3"><v>0.25</v></c>', new))
    assert frame["metric"].isna().tolist() == [False, True, False]
    assert words in frame.attrs["interpreted"][0]
    assert any(words in note.message for note in SweepTable.from_frame(frame).notes)


def test_computed_formulas_are_values(read):
    book = edited(xlsx(S=rows(0.5, 0.25)), "<v>0.25</v>", "<f>A2/10</f><v>0.25</v>")
    assert "notes" not in read(book).attrs


@pytest.mark.parametrize(
    ("old", "code", "words"),
    [
        ("<f>A2/10</f>", "UNCOMPUTED_FORMULAS", "never computed, the first in B2"),
        ("", "ERROR_CELLS", "first in B2"),
    ],
)
def test_a_column_without_any_value_is_refused_with_the_cause(read, old, code, words):
    book = xlsx(S=rows(0.5, 0.25))
    kind = "" if old else ' t="e"'
    for place, value in (("B2", "0.5"), ("B3", "0.25")):
        book = edited(
            book, f'<c r="{place}"><v>{value}</v></c>', f'<c r="{place}"{kind}>{old or "<v>#N/A</v>"}</c>'
        )
    with pytest.raises(TableError, match=words) as error:
        read(book)
    assert error.value.problems[0].code == code


def test_merged_cells_are_filled_down(read):
    """A pivot that pandas writes to a workbook names each group once, in cells that are merged."""
    table = [["model", *HEAD], ["mlp", 1, 0.5, 0], [None, 2, 0.75, 0], ["cnn", 1, 0.25, 0], [None, 2, 0.5, 0]]
    merged = '</sheetData><mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="A4:A5"/></mergeCells>'
    frame = read(edited(xlsx(S=table), "</sheetData>", merged))
    assert frame["model"].tolist() == ["mlp", "mlp", "cnn", "cnn"]
    assert "2 merged cells were filled down" in frame.attrs["interpreted"][0]


@pytest.mark.parametrize("place", ["ZZZZZZ99999999999", "A99999999999", "1", "", "A-1"])
def test_a_cell_that_stands_nowhere_is_refused_without_a_trace(read, capfd, place):
    with pytest.raises(TableError, match="a cell stands where no sheet has one"):
        read(edited(xlsx(S=rows(0.5, 0.25)), 'r="B3"', f'r="{place}"'))
    assert capfd.readouterr().err == ""
