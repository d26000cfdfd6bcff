"""Several studies together, in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sigstats.report.document import Column, Document, Fact, Facts, Picture, Table
from sigstats.report.escaping import shortened, visible
from sigstats.report.numbers import bare_probability, interval, number, percent, probability, pvalue
from sigstats.report.units import with_unit
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.record import CombinedRecord, Finding
from sigstats.studies.combining.study import StudyEffect

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_NAME = 40
FEW = 5
WHAT = {"effect": "effect", "contrast": "effect beyond the control"}


def headline(found: CombinedRecord) -> str:
    """Return the result as one line."""
    return f"{len(found.studies)} studies: mean {WHAT[found.of]} {sized(found, found.mean)}; {_answer_in_brief(found)}"


def sized(found: CombinedRecord, estimate: Estimate) -> str:
    """Return an estimate with its interval and unit."""
    return with_unit(interval(estimate), found.unit)


def _answer_in_brief(found: CombinedRecord) -> str:
    said = {
        Finding.SHOWN: "shown",
        Finding.OPPOSITE: "the opposite is shown",
        Finding.OPEN: "the studies together cannot tell",
    }
    return "; ".join(
        [
            *(words for finding, words in said.items() if finding in found.findings),
            *(["studies contradict each other"] * (Finding.CONTRADICTION in found.findings)),
        ]
    )


def tell(found: CombinedRecord, draw: "Callable[[], Figure]") -> Document:
    """Return all that reports say."""
    return Document(
        headline=headline(found),
        title=f"{found.claim}: {len(found.studies)} studies together",
        brief=_answer_in_brief(found),
        answer=tuple(_answer(found)),
        picture=Picture(draw=draw),
        blocks=(_facts(found), _table(found)),
        notes=tuple(_notes(found)),
        repeat=tuple(_repeat(found)),
    )


def _answer(found: CombinedRecord) -> list[str]:
    """Return what the studies show together, a sentence for each finding."""
    mean, follows = sized(found, found.mean), sized(found, found.next_study)
    first, last = (_named(found.studies[at]) for at in (found.contradiction.above, found.contradiction.below))
    inside = percent(found.level)
    spread = f"{pvalue(found.heterogeneity.pvalue)}; sd between studies {sized(found, found.between)}"
    margin = with_unit(number(found.margin), found.unit)
    said = {
        Finding.SHOWN: f"The mean {WHAT[found.of]} over all studies of this kind is {mean} ({inside} interval): it "
        f"is shown to be above 0.",
        Finding.OPPOSITE: f"The mean {WHAT[found.of]} over all studies of this kind is {mean} ({inside} interval): "
        f"the opposite of the claim is shown.",
        Finding.OPEN: f"The mean {WHAT[found.of]} over all studies of this kind is {mean} ({inside} interval): the "
        f"studies together cannot tell whether it is above 0.",
        Finding.EACH_SHOWN: f"Each of these studies shows an effect above 0 by itself ({pvalue(found.pvalue_each)}).",
        Finding.REACHES_MARGIN: f"The mean is shown to reach {margin}, the declared min_effect.",
        Finding.BELOW_MARGIN: f"The mean is shown to be smaller than {margin}, the declared min_effect.",
        Finding.CONTRADICTION: f"Studies contradict each other: {first} shows an effect above 0, {last} one below 0 "
        f"({pvalue(found.contradiction.pvalue)}).",
        Finding.DIFFER: f"The studies differ by more than their errors ({spread}).",
        Finding.NOT_SHOWN_TO_DIFFER: f"It is not shown that the studies differ by more than their errors ({spread}).",
        Finding.NEXT_SHOWS_IT: f"The true effect of the next study is expected at {follows}: above 0.",
        Finding.NEXT_OPEN: f"The true effect of the next study is expected at {follows}: it may be 0 or opposite "
        f"({probability(found.prob_next_positive, 'above 0')}).",
        Finding.NEXT_OPPOSITE: f"The true effect of the next study is expected at {follows}: below 0.",
        Finding.DEPENDS_ON_PRIOR: "Whether the mean is shown depends on the prior of the sd between studies (see "
        "the notes).",
    }
    return [said[finding] for finding in found.findings if finding in said]


def _named(study: StudyEffect) -> str:
    return f"'{shortened(study.name, LONGEST_NAME)}'"


def _facts(found: CombinedRecord) -> Facts:
    spread = found.heterogeneity
    said = {
        "mean": f"{sized(found, found.mean)}, {probability(found.prob_positive, 'above 0')}",
        "next study": f"{sized(found, found.next_study)}, {probability(found.prob_next_positive, 'above 0')}",
        "between": f"sd {sized(found, found.between)}",
        "differ": (
            f"Q = {number(spread.q)}, Welch's F({number(spread.df)}, {number(spread.df_error)}) = "
            f"{number(spread.statistic)}; {pvalue(spread.pvalue)}, the larger of Welch's and a bootstrap's; "
            f"I2 = {percent(spread.i2)}"
        ),
        "prior": f"{found.prior} of the sd between studies",
    }
    return Facts(
        heading="In numbers", facts=tuple(Fact(label=label, said=words) for label, words in said.items())
    )


def _table(found: CombinedRecord) -> Table:
    heads = (
        ("study", "text"),
        ("seeds", "number"),
        ("effect", "interval"),
        ("df", "number"),
        ("verdict", "text"),
    )
    rows = [
        (
            visible(each.name),
            str(each.n_seeds),
            interval(each.effect),
            number(each.df, digits=2),
            each.status,
        )
        for each in found.studies
    ]
    rows += [
        ("mean", "", interval(found.mean), "", ""),
        ("next study", "", interval(found.next_study), "", ""),
    ]
    return Table(
        heading="Studies",
        columns=tuple(Column(head=head, kind=kind) for head, kind in heads),  # type: ignore[arg-type]
        rows=tuple(rows),
        most=30,
        rest=("study", "table()"),
        compact=True,
        below=(_below(found),),
    )


def _below(found: CombinedRecord) -> str:
    confidences = {each.effect.confidence for each in found.studies}
    own = percent(confidences.pop()) if len(confidences) == 1 else "their own"
    last = percent(found.level)
    unit = visible(found.unit)
    return (
        f"Effects in {unit}; intervals of studies are {own} t intervals, the last two are {last} intervals."
    )


def _notes(found: CombinedRecord) -> list[str]:
    notes = [
        "Standard errors of few seeds are estimates: every study enters with its t distribution.",
        *(
            f"With the prior {each.prior}, the mean is {sized(found, each.mean)} and the next study "
            f"{sized(found, each.next_study)}."
            for each in found.sensitivity
        ),
        "Studies that were made known because of what they found would bias the mean; this cannot be seen here.",
    ]
    if len(found.studies) < FEW:
        notes.insert(
            1,
            f"With {len(found.studies)} studies, little is known of how far studies differ: the prior widens the "
            f"intervals.",
        )
    if Finding.ROUGH in found.findings:
        notes.append(
            f"The ends of intervals are rough: they rest on {number(found.effective_draws, digits=2)} effective "
            f"draws of the variances of so many studies with so few seeds."
        )
    if Finding.OTHER_MARGINS in found.findings:
        notes.append("The studies declare different values of min_effect; none is compared with the mean.")
    if Finding.OTHER_VERSIONS in found.findings:
        versions = sorted({each.version for each in found.studies})
        notes.append(
            f"The studies were judged by different versions of sigstats: {visible(', '.join(versions))}."
        )
    notes += [f"The studies differ in `{name}`, which was allowed." for name in found.differing]
    return notes


def _repeat(found: CombinedRecord) -> list[Fact]:
    hashes = ", ".join(f"{visible(each.name)} {each.data_hash[:16]}" for each in found.studies)
    return [
        Fact(label="data", said=f"sha256 {hashes}"),
        Fact(label="prior", said=f"{found.prior}, level {bare_probability(found.level)}"),
    ]
