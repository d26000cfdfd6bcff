"""Locks in words: what was locked, how an answer stands to it, where a lock is broken."""

import json
import textwrap
from typing import Any

from sigstats.cards.lock.chain import Break, Chain
from sigstats.cards.lock.changes import Change
from sigstats.cards.lock.clock import said
from sigstats.cards.lock.entries import Amended, Locked
from sigstats.cards.lock.existing import Existing
from sigstats.cards.lock.result import Deviation, Ground, Kind, SignatureStanding, Standing
from sigstats.report.escaping import shortened, visible
from sigstats.verdict.words.names import listed

LONGEST = 60
WIDTH = 100
HEADS = {
    Kind.CONFIRMATORY: "Confirmatory",
    Kind.DEVIATES: "Deviates from the lock",
    Kind.EXPLORATORY: "Exploratory",
}
PUBLISH = (
    "Publish the head, or commit the lock to git and push it: whoever knows the head can see later that no line was "
    "changed or taken away."
)

LIMIT = (
    "This does not show that no line is missing at the end, or that the whole file was not written anew: compare the "
    "head with the one that was published (--head)."
)


def sentence(standing: Standing) -> str:
    """Return a standing as one sentence."""
    weakest = [each for each in standing.signatures if each.kind is standing.kind]
    head = HEADS[standing.kind]
    if not weakest:
        return f"{head}: no signature was checked."
    every = len(standing.signatures)
    partly = f" in {len(weakest)} of {every} signatures" if len(weakest) < every else ""
    return f"{head}{partly}: {_reasons(standing, weakest)}{_looks(weakest)}."


def clause(standing: Standing) -> str:
    """Return a standing in a few words, for the end of another sentence; nothing without a lock."""
    weakest = [each for each in standing.signatures if each.kind is standing.kind]
    if not weakest or all(Ground.NO_LOCK in each.grounds for each in weakest):
        return ""
    every = len(standing.signatures)
    partly = f" in {len(weakest)} of {every} signatures" if len(weakest) < every else ""
    if standing.kind is Kind.DEVIATES:
        return f"this deviates from the lock{partly}"
    number = _number_of_look(weakest) if standing.kind is Kind.CONFIRMATORY else ""
    return ", ".join(part for part in (f"{standing.kind}{partly}", number) if part)


def details(standing: Standing) -> list[str]:
    """Return what else is to be said of a standing: each signature, where they differ, and each deviation."""
    found = []
    one_of_each = {(each.kind, each.grounds, each.look, each.planned) for each in standing.signatures}
    if len(one_of_each) > 1:
        found = [
            f"{_quoted(each.signature)}: {each.kind}{_ground_list(standing, each)}{_looks([each])}."
            for each in standing.signatures
        ]
    return [*found, *_between(standing), *map(deviation, standing.deviations)]


def _between(standing: Standing) -> list[str]:
    """Return that data were also seen where no look was planned."""
    seen = [each for each in standing.signatures if each.n_between]
    if not seen:
        return []
    whose = (
        "" if len(seen) == len(standing.signatures) else f" of {listed(_quoted(e.signature) for e in seen)}"
    )
    often = max(each.n_between for each in seen)
    times = "" if often == 1 else f" ({often} times)"
    said = f"data{whose} were also seen at numbers of seeds that were not planned{times}, where nothing was claimed"
    return [f"{said}; all of them are part of these data."]


def deviation(found: Deviation) -> str:
    """Return one field that the card says differently than its lock."""
    what = changed(Change(signature=found.signature, field=found.field, old=found.locked, new=found.now))
    if found.declared is None:
        return f"{what}; not declared."
    when = "before any data" if found.before_data else "after there were data"
    return f"{what}; declared on {said(found.declared)}, {when}: {visible(found.why or '').rstrip('.')}."


