"""Every rule has cards that trip it and nothing else, and cards that come close and do not."""

import re

import pytest
from sigstats_lint_samples import CLEAN, PASSES, TRIPS, changed

from sigstats import Card, Idea, Signature
from sigstats.cards.lint.pairs import opposed, share_rows
from sigstats.cards.lint.rules import RULES
from sigstats.shapes import SHAPES, Above, Below, PowerLaw


@pytest.fixture
def lint(tmp_path):
    """Return what lint says of a card as text."""

    def report(text, **options):
        path = tmp_path / "card.toml"
        path.write_text(text, encoding="utf-8")
        return Card.from_toml(path).lint(**options)

    return report


def test_a_full_card_trips_nothing(lint):
    """The card that all changes start from is clean."""
    assert lint(CLEAN).summary().endswith("card.toml: nothing found")


@pytest.mark.long
@pytest.mark.parametrize(("code", "change"), TRIPS, ids=[f"{code}-{n}" for n, (code, _) in enumerate(TRIPS)])
def test_a_card_trips_each_rule(lint, code, change):
    """One change, one rule, and a line that exists."""
    text = changed(change)
    report = lint(text)
    assert {each.code for each in report.findings} == {code}, report.summary()
    assert all(1 <= each.line <= text.count("\n") for each in report.findings)


@pytest.mark.long
@pytest.mark.parametrize("change", PASSES, ids=range(len(PASSES)))
def test_what_comes_close_trips_nothing(lint, change):
    """A rule does not reach further than it says."""
    report = lint(changed(change))
    assert report.clean, report.summary()


def test_every_rule_is_tripped():
    """No rule is without its card."""
    assert {code for code, _ in TRIPS} == {rule.code for rule in RULES}


def test_codes_and_names_are_used_once_and_in_order():
    """A code never means two things."""
    codes, names = [rule.code for rule in RULES], [rule.name for rule in RULES]
    assert codes == sorted(set(codes))
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"SIG\d{3}", code) for code in codes)


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_says_why_and_what_to_do(rule):
    """A half sentence for the reason, whole ones for the rest."""
    assert rule.trips[0].isupper()
    assert rule.trips[-1] == rule.remedy[-1] == "."
    assert rule.reason[0].islower()
    assert rule.reason[-1] != "."
    assert len(rule.reason) < 110


MENDED = {f"SIG{n}" for n in (101, 104, 105, 106, 107, 108, 201, 203, 204, 205, 206, 401, 404)}
ASKED = [(code, change) for code, change in TRIPS if code in MENDED]
VALUES = {"min_effect": "1.5", "seeds": "{ treatment = 4, control = 6 }", "levels": "[1, 2, 3]"}


@pytest.mark.long
@pytest.mark.parametrize(("code", "change"), ASKED, ids=[code for code, _ in ASKED])
def test_a_remedy_works_when_it_is_typed(lint, code, change):
    """The line that a remedy names, written below the head of its table, mends the finding."""
    text = changed(change)
    (found,) = lint(text, select=code).findings
    key, value = re.search(r"Add (\w+) = (\[?\"\.\.\.\"\]?|\.\.\.|\[\.\.\.\]|\{.*?\})", found.remedy).groups()
    assert key == found.field
    lines = text.split("\n")
    typed = VALUES.get(key, value.replace("...", "something of my own"))
    lines.insert(
        next(n for n in range(found.line - 1, -1, -1) if lines[n].startswith("[")) + 1, f"{key} = {typed}"
    )
    assert lint("\n".join(lines), select=code).clean


def test_the_remedies_of_few_seeds_and_open_directions_work(lint):
    """They hold the values in hand."""
    by_code = [(code, changed(change)) for code, change in TRIPS if code in ("SIG402", "SIG307")]
    for code, text in by_code:
        found = lint(text, select=code).findings[0]
        key, value = re.search(r"(seeds|looks|shape) = (.*?)\.(?: |$)", found.remedy).groups()
        mended = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, count=1, flags=re.MULTILINE)
        assert lint(mended, select=code).clean, found.remedy


