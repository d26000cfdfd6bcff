"""Which of the planned looks at the data a table is."""

from dataclasses import dataclass

from sigstats.stats.by_value import by_value


@by_value
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which of the planned looks a table is, and at what level it is tested.

    Attributes
    ----------
    number : int or None
        Which look it is, from 1; None where the table has numbers of seeds at which no look was planned.
    planned : tuple of int
        Seeds per condition at each planned look.
    n_seeds : tuple of tuple
        Pairs of a condition and the seeds that were run, with those that were left out afterwards; where every cell is
        a run of its own, the runs at the level with the fewest.
    next_seeds : int or None
        Seeds per condition at the next planned look; None after the last one.
    more_in_control : int
        How many more seeds the plan gives each control than each treatment.
    alpha : float
        Error rate of each one-sided claim at one look, in place of the declared one of all looks together.
    alpha_control : float
        The same for the comparisons of treatment and control.
    """

    number: int | None
    planned: tuple[int, ...]
    n_seeds: tuple[tuple[str, int], ...]
    next_seeds: int | None
    more_in_control: int
    alpha: float
    alpha_control: float

    @property
    def of(self) -> int:
        """Number of planned looks."""
        return len(self.planned)