def changed(change: Change) -> str:
    """Return one field that was changed, with what it said and says."""
    whose = "the idea" if change.signature is None else _quoted(change.signature)
    if change.field == "signature":
        return f"{whose} was {'added' if change.old is None else 'taken away'}"
    return f"`{visible(change.field)}` of {whose} was {value(change.old)} and is {value(change.new)}"


def value(found: Any) -> str:  # noqa: ANN401 - any plain value
    """Return a value of a card, shortened if it is long."""
    return "left out" if found is None else shortened(visible(json.dumps(found, ensure_ascii=False)), LONGEST)


def _reasons(standing: Standing, weakest: list[SignatureStanding]) -> str:
    """Return why the weakest signatures stand as they do."""
    if standing.kind is Kind.CONFIRMATORY:
        return f"the card is as it was locked on {_time(standing)}, and {_new(weakest)}"
    grounds = list(dict.fromkeys(ground for each in weakest for ground in each.grounds))
    return "; ".join(_ground(standing, weakest, each) for each in grounds)


def _new(weakest: list[SignatureStanding]) -> str:
    """Return that the data of confirmatory answers are new."""
    if all(each.ahead for each in weakest):
        return "no run at the levels that it predicts was there then"
    if all(each.dated for each in weakest):
        return "these data were not there then"
    return "the lock knows none of these runs; when they were made is not known of a table that is handed in"


def _ground(standing: Standing, weakest: list[SignatureStanding], ground: Ground) -> str:
    when = _time(standing)
    locked = f"when the card was locked on {when}"
    part = next(each for each in weakest if ground in each.grounds)
    runs, before = (
        ("runs at the levels that it predicts", "levels were run") if part.ahead else ("these data", "data")
    )
    broken = standing.breaks[0].message.rstrip(".") if standing.breaks else ""
    return {
        Ground.NO_LOCK: f"the card was not locked before the {before}",
        Ground.BROKEN_LOCK: f"the lock cannot be trusted. {broken[:1].upper()}{broken[1:]}",
        Ground.DATA_EXISTED: f"{runs} existed {locked}",
        Ground.SOME_DATA_EXISTED: f"{part.n_existed} of {part.n_runs} runs existed {locked}",
        Ground.DATA_OLDER: f"the file of these data is older than the lock of {when}",
        Ground.CARD_CHANGED: f"the card says something else than when it was locked on {when}{_how_many(standing)}",
        Ground.UNPLANNED_LOOK: _unplanned(part),
        Ground.REPEATED_LOOK: f"other data were seen before at look {part.look} or a later one, or at numbers of seeds "
        "that were not planned and are not all part of these",
        Ground.OTHER_VERSION_SEEN: "these data were also checked with another version of the signature",
        Ground.SUGGESTED_BY_THESE_DATA: "these data suggested the signature, so they cannot confirm it",
        Ground.NOT_DECLARED: "the card does not declare which levels are predicted (`forecast`)",
    }[ground]


def _how_many(standing: Standing) -> str:
    count, declared = len(standing.deviations), sum(each.declared is not None for each in standing.deviations)
    fields = f"{count} field{'s' if count > 1 else ''}"
    how = (
        "declared"
        if declared == count
        else "not declared"
        if not declared
        else f"{declared} of them declared"
    )
    return f" ({fields}, {how})"


def _ground_list(standing: Standing, each: SignatureStanding) -> str:
    said_of_it = [_ground(standing, [each], ground) for ground in each.grounds]
    return f", {'; '.join(said_of_it)}" if said_of_it else ""


def _unplanned(part: SignatureStanding) -> str:
    if part.look is None:
        return "no look was planned at these numbers of seeds"
    return f"this is look {part.look} at data, and the card plans {part.planned}"


def _looks(signatures: list[SignatureStanding]) -> str:
    """Return which look this is, where all signatures agree."""
    repeated = {each.repeated for each in signatures}
    if len(repeated) != 1 or len(_places(signatures)) != 1:
        return ""
    again = "the same look as before" * repeated.pop()
    told = ", ".join(part for part in (_number_of_look(signatures), again) if part)
    return f"; {told}" if told else ""


