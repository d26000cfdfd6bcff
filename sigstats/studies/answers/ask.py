"""The answer to a signature of either kind: a shape along a knob, or a claim without one."""

from typing import Any

import numpy as np

from sigstats.signature.signature import Signature
from sigstats.studies.answers.pvalues import Answer


def ask(data: Any, signature: Signature, *, rng: np.random.Generator | int | None = None) -> Answer:  # noqa: ANN401 - see detect
    """Return the answer to a signature; what is needed for it is imported when it is asked."""
    if signature.shape.against_baseline:
        from sigstats.studies.baseline.compare import compare

        return compare(data, signature)
    from sigstats.detection import detect

    return detect(data, signature, rng=rng)
