"""Make samples/wandb: offline runs and what their records hold, as W&B's own protocol buffers read them.

Run by hand, in an environment with wandb 0.31.0; the tests do not need it. That version has no reader of ``.wandb``
files in Python any more, so the frames are taken apart here, by the description of the LevelDB log format, and each
record is decoded by W&B's generated classes.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import wandb
from wandb.proto import wandb_internal_pb2

SAMPLES = Path(__file__).parent / "samples" / "wandb"
SETTINGS = {
    "console": "off",
    "x_disable_stats": True,
    "x_disable_meta": True,
    "disable_git": True,
    "host": "host",
}


def train(folder: str, number: int, *, fail: bool) -> None:
    """Log a run."""
    run = wandb.init(
        mode="offline", project="sweep", name=f"seed {number}", id=f"run{number}", group="adam", job_type="train",
        tags=["first", "second"], dir=folder, settings=wandb.Settings(**SETTINGS),
        config={"lr": 1e-3, "seed": number, "optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "note": None},
    )  # fmt: skip
    run.config.update({"late": "yes"})
    for step in range(80 if number == 1 else 20):
        row = {
            "loss": 1 / (step + 1),
            "eval/accuracy": step / 80,
            "nested": {"a": step, "b": {"c": 2.0 * step}},
        }
        if step in (7, 8, 9):
            row["loss"] = {7: float("nan"), 8: float("inf"), 9: float("-inf")}[step]
        if step % 10 == 9:
            row["weights"] = wandb.Histogram([1.0, 2.0, 3.0])
            row["val"] = step * 1.5
        if step == 3:
            row["text"] = "a word"
        run.log(row)
    run.summary["best"] = 0.875
    run.finish(exit_code=1 if fail else 0)


def records(data: bytes) -> list[bytes]:
    """Return the records of a file."""
    found, pieces, position = [], [], 7
    while position < len(data):
        if 32768 - position % 32768 < 7:
            position += 32768 - position % 32768
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, position)
        piece = data[position + 7 : position + 7 + length]
        if checksum != zlib.crc32(piece, zlib.crc32(bytes([kind]))):
            raise ValueError(position)
        pieces.append(piece)
        if kind in (1, 4):
            found.append(b"".join(pieces))
            pieces = []
        position += 7 + length
    return found


def expected(path: Path) -> dict[str, object]:
    """Return config, history and exit code of a run."""
    config: dict[str, object] = {}
    history: list[list[object]] = []
    code = None
    for data in records(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        kind = record.WhichOneof("record_type")
        if kind == "history":
            row = {
                ".".join(item.nested_key) or item.key: json.loads(item.value_json)
                for item in record.history.item
            }
            history.append([record.history.step.num, row])
        elif kind in ("run", "config"):
            update = record.run.config.update if kind == "run" else record.config.update
            config |= {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in update}
        elif kind == "exit":
            code = record.exit.exit_code
    return {"config": config, "history": history, "exit_code": code}


def main() -> None:
    """Write the samples, each run in a process of its own."""
    if len(sys.argv) > 1:
        train(sys.argv[1], int(sys.argv[2]), fail=sys.argv[2] == "2")
        return
    shutil.rmtree(SAMPLES, ignore_errors=True)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in (1, 2):
            command = [sys.executable, __file__, folder, str(number)]
            subprocess.run(command, check=True, env={**os.environ, "WANDB_SILENT": "true"})
        for path in sorted(Path(folder).glob("wandb/offline-run-*/*.wandb")):
            home = SAMPLES / "wandb" / f"offline-run-20250101_00000{path.stem[-1]}-{path.stem[4:]}"
            home.mkdir(parents=True)
            shutil.copy(path, home / path.name)
            found[home.relative_to(SAMPLES).as_posix()] = expected(path)
    (SAMPLES / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    (SAMPLES / "SOURCE.txt").write_text(
        f"made by ../../make_expected_wandb.py with wandb {wandb.__version__}\n"
    )


if __name__ == "__main__":
    main()
