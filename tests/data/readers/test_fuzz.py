"""Damaged files of every kind: each gives a frame or a documented error."""

import bz2
import gzip
import io
import json
import lzma
import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from workbooks import ods, packed, xlsx

from sigstats.data.files import read_sweep
from sigstats.errors import SigstatsError

ROWS = [["width", "acc", "seed"], [1, 0.5, 0], [2, 0.75, 0], [3, "x", 1]]
FRAME = pd.DataFrame({"knob": [1, 2, 3], "metric": [0.5, 0.6, 0.7], "seed": ["a", "b", "c"]})
TEXT = b'# c\na;b;"c d"\n1.000;0,5;x\n2;"1.234,5";70%\n'
PIECES = [b",", b";", b"\n", b'"', b"\xff", b"0", b".", b"{", b"[", b"1.000", b"%", b"#"]


def written(write):
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


FILES = {
    "xlsx": xlsx(A=ROWS, B=[]),
    "ods": ods(ROWS),
    "npz": written(lambda s: np.savez_compressed(s, acc=np.zeros((2, 3)), seed=[0, 1], width=[1, 2, 3])),
    "npy": written(lambda s: np.save(s, np.zeros(3, dtype=[("a", int), ("b", "S2")]))),
    "feather": written(lambda s: FRAME.to_feather(s, compression="zstd")),
    "arrow": written(lambda s: FRAME.to_feather(s, compression="lz4")),
    "parquet": written(FRAME.to_parquet),
    "csv.gz": gzip.compress(TEXT, mtime=0),
    "csv.bz2": bz2.compress(TEXT),
    "csv.xz": lzma.compress(TEXT),
    "zip": packed({"a.csv": TEXT}),
    "csv": TEXT,
    "json": json.dumps({"m": {"0": {"1": 0.5, "2": 0.6}}, "n": {"0": {"1": 0.5, "2": 0.6}}}).encode(),
    "jsonl": b'{"config": {"a": 1}, "history": [{"b": 2}]}\n{"a": 1}\n',
}


def damaged(data, rng):
    """Return bytes with some of them changed, lost or added."""
    found = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        place = rng.randrange(len(found) + 1)
        what = rng.random()
        if what < 0.6:
            found[place : place + 1] = bytes([rng.choice([0, 255, rng.randrange(256)])])
        elif what < 0.8:
            del found[place : place + rng.randrange(1, 20)]
        else:
            found[place:place] = rng.choice(PIECES) * rng.randrange(1, 5)
    return bytes(found)


@pytest.mark.long
@pytest.mark.parametrize("kind", FILES)
def test_damaged_files_give_a_frame_or_a_documented_error(tmp_path, kind):
    rng = random.Random(kind)  # noqa: S311 - not for secrets
    path = tmp_path / f"a.{kind}"
    path.write_bytes(FILES[kind])
    outcomes = set()
    for _ in range(120):
        path.write_bytes(damaged(FILES[kind], rng))
        try:
            read_sweep(path)
            outcomes.add("read")
        except SigstatsError:
            outcomes.add("refused")
    assert "refused" in outcomes


@pytest.mark.long
@pytest.mark.parametrize(
    "content",
    [
        b"<table:table-cell" * 200_000,
        b"<table:table-row " + b"number-columns-repeated=" * 200_000,
        b"<sheetData>" + b" r " * 1_000_000,
    ],
)
def test_workbooks_cannot_make_the_search_for_their_size_slow(tmp_path, content):
    """With a search that goes back, each of these would take hours."""
    path = tmp_path / "a.ods"
    path.write_bytes(
        packed(
            {
                "content.xml": b"table:table"
                + np.random.default_rng(0).bytes(2 * len(content) // 100)
                + content
            }
        )
    )
    with pytest.raises(SigstatsError):
        read_sweep(path)
