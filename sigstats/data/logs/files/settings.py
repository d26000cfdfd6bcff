"""Files of settings, whatever a script called them and in whatever notation it wrote them.

JSON, YAML, TOML, and text: ``key: value`` or ``key = value`` on each line, or ``Namespace(key=value, ...)`` as Python
prints it. The mappings ``{"value": ...}`` that Weights & Biases puts around each setting are taken off.
"""

import ast
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sigstats.data.logs.files.yaml import load_yaml
from sigstats.data.logs.folders import read_bytes
from sigstats.data.logs.model import LogError, Scalar
from sigstats.data.logs.recording import RunRecorder
from sigstats.data.logs.values import as_scalar, flatten, parse_json

STEMS = (
    "config", "params", "hparams", "args", "settings", "opt", "variant", "hyperparameters", "hyperparams", "parameters",
    "arguments", "options", "opts", "cfg", "flags", "flags_0", "run_config", "train_config", "training_args",
    "train_opt",
)  # fmt: skip
NOTATIONS = (".json", ".yaml", ".yml", ".toml", ".txt")
NAMES = tuple(f"{stem}{ending}" for stem in STEMS for ending in NOTATIONS)
MAX_BYTES = 2**20
MAX_SOURCE = 50_000
MAX_NESTING = 30
_WANDB = frozenset({"wandb_version", "_wandb"})
_WRAPPED = frozenset({"value", "desc"})

_LINE = re.compile(r"[ \t]*(?:--)?([A-Za-z_][\w./-]{0,100})[ \t]*[:=][ \t]*([^\n]{0,1000})")
_COMMENT = re.compile(r"[ \t]*(?:#|-{3,}|={3,})")
_NAMESPACE = re.compile(r"\s*(?:argparse\.)?Namespace\(")


def settings_in(recorder: RunRecorder, path: Path) -> dict[str, Scalar]:
    """Return the settings that a file holds, flat; empty, with a note, where it cannot be read."""
    try:
        found = _content(recorder, path)
    except LogError as error:
        recorder.note("BAD_CONFIG", f"{path.name} {error.message}", "its settings are left out")
        return {}
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        recorder.note("BAD_CONFIG", f"{path.name} does not hold a mapping", "its settings are left out")
        return {}
    return flatten(unwrapped(found))


def _content(recorder: RunRecorder, path: Path) -> object:
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        return load_yaml(recorder, path, path.name)
    data = read_bytes(path, MAX_BYTES)
    if ending == ".json":
        return parse_json(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LogError("BAD_CONFIG", "is not UTF-8 text") from None
    return _from_toml(text) if ending == ".toml" else _from_text(text)


def _from_toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise LogError("BAD_CONFIG", f"is not valid TOML: {str(error)[:200]}") from None


def _from_text(text: str) -> Mapping[str, Any] | None:
    if text.lstrip().startswith("{"):
        found = parse_json(text.encode())
        return found if isinstance(found, dict) else None
    if _NAMESPACE.match(text):
        return _from_namespace(text.strip())
    lines = [line for line in text.splitlines() if line.strip() and not _COMMENT.match(line)]
    pairs = [_LINE.fullmatch(line) for line in lines[:10_000]]
    known = [pair for pair in pairs if pair]
    if not known or len(known) < len(lines) / 2:
        raise LogError("BAD_CONFIG", "does not hold lines such as key: value")
    return {pair[1]: _without_default(pair[2]) for pair in known}


def _without_default(text: str) -> str:
    """Return a value without the default that ``train_opt.txt`` prints behind it."""
    return re.sub(r"[ \t]+\[default: [^\]]*\]\Z", "", text.strip()).strip("\"'")


def _from_namespace(text: str) -> Mapping[str, Any]:
    """Return the plain values in ``Namespace(...)``; the text is taken apart, never executed."""
    depth = deepest = 0
    for letter in text[: MAX_SOURCE + 1]:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if len(text) > MAX_SOURCE or deepest > MAX_NESTING:
        raise LogError("BAD_CONFIG", "is too long or nested too deeply")
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LogError("BAD_CONFIG", "is not a whole Namespace(...)") from None
    words = call.keywords if isinstance(call, ast.Call) else []
    found = {word.arg: _literal(word.value) for word in words if word.arg}
    return {key: value for key, value in found.items() if value is not _CODE}


_CODE = object()


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return _CODE


def unwrapped(config: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return settings without the ``value:`` that older versions of W&B put around each."""
    own = {key: each for key, each in config.items() if key not in _WANDB}
    wrapped = [
        each
        for each in own.values()
        if isinstance(each, Mapping) and "value" in each and set(each) <= _WRAPPED
    ]
    if not own or len(wrapped) < len(own):
        return config
    return {key: each["value"] for key, each in own.items()}


def same(one: Scalar, other: Scalar) -> bool:
    """Return whether two settings are equal; NaN equals itself."""
    return one == other or (one != one and other != other)  # noqa: PLR0124


__all__ = ["NAMES", "as_scalar", "same", "settings_in", "unwrapped"]
