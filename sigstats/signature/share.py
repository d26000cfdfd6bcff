"""A margin that is a part of the baseline's mean: ``"2%"``."""


class Share(float):
    """A part of the baseline's mean, printed in per cent; its value is the fraction."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return it as it is written: ``"2%"``."""
        return f"{100 * float(self):.12g}%"

    def __repr__(self) -> str:
        """Return it as a string that is read as the same share."""
        return repr(str(self))

    def __eq__(self, other: object) -> bool:
        """Return whether the other is the same share; a plain number is none."""
        return isinstance(other, Share) and float(self) == float(other)

    def __hash__(self) -> int:
        """Return the hash of the share."""
        return hash(("share", float(self)))
