"""Sentences that can be checked: every number in them is a fact, with the field of the verdict that it comes from.

A sentence is a template without any digit, and facts that fill it. So a text can be told again from its sources, and a
number that no field of the verdict carries cannot stand in it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sigstats.evidence.results import ArmEvidence
from sigstats.report.document import capitalised
from sigstats.report.escaping import latex, markdown
from sigstats.verdict.decision import Decision
from sigstats.verdict.defence.references import REFERENCES, Reference
from sigstats.verdict.defence.styles import STYLES
from sigstats.verdict.words import names

STEP = re.compile(r"(?P<name>\w+)|\[(?P<at>\d+)\]|(?P<count>#)")
CITED = "cited"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value in a sentence."""

    source: (
        str  # where it stands in the verdict, as in "evidence.interval.margin"; "#" counts what stands there
    )
    style: str  # how it is told: a key of `STYLES`, or "cited" for a reference
    said: str  # the words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence: words with a place for each fact."""

    template: str
    facts: tuple[tuple[str, Fact], ...]

    def __str__(self) -> str:
        """Return the sentence without markup."""
        return capitalised(self.template.format(**{name: fact.said for name, fact in self.facts}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Sentences under a title: a paragraph, or a list."""

    title: str
    sentences: tuple[Sentence, ...]
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """A text on a verdict whose numbers all come from its fields.

    Printed, it is plain text; shown by a notebook, it is formatted.

    Attributes
    ----------
    passages : tuple of Passage
        Paragraphs and lists with their titles.
    """

    passages: tuple[Passage, ...] = field(repr=False)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every value in the text, with its source."""
        return tuple(fact for each in self._sentences() for _, fact in each.facts)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The works that the text cites, in the order of their names."""
        cited = {fact.source for fact in self.facts if fact.style == CITED}
        return tuple(REFERENCES[key] for key in sorted(cited))

    def _sentences(self) -> Iterator[Sentence]:
        return (sentence for passage in self.passages for sentence in passage.sentences)

    def __str__(self) -> str:
        """Return the text as plain text, with its references at the end."""
        parts = [_plain(passage) for passage in self.passages]
        works = "\n".join(f"- {each.work} https://doi.org/{each.doi}" for each in self.references)
        return "\n\n".join([*parts, *([f"References\n\n{works}"] if works else [])])

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows."""
        return self.to_markdown()

    def to_markdown(self) -> str:
        """Return the text as Markdown, with its references at the end."""
        parts = [_markdown(passage) for passage in self.passages]
        works = "\n".join(f"- {markdown(each.work)} <https://doi.org/{each.doi}>" for each in self.references)
        return "\n\n".join([*parts, *([f"### References\n\n{works}"] if works else [])]) + "\n"

    def to_latex(self) -> str:
        r"""Return the text as LaTeX paragraphs, with its references at the end; it needs the package ``url``."""
        parts = [_latex(passage) for passage in self.passages]
        works = [
            rf"  \item {latex(each.work)} \url{{https://doi.org/{each.doi}}}" for each in self.references
        ]
        return (
            "\n\n".join([*parts, *([_itemised(r"\paragraph{References.}", works)] if works else [])]) + "\n"
        )


def _plain(passage: Passage) -> str:
    said = [str(each) for each in passage.sentences]
    return f"{passage.title}\n\n" + (
        "\n".join(f"- {each}" for each in said) if passage.listed else " ".join(said)
    )


def _markdown(passage: Passage) -> str:
    said = [markdown(str(each)) for each in passage.sentences]
    body = "\n".join(f"- {each}" for each in said) if passage.listed else " ".join(said)
    return f"### {markdown(passage.title)}\n\n{body}"


def _latex(passage: Passage) -> str:
    said = [latex(str(each)) for each in passage.sentences]
    stop = "" if passage.title.endswith("?") else "."
    head = rf"\paragraph{{{latex(passage.title)}{stop}}}"
    if passage.listed:
        return _itemised(head, [rf"  \item {each}" for each in said])
    return f"{head} {' '.join(said)}"


def _itemised(head: str, items: Iterable[str]) -> str:
    return "\n".join([head, r"\begin{itemize}", *items, r"\end{itemize}"])


class Sources(Generic[Found]):
    """Makes sentences about what was found, and tells facts again from their sources."""

    def __init__(self, found: Found, styles: Mapping[str, Callable[[Found, Any], str]]) -> None:
        self.found = found
        self.styles = styles

    def say(self, template: str, **facts: tuple[str, str]) -> Sentence:
        """Return a sentence; each fact is a source with a style."""
        told = (
            (name, Fact(source=at, style=style, said=self.tell(at, style)))
            for name, (at, style) in facts.items()
        )
        return Sentence(template=template, facts=tuple(told))

    def tell(self, source: str, style: str) -> str:
        """Return what stands at a source, in words."""
        if style == CITED:
            return REFERENCES[source].cited
        return self.styles[style](self.found, self.at(source))

    def at(self, source: str) -> object:
        """Return what stands at a source; all that was found where that is empty."""
        return follow(self.found, source)

    def differing(self, text: Defence) -> list[Fact]:
        """Return the facts of a text that its sources tell otherwise."""
        return [fact for fact in text.facts if fact.said != self.tell(fact.source, fact.style)]


def follow(found: object, source: str) -> object:
    """Return what stands at a source."""
    for step in STEP.finditer(source):
        if step["count"]:
            found = len(found)  # type: ignore[arg-type]
        elif step["at"]:
            found = found[int(step["at"])]  # type: ignore[index]
        else:
            found = getattr(found, step["name"])
    return found


class Teller(Sources[Decision]):
    """Makes sentences about one verdict."""

    def __init__(self, verdict: Decision) -> None:
        super().__init__(verdict, STYLES)
        self.verdict = verdict
        self.strength = verdict.strength

    def at(self, source: str) -> object:
        """Return what stands at a source; the strength is computed once."""
        head, _, rest = source.partition(".")
        return follow(self.strength, rest) if head == "strength" else super().at(source)

    def arms(self) -> Iterator[tuple[str, ArmEvidence]]:
        """Yield every condition with its source, in the order that a reader expects."""
        arms = self.verdict.evidence.arms
        for arm in names.ordered(self.verdict):
            yield f"evidence.arms[{next(at for at, each in enumerate(arms) if each is arm)}]", arm


def joined(sentences: Iterable[Sentence | None]) -> tuple[Sentence, ...]:
    """Return the sentences that there are."""
    return tuple(each for each in sentences if each is not None)


def together(parts: Iterable[Sentence], *, between: str = ", ", last: str = " and ") -> Sentence:
    """Return parts of a sentence as one, with their facts under names of their own."""
    templates, facts = [], []
    for at, part in enumerate(parts):
        templates.append(re.sub(r"\{(\w+)\}", rf"{{part{_letters(at)}_\1}}", part.template))
        facts += [(f"part{_letters(at)}_{name}", fact) for name, fact in part.facts]
    if len(templates) > 1:
        templates = [between.join(templates[:-1]) + last + templates[-1]]
    return Sentence(template="".join(templates), facts=tuple(facts))


def _letters(at: int) -> str:
    """Return a number as letters, so that templates hold no digit."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(at))


def around(before: str, middle: Sentence, after: str) -> Sentence:
    """Return a sentence with words before and after it."""
    return Sentence(template=f"{before}{middle.template}{after}", facts=middle.facts)
