"""The answer to a signature of either kind: a shape along a knob, or a claim without one."""

from typing import Any

import numpy as np

from sigstats.detection import detect
from sigstats.signature.signature import Signature
from sigstats.studies.answers.pvalues import Answer
from sigstats.studies.baseline.compare import compare


def ask(data: Any, signature: Signature, *, rng: np.random.Generator | int | None = None) -> Answer:  # noqa: ANN401 - see detect
    """Return the answer to a signature."""
    if signature.shape.against_baseline:
        return compare(data, signature)
    return detect(data, signature, rng=rng)
