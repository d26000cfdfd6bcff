"""Make samples/tensorboard/generated and samples/tensorboard/expected.json.

Run by hand, in an environment with tensorboard 2.21.0 and tensorboardX 2.6.5; the tests need neither. The expected
values are those of TensorBoard's own EventAccumulator.
"""

import json
import shutil
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.util import tensor_util
from tensorboardX import SummaryWriter

SAMPLES = Path(__file__).parent / "samples" / "tensorboard"
T0 = 1_700_000_000.0


def frame(data: bytes) -> bytes:
    """Return a record as TFRecord frames it."""
    head = len(data).to_bytes(8, "little")
    return head + masked_crc32c(head).to_bytes(4, "little") + data + masked_crc32c(data).to_bytes(4, "little")


def write(path: Path, events: list[event_pb2.Event]) -> None:
    """Write an event file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first = event_pb2.Event(wall_time=T0, file_version="brain.Event:2")
    path.write_bytes(b"".join(frame(each.SerializeToString()) for each in [first, *events]))


def event(step: int, *values: summary_pb2.Summary.Value) -> event_pb2.Event:
    """Return an event of some values."""
    return event_pb2.Event(wall_time=T0 + step, step=step, summary=summary_pb2.Summary(value=values))


def simple(tag: str, value: float) -> summary_pb2.Summary.Value:
    """Return a value as TensorFlow 1 writes it."""
    return summary_pb2.Summary.Value(tag=tag, simple_value=value)


def tensor(tag: str, proto: tensor_pb2.TensorProto) -> summary_pb2.Summary.Value:
    """Return a value as TensorFlow 2 writes it."""
    found = summary_pb2.Summary.Value(tag=tag, tensor=proto)
    found.metadata.plugin_data.plugin_name = "scalars"
    return found


def protos() -> dict[str, tensor_pb2.TensorProto]:
    """Return scalars of all types, as bytes and as lists of values."""
    found = {}
    kinds = ("float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool")
    for name in kinds:
        array = np.array(-3.5 if name.startswith("float") else 1 if name[0] in "ub" else -3, dtype=name)
        found[f"listed/{name}"] = tensor_util.make_tensor_proto(array)
        content = tensor_util.make_tensor_proto(array)
        for field in ("float_val", "double_val", "half_val", "int_val", "int64_val", "bool_val"):
            content.ClearField(field)
        content.tensor_content = array.tobytes()
        found[f"content/{name}"] = content
    for name, kind in (("uint32", types_pb2.DT_UINT32), ("uint64", types_pb2.DT_UINT64)):
        found[f"content/{name}"] = tensor_pb2.TensorProto(
            dtype=kind, tensor_content=np.array(4_000_000_000, dtype=name).tobytes()
        )
    return found


def generate(folder: Path) -> None:
    """Write runs with what the real samples lack."""
    shutil.rmtree(folder, ignore_errors=True)
    write(
        folder / "resumed" / "events.out.tfevents.1700000000.host",
        [event(s, simple("loss", 1.0 / (s + 1)), simple("rate", 0.5**s)) for s in range(10)]
        + [event(s, simple("val", float(s))) for s in (0, 5)],
    )
    write(
        folder / "resumed" / "events.out.tfevents.1700000100.host",
        [event(s, simple("loss", 2.0 / (s + 1))) for s in range(6, 9)]
        + [
            event(10, simple("val", float("nan"))),
            event(-4, simple("negative", 1.0)),
            event(2**40, simple("far", 1.0)),
        ],
    )
    write(
        folder / "types" / "events.out.tfevents.1700000000.host.v2",
        [event(s, *(tensor(tag, proto) for tag, proto in protos().items())) for s in range(3)],
    )
    with SummaryWriter(str(folder / "torch"), filename_suffix=".x") as writer:
        writer.add_text(
            "args", json.dumps({"learning_rate": 5e-05, "seed": 42, "fsdp": [], "deepspeed": None})
        )
        for step in range(5):
            writer.add_scalar("train/loss", 1.0 / (step + 1), step, walltime=T0 + step)
            writer.add_histogram("weights", np.arange(10.0), step, walltime=T0 + step)
        writer.add_hparams(
            {"lr": 0.1, "depth": 3, "opt": "adam", "bn": True}, {"hparam/accuracy": 0.75}, "1700000000.5"
        )
    for number, path in enumerate(sorted(folder.glob("torch/**/*tfevents*"))):
        path.rename(path.with_name(f"events.out.tfevents.170000000{number}.host.x"))


def expected(folder: Path) -> dict[str, dict[str, list[list[float]]]]:
    """Return step and value of all scalars, by folder and tag, as TensorBoard reads them."""
    found: dict[str, dict[str, list[list[float]]]] = {}
    for path in sorted({each.parent for each in folder.rglob("*tfevents*")}):
        reader = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
        reader.Reload()
        tags = {tag: [[e.step, e.value] for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}
        for tag in reader.Tags()["tensors"]:
            arrays = [(e.step, tensor_util.make_ndarray(e.tensor_proto)) for e in reader.Tensors(tag)]
            numbers = [
                (step, each) for step, each in arrays if each.shape == () and each.dtype.kind in "fiub"
            ]
            if numbers:
                tags[tag] = [[step, float(each)] for step, each in numbers]
        found[path.relative_to(folder).as_posix()] = tags
    return found


if __name__ == "__main__":
    generate(SAMPLES / "generated")
    (SAMPLES / "expected.json").write_text(json.dumps(expected(SAMPLES), indent=1) + "\n")