def _number_of_look(signatures: list[SignatureStanding]) -> str:
    """Return the number of the look, where all signatures agree and it was planned."""
    places = _places(signatures)
    look, planned = places.pop() if len(places) == 1 else (None, 0)
    return f"look {look} of {planned}" if look is not None and look <= planned else ""


def _places(signatures: list[SignatureStanding]) -> set[tuple[int | None, int]]:
    return {(each.look, each.planned) for each in signatures}


def _time(standing: Standing) -> str:
    return said(standing.locked) if standing.locked else "an unknown day"


def _quoted(name: str) -> str:
    return name if name.startswith("#") else f"'{shortened(visible(name), LONGEST)}'"


def locked(entry: Locked, file: str) -> str:
    """Return what was locked, for a terminal."""
    return "\n".join(
        [
            f"locked on {said(entry.time)} in {visible(file)}",
            f"card   {entry.card_hash}",
            *_data(entry),
            *_git(entry),
            f"head   {entry.hash}",
            textwrap.fill(PUBLISH, WIDTH),
        ]
    )


def amended(entry: Amended) -> str:
    """Return what was declared, for a terminal."""
    return "\n".join(
        [
            f"declared on {said(entry.time)}: {visible(entry.why)}",
            *(f"  {changed(each)}" for each in entry.changes),
            f"head   {entry.hash}",
        ]
    )


def _data(entry: Locked) -> list[str]:
    if not entry.data:
        unnamed = not any("data" in each for each in entry.card["signatures"].values())
        return ["data   none named, so that those that exist are not known" if unnamed else "data   none yet"]
    return [
        f"data   {_quoted(each.signature)}: {visible(each.path)}, "
        + ("could not be read yet" if each.rows is None else f"{each.rows} rows, {len(each.runs)} runs")
        + f"; {_what_they_confirm(each, entry)}"
        for each in entry.data
    ]


def _what_they_confirm(found: Existing, entry: Locked) -> str:
    """Return how answers on data that exist will stand; a forecast may start from runs below what it predicts."""
    declared = entry.card["signatures"][found.signature].get("forecast")
    if declared is None:
        return "answers on them will be exploratory"
    if found.may_hold(declared["to"]):
        return (
            "answers on them will be exploratory, the forecast as well: runs at the levels that it predicts "
            + ("may be among them" if found.data_hash is None else "are there")
        )
    return (
        "no run at the levels that the forecast predicts is among them, so that it can be confirmatory; answers of "
        "`check` on them will be exploratory"
    )


def _git(entry: Locked) -> list[str]:
    if entry.git is None:
        return []
    state = "nothing uncommitted" if entry.git.clean else "with uncommitted changes"
    return [f"git    {entry.git.commit[:12]}, {state}"]


def verified(chain: Chain, breaks: tuple[Break, ...], planned: int) -> str:
    """Return whether a lock is whole, for a terminal; `planned` is how many of its looks were."""
    looks, amendments = len(chain.looks), len(chain.amendments)
    if breaks:
        return "\n".join(["the lock is not as it was written", *(f"  {each.message}" for each in breaks)])
    counts = (
        _counted(len(chain.entries), "line"),
        _counted(amendments, "amendment"),
        _recorded(looks, planned),
    )
    return "\n".join(
        [f"the lock is whole: {', '.join(counts)}", f"head   {chain.head}", textwrap.fill(LIMIT, WIDTH)]
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _recorded(looks: int, planned: int) -> str:
    """Return how many looks were recorded, and how many of them were planned."""
    if not looks:
        return "no look recorded"
    if planned == looks:
        return f"{_counted(looks, 'look')} recorded, {'all' if looks > 1 else 'as'} planned"
    return f"{_counted(looks, 'look')} recorded, {planned or 'none'} of them planned"
