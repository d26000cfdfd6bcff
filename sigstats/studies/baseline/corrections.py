"""The p-values that decide each treatment, corrected for their number."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sigstats.errors import SignatureError, option
from sigstats.signature.fields import Correction
from sigstats.signature.share import Share
from sigstats.signature.signature import Signature
from sigstats.studies.baseline import evidence as evidences
from sigstats.studies.baseline.evidence import ControlTests, Question, Tests
from sigstats.studies.baseline.judge import Sides

NAN = float("nan")
CONTROL_TESTS = ("specific", "quiet", "responds", "artifact")
# Sample variances that differ by more than this factor are not taken for one variance.
ALIKE = 4.0
BOUNDS = {
    "above_zero": (0, True),
    "below_zero": (0, False),
    "below_margin": (1, False),
    "above_margin": (1, True),
    "above_minus_margin": (-1, True),
    "below_minus_margin": (-1, False),
}


def sides_of(
    question: Question,
    tests: Mapping[str, Tests],
    controls: Mapping[str, ControlTests | None],
    signature: Signature,
    correction: Correction,
) -> dict[str, Sides]:
    """Return the corrected p-values of claim, denial and smallness for each treatment."""
    names, claim = list(tests), signature.shape.name
    ask = _dunnett(question, tests, signature) if correction == "dunnett" else _corrected(tests, correction)
    if claim == "equivalent":
        shown = np.maximum(ask("above_minus_margin"), ask("below_margin"))
        against = np.minimum(1.0, 2.0 * np.minimum(ask("above_margin"), ask("below_minus_margin")))
        small = np.full(len(names), NAN)
    elif claim == "not_worse":
        shown, against, small = ask("above_minus_margin"), ask("below_minus_margin"), np.full(len(names), NAN)
    else:
        shown, against, small = ask("above_zero"), ask("below_zero"), ask("below_margin")
    # Dunnett's method is about differences from the baseline; what involves a control is corrected by Holm's.
    of_controls = _of_controls(
        [controls[name] for name in names], "holm" if correction == "dunnett" else correction
    )
    return {
        name: Sides(
            shown=float(shown[at]), against=float(against[at]), small=float(small[at]), **of_controls[at]
        )
        for at, name in enumerate(names)
    }


def _corrected(tests: Mapping[str, Tests], correction: Correction) -> Callable[[str], Any]:
    """Return the p-values of one hypothesis over all treatments, corrected by Holm's procedure or not at all."""
    return lambda which: np.array(
        evidences.corrected([getattr(each, which) for each in tests.values()], correction)
    )


def _of_controls(found: list[ControlTests | None], correction: Correction) -> list[dict[str, Any]]:
    """Return the p-values against the controls for each treatment, corrected for the number of treatments."""
    columns = {
        test: evidences.corrected(
            [NAN if each is None else getattr(each, test) for each in found], correction
        )
        for test in CONTROL_TESTS
    }
    alone = [() if each is None else each.single for each in found]
    names = [name for name, _ in alone[0]]
    single = [
        evidences.corrected([each[place][1] for each in alone], correction) for place in range(len(names))
    ]
    return [
        {test: columns[test][at] for test in CONTROL_TESTS}
        | {"single": tuple((name, single[place][at]) for place, name in enumerate(names))}
        for at in range(len(found))
    ]


def correction_made(question: Question, signature: Signature) -> Correction:
    """Return the correction that is made: Holm's where Dunnett's was asked for and its assumptions do not hold."""
    if len(question.treatments) < 2:
        return "none"
    if signature.correction != "dunnett" or question.population != "runs":
        return signature.correction
    if not question.testable(*question.treatments, question.baseline):
        return "holm"
    variances = [
        question.groups[name].scores.var(ddof=1) for name in (*question.treatments, question.baseline)
    ]
    return "dunnett" if max(variances) <= ALIKE * min(variances) else "holm"


def _dunnett(question: Question, tests: Mapping[str, Tests], signature: Signature) -> Callable[[str], Any]:
    """Return the p-values of one hypothesis over all treatments by Dunnett's method."""
    if isinstance(signature.min_effect, Share):
        raise SignatureError(
            "`correction` is 'dunnett', which takes a margin in units of the metric; `min_effect` is a part of the "
            f"baseline's mean. Use {option('correction', 'holm')}."
        )
    found = evidences.dunnett(question)

    def ask(which: str) -> Any:  # noqa: ANN401 - an array
        times, above = BOUNDS[which]
        if found is None or (times and question.min_effect is None):
            return np.full(len(tests), NAN)
        return found.pvalues(bound=times * float(question.min_effect or 0.0), above=above)

    return ask
