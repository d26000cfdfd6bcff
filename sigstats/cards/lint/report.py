"""What the rules found on a card, and what was ignored with its reason."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigstats.report.escaping import visible
from sigstats.report.next_steps import NextStep, records
from sigstats.stats.by_value import by_value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place at which a card trips a rule."""

    code: str  # of the rule, which never changes its meaning
    rule: str  # its name
    message: str  # what is wrong, in the words of the card
    reason: str  # why it matters, as half a sentence
    remedy: str  # a sentence; what it quotes works when it is typed
    line: int | None = None  # of the card, from 1; None for a card that was not read from a file
    table: str = ""  # "idea", "signature", or empty for the card as a whole
    number: int = 0  # of the signature, from 1
    signature: str | None = None  # its name
    field: str = ""  # key that is missing or wrong
    next: NextStep | None = dataclasses.field(
        default=None, repr=False, metadata={"json": False}
    )  # for programs

    @property
    def subject(self) -> str:
        """What it is about: the card, its idea or a signature."""
        if self.table != "signature":
            return "the idea" if self.table == "idea" else "the card"
        return f"signature {self.number}" if self.signature is None else f"signature {self.signature!r}"

    def __str__(self) -> str:
        """Return the finding as one line, without its place."""
        return visible(f"{self.code} {self.subject}: {self.message}; {self.reason}. {self.remedy}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A finding that a comment on the card ignores."""

    finding: Finding
    reason: str  # that of the comment; empty where it gives none


@by_value
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LintReport:
    """What the rules found on a card.

    Attributes
    ----------
    card : str
        The path of the card; ``"card"`` where it was made in Python.
    findings : tuple of Finding
        In the order of the card. Each has ``code``, ``rule``, ``message``, ``reason``, ``remedy``, ``line``, ``table``,
        ``number``, ``signature`` and ``field``.
    ignored : tuple of Ignored
        Findings that a comment on the card ignores, each with the comment's reason.

    Examples
    --------
    >>> from sigstats import Card, Idea, Signature
    >>> idea = Idea(name="width helps", claim="Wider networks generalise better. Or not. It depends.")
    >>> report = Card(idea=idea, signatures=[Signature(shape="increasing")]).lint(select="SIG10")
    >>> report
    <LintReport of card: 6 findings (SIG102, SIG104, SIG105, SIG106, SIG107, SIG108)>
    >>> print(report.findings[0])
    SIG102 the idea: `claim` has 3 sentences; a reader cannot tell which of them the signatures test. Keep one or two \
    sentences; move the rest to mechanism, applies_to or fails_when.
    """

    card: str
    findings: tuple[Finding, ...]
    ignored: tuple[Ignored, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was found, or all of it is ignored."""
        return not self.findings

    def __str__(self) -> str:
        """Return the numbers as one line."""
        return f"{visible(self.card)}: {_counted(self)}"

    def __repr__(self) -> str:
        """Return the numbers as one line, marked as an object."""
        return f"<LintReport of {self}>"

    def summary(self) -> str:
        """Return every finding as a line with its place, and the numbers below.

        Returns
        -------
        str
            Lines such as ``card.toml:12 SIG201 signature 'x': ...``.
        """
        return "\n".join([*_lines(self), str(self)])

    def table(self) -> "pd.DataFrame":
        """Return one row per finding: line, code, rule, what it is about, message, reason and remedy.

        Returns
        -------
        pandas.DataFrame
            In the order of the card.
        """
        import pandas as pd

        columns = ["line", "code", "rule", "about", "field", "message", "reason", "remedy"]
        rows = [
            (
                each.line,
                each.code,
                each.rule,
                each.subject,
                each.field,
                each.message,
                each.reason,
                each.remedy,
            )
            for each in self.findings
        ]
        return pd.DataFrame(rows, columns=columns).astype({"line": "Int64"})

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values with a schema version, and what to do next.

        Returns
        -------
        dict
            Ready for strict JSON.
        """
        from sigstats.report import json

        return json.record(
            {
                "card": self.card,
                "clean": self.clean,
                "findings": self.findings,
                "ignored": self.ignored,
                "next": _steps(self),
            }
        )

    def to_json(self) -> str:
        """Return `to_dict` as strict JSON.

        Returns
        -------
        str
            The text.
        """
        from sigstats.report import json

        return json.written(self.to_dict())


def _steps(report: LintReport) -> list[dict[str, Any]]:
    """Return what to do next, one step for each finding."""
    return records(each.next for each in report.findings if each.next is not None)


def _counted(report: LintReport) -> str:
    if report.clean:
        said = "nothing found"
    else:
        counts = Counter(each.code for each in report.findings)
        codes = ", ".join(
            code if count == 1 else f"{code} x{count}" for code, count in sorted(counts.items())
        )
        said = f"{len(report.findings)} finding{'s' * (len(report.findings) > 1)} ({codes})"
    return f"{said}, {len(report.ignored)} ignored" if report.ignored else said


def _lines(report: LintReport) -> Iterator[str]:
    for each in report.findings:
        place = "" if each.line is None else f":{each.line}"
        yield f"{visible(report.card)}{place} {each}"
