"""What many negative controls say of the effect, in words: calibrated beside nominal p-values, and doubts."""

from sigstats.evidence.results import NegativeControls
from sigstats.report.numbers import bare_pvalue, number, pvalue
from sigstats.stats.classical.empirical_null import FEWEST
from sigstats.verdict.decision import Decision
from sigstats.verdict.findings import DOUBTED
from sigstats.verdict.words import names, phrases

REMEDY = (
    "Find out what moves the controls though nothing should be there (shared items, runs or batches), and measure it "
    "or take it out. More seeds do not help against it; more controls narrow its law."
)


def told(verdict: Decision) -> str:
    """Return the nominal p-value beside the calibrated one, and how far the controls are off."""
    found = verdict.evidence.negative_controls
    if found is None:
        return ""
    both = f"nominal p {bare_pvalue(found.nominal_pvalue)}, calibrated p {bare_pvalue(found.pvalue)}"
    return f"{both} by {found.n_controls} negative controls; {off(verdict, found)}"


def off(verdict: Decision, found: NegativeControls) -> str:
    """Return how far the controls are from nothing, and how many differ from it on their own."""
    mean = phrases.measured(verdict, number(names.sign(verdict) * found.mean))
    if found.sd > 0:
        sd = phrases.measured(verdict, number(found.sd))
        spread = f"they differ by an sd of {sd} beside what their seeds explain"
    else:
        spread = "their seeds explain by how much they differ"
    said = f"their mean is {mean}, and {spread}"
    if found.n_nonzero is None:
        return said
    chance = number(found.level * found.n_controls, digits=2)
    return (
        f"{said}; {found.n_nonzero} of {found.n_controls} differ from 0 at {number(found.level)}, where chance alone "
        f"gives {chance}"
    )


def within(verdict: Decision, shown: str) -> str:
    """Return that the effect lies within what the controls show of themselves."""
    found = verdict.evidence.negative_controls
    if found is None:
        return f"{shown}, but not to exceed what the negative controls show."
    return (
        f"{shown} by its seeds ({pvalue(found.nominal_pvalue)}), but not to exceed what {found.n_controls} conditions "
        f"show in which nothing should be there (calibrated {pvalue(found.pvalue)}): {off(verdict, found)}."
    )


def uncalibrated(verdict: Decision) -> str:
    """Return why nothing was calibrated although that was declared."""
    controls = names.arms(verdict, "control")
    if len(controls) < FEWEST:
        has = names.counted(len(controls), "control") if controls else "no control"
        why = f"that takes at least {FEWEST} negative controls, and there {'are' if len(controls) > 1 else 'is'} {has}"
    elif verdict.signature.shape.positive_control:
        shape = verdict.signature.shape.name
        why = f"the controls of the shape {shape!r} are to depart from it, and are no negative ones"
    elif verdict.evidence.majority is not None or verdict.signature.across_seeds == "majority":
        why = "the claim is about most seeds, and negative controls say how far a mean is off"
    else:
        why = "the controls could not be compared with the treatment"
    return f"`calibrate` was declared, but nothing was calibrated: {why}. The p-values are nominal."


def doubtful(verdict: Decision) -> str:
    """Return why the controls do not look like negative controls of their own."""
    found = verdict.evidence.negative_controls
    if found is None:
        return "The negative controls are in doubt."
    said = []
    if found.outliers:
        who = names.listed(names.condition(verdict, each) for each in found.outliers)
        said.append(
            f"something may be there in {who}, which the others do not explain; it widens what counts as nothing"
        )
    if found.pvalue_off <= DOUBTED:
        mean = phrases.measured(verdict, number(names.sign(verdict) * found.mean))
        said.append(
            f"on average they go the predicted way by {mean} ({pvalue(found.pvalue_off)}): what moves them may also "
            "move the treatment"
        )
    if found.pvalue_shared <= DOUBTED:
        said.append(
            f"their scores go together over seeds ({pvalue(found.pvalue_shared)}), as where they share runs or items: "
            f"they are fewer than {found.n_controls} independent ones, and a treatment with other runs may differ from "
            "them by more than they do from each other"
        )
    return f"The negative controls are in doubt: {'; '.join(said)}."
