"""The table of all rules, in the order of their codes."""

from sigstats.cards.lint import design_rules, idea_rules, measure_rules, set_rules
from sigstats.cards.lint.rule import Rule

# What is wrong with comments is found where they are applied: see `ignores`.
NO_REASON = Rule(
    code="SIG001",
    name="ignore-without-reason",
    trips="A comment that ignores a rule gives no reason.",
    reason="a reader cannot tell a decision from an oversight",
    remedy="Say why, behind the bracket: # lint: ignore[CODE] why it does not matter here.",
    find=lambda _: iter(()),
)
NOTHING = Rule(
    code="SIG002",
    name="ignore-of-nothing",
    trips="A comment ignores a code that does not exist, or one that its part of the card does not trip.",
    reason="it hides nothing now, and may hide a finding later",
    remedy="Take the comment out, or correct its code.",
    find=lambda _: iter(()),
)

RULES: tuple[Rule, ...] = (
    NO_REASON,
    NOTHING,
    *idea_rules.RULES,
    *measure_rules.RULES,
    *set_rules.RULES,
    *design_rules.RULES,
)
BY_CODE = {rule.code: rule for rule in RULES}
