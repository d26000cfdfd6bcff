"""The known formats of training logs, in the order in which they are searched for.

Formats that can be recognised by their files come first, plain tables last. The module of a format is imported when
logs are read, not before.
"""

import functools
import importlib

from sigstats.data.logs.model import Format
from sigstats.errors import OptionError, unknown_option

MODULES = (
    "wandb",
    "wandb_files",
    "mlflow",
    "optuna",
    "trackio",
    "ray_tune",
    "sacred",
    "huggingface",
    "huggingface_results",
    "stable_baselines",
    "clearml",
    "dvclive",
    "inspect_ai",
    "lighteval",
    "helm",
    "lm_eval",
    "wandb_csv",
    "tensorboard_csv",
    "long_table",
    "tensorboard",
    "spinning_up",
    "lightning",
    "keras",
    "json_history",
    "stdout",
    "plain",
)


@functools.cache
def formats() -> tuple[Format, ...]:
    """Return all formats, in the order in which they are searched for."""
    return tuple(_load(module) for module in MODULES)


def _load(module: str) -> Format:
    found = importlib.import_module(f"sigstats.data.logs.formats.{module}").FORMAT
    if not isinstance(found, Format):
        raise TypeError(
            f"sigstats.data.logs.formats.{module}.FORMAT is {type(found).__name__}; it must be a Format"
        )
    return found


def chosen(name: str) -> tuple[Format, ...]:
    """Return the formats with a name."""
    if name == "auto":
        return formats()
    found = tuple(each for each in formats() if each.name == name)
    if not found:
        raise OptionError(unknown_option("format", name, ("auto", *(each.name for each in formats()))))
    return found
