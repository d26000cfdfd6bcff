"""Reading a folder of answers: what sigstats wrote is kept, everything else is named."""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sigstats.cards.lock.git import dates
from sigstats.cards.record.result import Record
from sigstats.cards.record.rows import RecordedAnswer, RecordedIdea, Unread
from sigstats.data.places import is_folder
from sigstats.errors import InputError
from sigstats.stats.estimate import Estimate
from sigstats.studies.combining.files import load
from sigstats.studies.combining.study import claim_of, estimate_of, results_in

WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def read_record(folder: Path) -> Record:
    """Return the answers in the JSON files of a folder, at any depth."""
    if not is_folder(folder):
        raise InputError(
            f"{str(folder)!r} is no folder; give one that holds what `sigstats check --json` wrote."
        )
    known = dates(folder)
    answers: list[RecordedAnswer] = []
    ideas: list[RecordedIdea] = []
    unread: list[Unread] = []
    closed: list[OSError] = []
    for path in _files(folder, closed):
        name = path.relative_to(folder).as_posix()
        try:
            found, idea = _of_file(load(path), name, _day(path, known.get(name)), name in known)
        except InputError as error:
            unread.append(Unread(file=name, why=str(error)))
        except WRONG as error:
            unread.append(
                Unread(file=name, why=f"it is not as sigstats writes it ({type(error).__name__}: {error}).")
            )
        else:
            answers += found
            ideas += idea
    unread += [
        Unread(
            file=f"{os.path.relpath(error.filename, folder)}/",
            why=f"it could not be opened: {error.strerror}.",
        )
        for error in closed
    ]
    if not answers and not ideas:
        others = f"; {len(unread)} JSON files hold something else" if unread else ""
        raise InputError(
            f"folder {str(folder)!r} holds no answer{others}. Write answers into it: sigstats check CARD --json > FILE"
        )
    return Record(
        folder=str(folder),
        answers=_with_twins(sorted(answers, key=_order)),
        ideas=tuple(sorted(ideas, key=lambda idea: (idea.name, idea.date, idea.file))),
        unread=tuple(unread),
    )


def _files(folder: Path, closed: list[OSError]) -> Iterator[Path]:
    """Yield the JSON files of a folder in order; what is hidden is left out, and links to folders are not followed."""
    for place, inner, names in os.walk(folder, onerror=closed.append):
        inner[:] = sorted(each for each in inner if not each.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if name.endswith(".json") and name[0] != ".")


def _day(path: Path, committed: str | None) -> str:
    if committed is not None:
        return committed
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date().isoformat()


def _of_file(
    values: Any,  # noqa: ANN401 - foreign JSON
    file: str,
    date: str,
    committed: bool,
) -> tuple[list[RecordedAnswer], list[RecordedIdea]]:
    """Return the answers of a file, and what it says of an idea."""
    results = results_in(values, f"file {file!r}")
    idea, standing = values.get("idea"), values.get("standing") or {}
    name = None if idea is None else idea.get("name")
    said = {each["signature"]: each for each in standing.get("signatures", ())}
    answers = []
    for at, result in enumerate(results, start=1):
        own = result["signature"].get("name")
        stands = said.get(own) or said.get(f"#{at}") or {}
        answers.append(
            RecordedAnswer(
                file=file,
                idea=None if name is None else str(name),
                signature=None if own is None else str(own),
                claim=claim_of(result),
                status=str(result["status"]),
                effect=_effect(result),
                seeds=_seeds(result),
                standing=stands.get("kind") or standing.get("kind"),
                look=stands.get("look"),
                planned=stands.get("planned"),
                locked=standing.get("locked"),
                data_hash=str(result["provenance"]["data_hash"]),
                version=str(dict(result["provenance"]["versions"]).get("sigstats", "")),
                date=date,
                committed=committed,
            )
        )
    whole = [] if idea is None else [_idea(idea, file, date)]
    return answers, whole


def _idea(idea: dict[str, Any], file: str, date: str) -> RecordedIdea:
    return RecordedIdea(
        file=file,
        name=str(idea.get("name") or file),
        status=str(idea["status"]),
        sentence=str(idea["sentence"]),
        date=date,
    )


def _effect(result: dict[str, Any]) -> Estimate | None:
    """Return the effect of an answer; the difference of a comparison with one treatment."""
    if "evidence" in result:
        return None if result["effect"] is None else estimate_of(result["effect"], 1)
    rows = result["rows"]
    return estimate_of({**rows[0]["difference"], "unit": result["unit"]}, 1) if len(rows) == 1 else None


def _seeds(result: dict[str, Any]) -> int | None:
    if "evidence" in result:
        found = [arm["n_seeds"] for arm in result["evidence"]["arms"] if arm["role"] == "treatment"]
    else:
        found = [row["n_runs"][0] for row in result["rows"]]
    return min((int(each) for each in found), default=None)


def _order(answer: RecordedAnswer) -> tuple[object, ...]:
    """Return what answers are sorted by: those of no idea last."""
    return answer.idea is None, answer.idea or "", answer.signature or answer.claim, answer.date, answer.file


def _with_twins(answers: list[RecordedAnswer]) -> tuple[RecordedAnswer, ...]:
    """Return answers, each with the first one to the same claim on the same data."""
    first: dict[tuple[object, ...], str] = {}
    found = []
    for answer in answers:
        file = first.setdefault((answer.signature, answer.claim, answer.data_hash), answer.file)
        found.append(answer if file == answer.file else replace(answer, same_data=file))
    return tuple(found)
