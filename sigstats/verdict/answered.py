"""Four questions with yes or no for an answer, for everything that has one of the four statuses."""

from sigstats.verdict.rules import Status


class Answered:
    """A result whose status can be asked for without writing its word."""

    __slots__ = ()

    @property
    def is_present(self) -> bool:
        """Whether the claim was shown."""
        return self._has(Status.PRESENT)

    @property
    def is_absent(self) -> bool:
        """Whether the claim was shown not to hold."""
        return self._has(Status.ABSENT)

    @property
    def is_partial(self) -> bool:
        """Whether the claim was shown to hold in part, and not to hold in another."""
        return self._has(Status.PARTIAL)

    @property
    def is_inconclusive(self) -> bool:
        """Whether the data cannot tell."""
        return self._has(Status.INCONCLUSIVE)

    def _has(self, status: Status) -> bool:
        return bool(getattr(self, "status") == status)  # noqa: B009 - a field of the class that inherits
