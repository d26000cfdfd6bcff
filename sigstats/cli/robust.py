"""What ``sigstats robust`` does: a card in, robustness analyses out, and one number for the shell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sigstats.cards.data import named, place_of
from sigstats.cli.tasks import read_task, tasks_from_card
from sigstats.errors import OptionError, remedies_for

if TYPE_CHECKING:
    from sigstats.studies.robustness.result import Robustness

NOT_ROBUST = 13
WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    card: str
    data: str | None  # replaces the data named on the card
    name: str | None  # of the one signature; all of them where None
    share: float  # of the analyses in which a verdict must stand, in (0, 1]
    replications: int = 100
    jobs: int = 1
    reading: dict[str, Any] = field(default_factory=dict)  # how the data are read

    def __post_init__(self) -> None:
        if not self.card.lower().endswith(".toml"):
            raise OptionError(
                f"{self.card!r} is not a card; a card's name ends in .toml. Start one with: sigstats new card.toml"
            )
        if not 0 < self.share <= 1:
            raise OptionError(f"`--share` is {self.share!r}; it must be a number in (0, 1], such as 0.8.")
        from sigstats.stats import checks
        from sigstats.studies.robustness.synthetic_controls import MOST

        checks.whole("--replications", self.replications, low=0, high=MOST)
        checks.processes("--jobs", self.jobs)


def results_of(asked: Asked, tell: Callable[[str], None]) -> "list[Robustness]":
    """Return the robustness analysis of each signature that was asked for, with all checks."""
    from sigstats.studies.robustness.run import robustness

    tasks = tasks_from_card(asked.card, asked.data, asked.name, asked.reading)
    frames: dict[Any, Any] = {}
    results = []
    for task in tasks:
        with (
            named(place_of(task.number, task.signature), only=len(tasks) == 1),
            remedies_for(task.place, str(task.path), task.signature.read),
        ):
            signature, frame = read_task(task, frames, tell)
            results.append(robustness(frame, signature, replications=asked.replications, n_jobs=asked.jobs))
    return results


def stands(result: "Robustness", share: float) -> bool:
    """Return whether the declared verdict stands in at least a share of the analyses."""
    return result.n_agreeing >= share * len(result.analyses) - 1e-9


def exit_code(results: "Sequence[Robustness]", share: float) -> int:
    """Return 0 where every verdict stands in at least a share of its analyses, else 13."""
    return 0 if all(stands(each, share) for each in results) else NOT_ROBUST


def as_text(results: "Sequence[Robustness]", share: float) -> str:
    """Return the reports for a terminal, each with whether it is robust as its last line."""
    from sigstats.report.numbers import percent

    parts = []
    for each in results:
        word = "robust" if stands(each, share) else "not robust"
        last = f"{word}: stands in {percent(each.agreement)} of the analyses; {percent(share)} are required"
        parts.append(f"{each.summary(full=True)}\n\n{last}")
    return f"\n{'-' * WIDTH}\n".join(parts)


def as_json(results: "Sequence[Robustness]") -> str:
    """Return the results as strict JSON."""
    from sigstats.report import json

    return json.several(each.to_dict() for each in results)


def as_page(results: "Sequence[Robustness]") -> str:
    """Return the results as one HTML page."""
    from sigstats.report import html
    from sigstats.report.reported import bundle

    return html.several(bundle(results))
