"""What the reading of the runs in a sweep left out or took to mean, told once for all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sigstats.data.logs.model import LogProblem

# Problems that change which values of a metric are in a table, or what they are.
_TELLING = frozenset({
    "RESUMED", "DUPLICATE_STEP", "FINAL_RESULT", "OPEN_NUMBER", "NOT_A_NUMBER", "NO_STEP", "SPELLED_NUMBER", "SAME_KEY",
    "SUMMARY_ROWS", "GROUP_MEANS", "SEVERAL_RUNS", "STEP_CARRIED", "STEP_PER_EPOCH", "STEPS_GO_BACK", "BROKEN_LINES",
    "DUPLICATE_COLUMN", "RAGGED_ROW", "EXTRA_FIELD", "SETTINGS_DIFFER", "LABEL_DIFFERS", "POOLED",
})  # fmt: skip

# Problems of sources that hold no run, such as a table of results beside the logs.
_NO_RUN = frozenset({"FOREIGN", "TABLE_OF_RESULTS", "NO_METRICS"})


@dataclass(slots=True)
class Told:
    """The telling problems of runs: how many runs have each, and what the first says."""

    metric: str  # the metric of the table; problems of others are passed over
    first: dict[str, LogProblem] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    unread: list[LogProblem] = field(default_factory=list)  # sources that could not be read

    def take(self, problems: Iterable[LogProblem]) -> None:
        """Take in the problems of one run."""
        fresh = {each.code: each for each in problems if each.code in _TELLING and self._concerns(each)}
        for code, problem in fresh.items():
            self.first.setdefault(code, problem)
            self.counts[code] = self.counts.get(code, 0) + 1

    def take_source(self, problem: LogProblem) -> None:
        """Take in the problem of a source that could not be read."""
        if problem.code not in _NO_RUN:
            self.unread.append(problem)

    def _concerns(self, problem: LogProblem) -> bool:
        return problem.metric is None or problem.metric == self.metric

    def sentences(self) -> Iterator[str]:
        """Yield a sentence for each kind of problem."""
        for code, problem in self.first.items():
            others = self.counts[code] - 1
            where = f" (and {others} more)" if others else ""
            yield f"{problem.run}{where}: {problem.message}; {problem.done}."
        if self.unread:
            first, count = self.unread[0], len(self.unread)
            files = "1 source could" if count == 1 else f"{count} sources could"
            yield f"{files} not be read: {first.run} {first.message}."