@pytest.mark.parametrize("code", ["SIG305", "SIG407"])
def test_the_remedies_of_contradictions_work(lint, code):
    """Every line that they quote, written into the signature, mends the finding."""
    for text in (changed(change) for each, change in TRIPS if each == code):
        (found,) = lint(text, select=code).findings
        typed = re.findall(
            r"(?:exclusive_with|role|expect) = .*?[\]\"](?=[ ,.])|where = \{ .*? \} \}", found.remedy
        )
        assert typed
        lines = text.split("\n")
        head = max(at for at in range(found.line) if lines[at] == "[[signature]]")
        lines[head + 1 : head + 1] = typed
        assert lint("\n".join(lines), select=[code, "SIG306"]).clean, found.remedy


# --- which pairs of signatures meet ---


def made(**fields):
    """Return a signature on the metric `m`."""
    return Signature(**{"shape": "increasing", "metric": "m", **fields})


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ({}, {}, True),
        ({"metric": "n"}, {}, False),
        ({"data": "a.csv"}, {"data": "b.csv"}, False),
        ({"treatment": ["a", "b"]}, {"treatment": ["b"]}, True),
        ({"treatment": ["a"]}, {"treatment": ["b"]}, False),
        ({"treatment": ["a"]}, {}, True),
        ({"treatment": ["a"]}, {"control": ["a"]}, False),
        ({"where": {"layer": 1}}, {"where": {"layer": 2}}, False),
        ({"where": {"layer": [1, 2]}}, {"where": {"layer": 2}}, True),
        ({"where": {"layer": 1}}, {"where": {"step": 2}}, True),
        ({"where": {"step": {"max": 5}}}, {"where": {"step": {"min": 6}}}, False),
        ({"where": {"step": {"max": 5}}}, {"where": {"step": {"min": 5}}}, True),
        ({"where": {"step": {"min": 1, "max": 2}}}, {"where": {"step": {"min": 0, "max": 1.5}}}, True),
        ({"where": {"step": {"min": 1}}}, {"where": {"step": [0, 2]}}, True),
        ({"where": {"step": {"min": 3}}}, {"where": {"step": [0, 2]}}, False),
        ({"where": {"step": {"min": 3}}}, {"where": {"step": "last"}}, True),
        ({"runs": {"at": 10}}, {"runs": {"at": 20}}, False),
    ],
)
def test_two_signatures_share_rows_or_not(first, second, meet):
    """In both orders; columns that only one of them filters let all through."""
    one, other = made(**first), made(**second)
    assert share_rows(one, other) == share_rows(other, one) == meet


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("increasing", "decreasing", "not both 'increasing' and 'decreasing'"),
        ("peak", "increasing", "not both"),
        ("flat", "linear", "not both"),
        ({"name": "linear", "direction": "decreasing"}, "increasing", "one rises and the other falls"),
        ({"name": "power_law", "exponent": [-1, -0.5]}, "increasing", "one rises and the other falls"),
        (
            {"name": "power_law", "exponent": [0.1, 0.5]},
            {"name": "power_law", "exponent": [0.5, 1]},
            "0.1 to 0.5",
        ),
        ({"name": "above", "value": 2}, {"name": "below", "value": 2}, "no value is above 2 and below 2"),
        ({"name": "below", "value": 1}, {"name": "above", "value": 2}, "no value is above 2 and below 1"),
        ("higher", "lower", "not both"),
    ],
)
def test_opposed_shapes_say_why(first, second, said):
    """In both orders."""
    extra = {"baseline": "b"} if first == "higher" else {}
    margin = {"min_effect": 0.1}
    one, other = (made(shape=shape, **margin, **extra).shape for shape in (first, second))
    assert said in opposed(one, other).replace(str(first), str(first))
    assert opposed(other, one) is not None


def test_shapes_that_go_together_are_not_opposed():
    """A shape is not opposed to itself, nor to one that it implies."""
    for shape in SHAPES.values():
        for example in shape.examples():
            assert opposed(example, example) is None
    assert opposed(PowerLaw(exponent=(0.1, 0.6)), PowerLaw(exponent=(0.5, 1))) is None
    assert opposed(PowerLaw(), PowerLaw(exponent=(0.5, 1))) is None
    assert opposed(Above(value=1), Below(value=2)) is None
    assert opposed(SHAPES["saturating"](), SHAPES["increasing"]()) is None


def test_cards_that_cannot_be_trusted_trip_nothing_by_chance():
    """A signature with every default can be asked every rule."""
    report = Card(idea=Idea(name="x"), signatures=[Signature(shape=SHAPES["custom"].examples()[0])]).lint()
    assert {"SIG101", "SIG201", "SIG301"} <= {each.code for each in report.findings}
    assert [each.line for each in report.findings] == [None] * len(report.findings)
