"""What can be said of several signatures together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sigstats.report.document import Bundle, Entry
from sigstats.report.escaping import shortened
from sigstats.report.numbers import number, pvalue
from sigstats.report.reported import Reported, bundle
from sigstats.signature.signature import Signature
from sigstats.verdict.words import names

Verdicts = Sequence[tuple[Signature, Reported]]
Adjusted = Mapping[str, float] | Sequence[float]


def together(verdicts: Verdicts, holm: Adjusted) -> Bundle:
    """Return the reports of several signatures, with an overview where there is more than one."""
    each_alone = bundle(verdict for _, verdict in verdicts)
    if len(verdicts) == 1:
        return each_alone
    rows = zip(verdicts, each_alone.documents, adjusted_pvalues(verdicts, holm), strict=True)
    overview = tuple(
        Entry(
            status=told.status, name=name_of(signature), claim=told.title, brief=told.brief, pvalue=pvalue(p)
        )
        for (signature, _), told, p in rows
    )
    return replace(each_alone, overview=overview, together=adjusted_statement(verdicts, holm))


def name_of(signature: Signature) -> str:
    """Return what a signature is called, or what it claims if it is unnamed."""
    return shortened(signature.name, names.LONGEST_NAME) if signature.name else names.claim(signature)


def adjusted_pvalues(verdicts: Verdicts, holm: Adjusted) -> list[float | None]:
    """Return the adjusted p-value of each signature, None where it has none."""
    if isinstance(holm, Mapping):
        return [holm.get(signature.name or "") for signature, _ in verdicts]
    return [*holm, *([None] * len(verdicts))][: len(verdicts)]


def adjusted_statement(verdicts: Verdicts, holm: Adjusted) -> str:
    """Return which primary claims hold when all of them are taken together."""
    pairs = list(zip(verdicts, adjusted_pvalues(verdicts, holm), strict=True))
    hold = [_with_p(signature, p) for (signature, _), p in pairs if p is not None and p <= signature.alpha]
    alphas = sorted({signature.alpha for signature, _ in verdicts})
    rate = number(alphas[0]) if len(alphas) == 1 else "their own alphas"
    said = names.listed(hold, most=len(hold)) if hold else "none of them"
    return f"Of {len(pairs)} primary claims, Holm-adjusted together at {rate}, these hold: {said}."


def _with_p(signature: Signature, p: float) -> str:
    return f"{name_of(signature)} ({pvalue(p)})"
