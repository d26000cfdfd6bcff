"""The tables of a robustness report that come from checks of their own: seeds, synthetic controls, common practice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigstats.report.document import Table, columns
from sigstats.report.escaping import visible
from sigstats.report.numbers import number, percent, pvalue
from sigstats.verdict.words import names

if TYPE_CHECKING:
    from sigstats.studies.practice.common_practice import CommonPractice, Practice, Specificity
    from sigstats.studies.robustness.synthetic_controls import SyntheticControl, SyntheticControls
    from sigstats.studies.seeds.audit import SeedAudit

SAME = (
    "False claims: how often each rule calls the effect specific in simulated tables like this one, although "
    "treatment and control have the same effect: first the mean of both estimates, then an effect that each test "
    "finds half of the time."
)
CLAIMS = {True: "yes", False: "no", None: "-"}


def audit_table(audit: "SeedAudit") -> Table:
    """Return what an audit of the seeds found."""
    rows = [
        (finding.weight, finding.code.replace("_", " "), visible(finding.where), _numbers(finding.numbers))
        for finding in audit.findings
    ]
    kinds = list(dict.fromkeys((finding.code, finding.means) for finding in audit.findings))
    below = [f"{code.replace('_', ' ').capitalize()}: {visible(means)}" for code, means in kinds]
    if not rows:
        below = [f"Nothing was found. Looked at: {names.listed(audit.checks, most=9)}."]
    if audit.n_gaps:
        below.append(
            f"Inside the range, {names.counted(audit.n_gaps, 'cell')} {'is' if audit.n_gaps == 1 else 'are'} missing. "
            "This check looks at the ends only, where runs that break off leave survivors behind."
        )
    return Table(
        title=f"The seeds ({audit.layout}, {audit.design})",
        columns=columns("weight", "finding", "where", "numbers", kinds=("text", "text", "text", "prose")),
        rows=tuple(rows),
        below=tuple(below),
        folded=True,
    )


def _numbers(numbers: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number(value)}" for name, value in numbers)


def synthetic_table(synthetic: "SyntheticControls") -> Table:
    """Return how often tables whose claim was broken on purpose are present."""
    rows = [
        (
            each.kind,
            _rate(each),
            str(each.replications),
            str(each.unchanged),
            str(each.failed),
        )
        for each in synthetic.controls
    ]
    below = [
        f"The verdict on the unaltered table is {synthetic.claimed}. Each altered table went through the same analysis."
    ]
    if any(each.unchanged for each in synthetic.controls):
        below.append("Unchanged: by chance the labels fell as they were, which is likely with few seeds.")
    below += [
        f"{each.kind.capitalize()}: {each.failed} altered tables could not be judged, most because "
        f"{visible(each.why_failed)}."
        for each in synthetic.controls
        if each.failed
    ]
    below += [f"Not done: {kind}, because {visible(why)}." for kind, why in synthetic.skipped]
    return Table(
        title="The claim broken on purpose",
        columns=columns("synthetic control", "present in [95%]", "tables", "unchanged", "failed"),
        rows=tuple(rows),
        below=tuple(below),
        folded=True,
    )


def _rate(control: "SyntheticControl") -> str:
    if not control.replications:
        return "none could be judged"
    low, high = control.interval()
    return f"{percent(control.rate())} [{percent(low)}, {percent(high)}]"


def practice_table(practice: "CommonPractice") -> Table:
    """Return what common practice says of a table, and how often it is wrong on tables like it."""
    rows = [
        (
            each.label,
            "n/a" if each.pvalue is None else pvalue(each.pvalue),
            CLAIMS[each.claims],
            _false_claims(each),
            each.errs,
        )
        for each in practice.practices
    ]
    simulated = (
        f"False claims: how often each method claims the trend in {practice.replications} simulated tables like this "
        f"one, without an effect; each promises {percent(practice.nominal)}. In brackets, the exact 99% interval."
        if practice.replications
        else "There are too few seeds to simulate tables like this one."
    )
    return Table(
        title="What common practice says of the treatments",
        columns=columns("method", "p", "claims it", "false claims", "errs"),
        rows=tuple(rows),
        below=(simulated,),
        folded=True,
    )


def specificity_table(specificity: "Specificity") -> Table:
    """Return who would have called the effect specific to the treatment, and how often they are wrong."""
    rows = [
        (
            each.label,
            CLAIMS[each.claims],
            "any" if each.effect is None else number(each.effect),
            _false_claims(each),
            each.errs,
        )
        for each in specificity.practices
    ]
    found = (
        f"The trend: {pvalue(specificity.treatments)} in the treatment, {pvalue(specificity.controls)} in the control. "
        f"The difference: {pvalue(specificity.practices[-1].pvalue)}."
    )
    return Table(
        title="What common practice says of the control",
        columns=columns("rule", "claims it", "same effect", "false claims", "errs"),
        rows=tuple(rows),
        below=(found, SAME),
        folded=True,
    )


def _false_claims(practice: "Practice") -> str:
    if practice.false_claims is None:
        return "-"
    return f"{practice.false_claims:.1%} [{practice.low:.1%}, {practice.high:.1%}]"
