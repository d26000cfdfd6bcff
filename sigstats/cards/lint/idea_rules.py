"""Rules about the idea: what it claims, where, and what else would explain the same."""

import functools
import re
from collections.abc import Iterator
from importlib import resources

from sigstats.cards.lint.measure_rules import is_generic
from sigstats.cards.lint.rule import Declared, Rule, Trip, numbered
from sigstats.report.next_steps import StepCode
from sigstats.signature.fields import shown

MOST_SENTENCES = 2
FEWEST_WORDS = 4
# The end of a sentence, but for abbreviations and numbers.
_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bvs)(?<!\bal)(?<!\bca)(?<!\bFig)[.!?](?=\s+[^a-z]|\s*$)|\u3002"
)
_ANYTHING = re.compile(
    r"\bmay or may not\b|\bmight or might not\b|\bor vice versa\b|\bor the other way (?:a)?round\b|"
    r"\b(?:rises?|increases?|improves?|grows?|helps?)(?: either)? or (?:falls?|decreases?|worsens?|shrinks?|hurts?)\b|"
    r"\b(?:falls?|decreases?|worsens?|shrinks?|hurts?) or (?:rises?|increases?|improves?|grows?|helps?)\b|"
    r"\b(?:better or worse|higher or lower|up or down|more or less accura\w+)\b",
    re.IGNORECASE,
)
WORDS = (
    "name",
    "claim",
    "mechanism",
    "simplified_setting",
    "applies_to",
    "fails_when",
    "rivals",
    "references",
)
SIGNATURE_WORDS = ("quantity", "computed", "place", "why")


def _no_idea(card: Declared) -> Iterator[Trip]:
    if card.idea is None:
        yield Trip(says="there is no [idea]")


def _missing(field: str, *others: str) -> "functools.partial[Iterator[Trip]]":
    return functools.partial(_without, field=field, others=others)


def _without(card: Declared, *, field: str, others: tuple[str, ...]) -> Iterator[Trip]:
    if card.idea is not None and not any(getattr(card.idea, each) for each in (field, *others)):
        named = " and no ".join(f"`{each}`" for each in (field, *others))
        yield Trip(says=f"there is no {named}", field=field)


def _long_claim(card: Declared) -> Iterator[Trip]:
    claim = "" if card.idea is None else (card.idea.claim or "").strip()
    count = len(_END.findall(claim)) + (not _END.search(claim[-1:]) and bool(claim))
    if count > MOST_SENTENCES:
        yield Trip(says=f"`claim` has {count} sentences", field="claim")


def _slogan(card: Declared) -> Iterator[Trip]:
    claim = "" if card.idea is None else (card.idea.claim or "").strip()
    words = re.findall(r"\w+", claim)
    if words and (len(words) < FEWEST_WORDS or is_generic(claim)):
        yield Trip(says=f"`claim` is {shown(claim)}", field="claim")


def _anything(card: Declared) -> Iterator[Trip]:
    found = _ANYTHING.search("" if card.idea is None else card.idea.claim or "")
    if found:
        yield Trip(says=f"`claim` says {shown(found[0])}", field="claim")


@functools.cache
def _samples() -> frozenset[str]:
    """Return the texts that a new card holds for its author to replace."""
    template = resources.files("sigstats.cards").joinpath("card_template.toml").read_text(encoding="utf-8")
    keys = "|".join((*WORDS, *SIGNATURE_WORDS))
    lines = [line for line in template.splitlines() if re.match(rf"(?:# ?)*(?:{keys}) = ", line)]
    return frozenset(text for line in lines for text in re.findall(r'"([^"]+)"', line))


def _sample_text(card: Declared) -> Iterator[Trip]:
    for field in WORDS:
        value = getattr(card.idea, field, None)
        for text in (value,) if isinstance(value, str) else value or ():
            if text in _samples():
                yield Trip(says=f"`{field}` is still {shown(text)}, from the new card", field=field)
    for number, each in numbered(card):
        for field in SIGNATURE_WORDS:
            if getattr(each, field) in _samples():
                says = f"`{field}` is still {shown(getattr(each, field))}, from the new card"
                yield Trip(says=says, number=number, field=field)


RULES = (
    Rule(
        code="SIG100",
        name="missing-idea",
        trips="The card has no `[idea]`.",
        reason="signatures alone do not say what they would show",
        remedy='Write [idea] with a name and a claim above the first [[signature]]: name = "..." and claim = "...".',
        find=_no_idea,
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG101",
        name="missing-claim",
        trips="The idea has no `claim`.",
        reason="without a sentence that can be wrong, no verdict speaks for or against anything",
        remedy='Add claim = "..." to [idea]: one sentence on how the system works.',
        find=_missing("claim"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG102",
        name="long-claim",
        trips="The `claim` has more than two sentences.",
        reason="a reader cannot tell which of them the signatures test",
        remedy="Keep one or two sentences; move the rest to mechanism, applies_to or fails_when.",
        find=_long_claim,
    ),
    Rule(
        code="SIG103",
        name="hedged-claim",
        trips='The `claim` allows both outcomes, as in "rises or falls" or "may or may not".',
        reason="every outcome would satisfy it",
        remedy="Say which of the two you expect.",
        find=_anything,
    ),
    Rule(
        code="SIG104",
        name="missing-mechanism",
        trips="The idea has neither a `mechanism` nor a `simplified_setting`.",
        reason="a control can only take the mechanism away if somebody says what it is",
        remedy='Add mechanism = "..." to [idea]: what brings the claim about.',
        find=_missing("mechanism", "simplified_setting"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG105",
        name="missing-scope",
        trips="The idea has no `applies_to`.",
        reason="nobody knows to which systems a verdict carries over",
        remedy='Add applies_to = "..." to [idea]: architectures, data, scale.',
        find=_missing("applies_to"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG106",
        name="missing-failure-mode",
        trips="The idea has no `fails_when`.",
        reason="an idea that fails nowhere explains every result",
        remedy='Add fails_when = ["..."] to [idea]: where you expect it not to hold.',
        find=_missing("fails_when"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG107",
        name="missing-rivals",
        trips="The idea has no `rivals`.",
        reason="a signature that other explanations predict as well speaks for none of them",
        remedy='Add rivals = ["..."] to [idea]: what else would give the same curves.',
        find=_missing("rivals"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG108",
        name="missing-references",
        trips="The idea has no `references`.",
        reason="a reader cannot see what was known before",
        remedy='Add references = ["..."] to [idea]: where the idea, or what it builds on, comes from.',
        find=_missing("references"),
        step=StepCode.DECLARE_FIELD,
    ),
    Rule(
        code="SIG109",
        name="sample-text",
        trips="A text of the card that `sigstats new` writes was left as it is.",
        reason="it says nothing of your experiment",
        remedy="Write your own, or take the line out.",
        find=_sample_text,
    ),
    Rule(
        code="SIG110",
        name="slogan",
        trips='The `claim` has fewer than four words, or generic ones only, as in "better generalization".',
        reason="it names no system and nothing that could turn out otherwise",
        remedy="Write a sentence: what does what, in which system.",
        find=_slogan,
    ),
)
