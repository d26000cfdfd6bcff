"""What became of an idea, as data: what words, figures and formats read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sigstats.cards.verdict.outcomes import Prediction
from sigstats.cards.verdict.rivals import Rivalry
from sigstats.cards.verdict.rules import IdeaStatus
from sigstats.cards.verdict.weigh import CorePrediction
from sigstats.errors import OptionError, did_you_mean
from sigstats.signature.idea import Idea
from sigstats.signature.signature import Signature
from sigstats.stats.classical import closed_testing
from sigstats.stats.classical.closed_testing import Dependence
from sigstats.studies.answers.pvalues import Answer


class Standing(Protocol):
    """How the answers stand to what was declared before the data."""

    @property
    def kind(self) -> str:
        """``"confirmatory"``, ``"deviates"`` or ``"exploratory"``."""

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""

    @property
    def clause(self) -> str:
        """The same in a few words, for the end of another sentence; empty without a lock."""

    @property
    def details(self) -> tuple[str, ...]:
        """What else is to be said, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDecision:
    """A verdict on a card without its reports; `CardVerdict` lists the attributes."""

    status: IdeaStatus
    rule: int
    idea: Idea | None
    predictions: tuple[Prediction, ...]
    core: tuple[CorePrediction, ...]
    adjusted: tuple[float, ...]
    rivals: tuple[Rivalry, ...]
    alpha: float
    dependence: Dependence
    standing: Standing | None = None

    @property
    def answered(self) -> tuple[tuple[Signature, Answer], ...]:
        """Each signature that has an answer, with the answer."""
        return tuple((each.signature, each.verdict) for each in self.predictions if each.verdict is not None)

    @property
    def verdicts(self) -> tuple[Answer, ...]:
        """The answers that there are, in the order of the card."""
        return tuple(answer for _, answer in self.answered)

    def at_least(self, names: str | Iterable[str] | None = None) -> int:
        """Return how many of some signatures are as expected, at least; None means all of the card.

        The bounds for all choices of signatures are true together with probability ``1 - alpha``, so that the choice
        may be made after the data were seen.

        Parameters
        ----------
        names : str, iterable of str or None
            Labels of signatures.

        Returns
        -------
        int
            From 0 to the number of signatures.

        Raises
        ------
        OptionError
            If the card has no signature of that name.
        """
        labels = [each.label for each in self.predictions]
        wanted = labels if names is None else [names] if isinstance(names, str) else list(names)
        strangers = [name for name in wanted if name not in labels]
        if strangers:
            hint = did_you_mean(str(strangers[0]), labels)
            raise OptionError(f"`names` has {strangers[0]!r}; the card has {tuple(labels)}. {hint}".rstrip())
        return closed_testing.at_least(
            [each.pvalue for each in self.predictions],
            [labels.index(name) for name in wanted],
            alpha=self.alpha,
            dependence=self.dependence,
        )
