"""A corpus whose topics are known: documents from a generator with topics, segments and a grammar of word classes.

A document has a mixture of topics, drawn from a finite list of Dirichlet draws. Its words stand in segments of
one topic each; a segment goes on with a fixed probability at every word, and otherwise the topic is drawn anew
from the mixture. The class of a word depends on the class of the word before it, and the word itself on its
class and the topic. So the next word depends on the previous one, on the topic of the segment and on the whole
document, and because the list of mixtures is finite, exact inference about all of this is possible.
"""

from dataclasses import dataclass

import numpy as np

TOPICS, CLASSES, WORDS, MIXTURES = 8, 5, 200, 512
STAY = 0.75  # probability that a segment goes on at the next word


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """The tables from which documents are drawn.

    Attributes
    ----------
    grammar : ndarray, shape (CLASSES, CLASSES)
        Probability of a word's class, given the class of the word before.
    words : ndarray, shape (CLASSES, TOPICS, WORDS)
        Probability of a word, given the class of the word before and the topic of the word itself.
    opening : ndarray, shape (TOPICS, WORDS)
        The same for a word whose predecessor is not known.
    mixtures : ndarray, shape (MIXTURES, TOPICS)
        Mixtures of topics, each as likely as the others.
    """

    grammar: np.ndarray
    words: np.ndarray
    opening: np.ndarray
    mixtures: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Documents of equal length.

    Attributes
    ----------
    words : ndarray of int, shape (n, length)
        The words; the class of word w is w modulo CLASSES.
    mixtures : ndarray, shape (n, TOPICS)
        The mixture of topics that each was drawn from.
    """

    words: np.ndarray
    mixtures: np.ndarray


def make_generator(rng: np.random.Generator) -> Generator:
    """Draw the tables of a generator."""
    grammar = rng.dirichlet(np.full(CLASSES, 0.5), CLASSES)
    of_class = np.arange(WORDS) % CLASSES == np.arange(CLASSES)[:, None]
    weight = rng.gamma(0.15, size=(TOPICS, WORDS)) + 1e-3
    within = np.stack([weight * mine / (weight * mine).sum(1, keepdims=True) for mine in of_class])
    words = np.einsum("pc,ckw->pkw", grammar, within)
    usual = np.linalg.matrix_power(grammar, 1000)[0]
    return Generator(
        grammar=grammar,
        words=words,
        opening=np.einsum("c,ckw->kw", usual, within),
        mixtures=rng.dirichlet(np.full(TOPICS, 0.2), MIXTURES),
    )


def drawn(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one index per row, drawn with the (unnormalised) chances of that row."""
    total = chances.cumsum(1)
    return (total < rng.random((len(chances), 1)) * total[:, -1:]).sum(1)


def write_documents(generator: Generator, n: int, length: int, rng: np.random.Generator) -> Documents:
    """Draw documents."""
    mixtures = generator.mixtures[rng.integers(MIXTURES, size=n)]
    topic = drawn(mixtures, rng)
    words = np.empty((n, length), dtype=np.int64)
    words[:, 0] = drawn(generator.opening[topic], rng)
    for place in range(1, length):
        topic = np.where(rng.random(n) < STAY, topic, drawn(mixtures, rng))
        words[:, place] = drawn(generator.words[words[:, place - 1] % CLASSES, topic], rng)
    return Documents(words=words, mixtures=mixtures)


def chances_of_words(generator: Generator, words: np.ndarray) -> np.ndarray:
    """Return the chance of every word under every topic, given the word before it.

    Parameters
    ----------
    generator : Generator
        The tables.
    words : ndarray of int, shape (n, length)
        Texts; what stood before their first word is not used.

    Returns
    -------
    ndarray, shape (length, n, TOPICS)
        The chances.
    """
    first = generator.opening.T[words[:, :1]]
    later = generator.words.transpose(0, 2, 1)[words[:, :-1] % CLASSES, words[:, 1:]]
    return np.concatenate([first, later], axis=1).swapaxes(0, 1)


def topic_shares(generator: Generator, words: np.ndarray) -> np.ndarray:
    """Return the expected share of every topic in each text, given the text alone.

    Forward and backward passes over the topics of the words. A new segment has every topic with equal chance, so
    that no mixture is preferred and nothing that stood before the text is used.

    Parameters
    ----------
    generator : Generator
        The tables.
    words : ndarray of int, shape (n, length)
        Texts.

    Returns
    -------
    ndarray, shape (n, TOPICS)
        Shares; each row sums to one.
    """
    chances = chances_of_words(generator, words)
    forward = np.empty_like(chances)
    state = np.full(chances.shape[1:], 1 / TOPICS)
    for place, chance in enumerate(chances):
        if place:
            state = STAY * state + (1 - STAY) / TOPICS
        state = state * chance
        state /= state.sum(1, keepdims=True)
        forward[place] = state
    shares = np.zeros_like(state)
    later = np.ones_like(state)
    for place in range(len(chances))[::-1]:
        here = forward[place] * later
        shares += here / here.sum(1, keepdims=True)
        later = later * chances[place]
        later = STAY * later + (1 - STAY) * later.mean(1, keepdims=True)
        later /= later.sum(1, keepdims=True)
    return shares / len(chances)


class IdealReader:
    """What can be known of documents while they are read: chances of all mixtures and of the current topic.

    Attributes
    ----------
    state : ndarray, shape (n, MIXTURES, TOPICS)
        Joint chances of mixture and topic at the last word that was read.
    before : ndarray of int or None, shape (n,)
        The last word of each document; None before the first.
    """

    def __init__(self, generator: Generator, n: int) -> None:
        self.generator = generator
        self.state = np.repeat(generator.mixtures[None] / MIXTURES, n, axis=0)
        self.before: np.ndarray | None = None

    def next_words(self) -> np.ndarray:
        """Return the chances of the next word, of shape (n, WORDS)."""
        topic = self.state.sum(1)
        if self.before is None:
            return topic @ self.generator.opening
        return np.einsum("nk,nkw->nw", topic, self.generator.words[self.before % CLASSES])

    def read(self, words: np.ndarray) -> None:
        """Take in the next word of each document."""
        if self.before is None:
            self.state *= self.generator.opening.T[words][:, None]
        else:
            self.state *= self.generator.words[self.before % CLASSES, :, words][:, None]
        self.state /= self.state.sum((1, 2), keepdims=True)
        restart = self.state.sum(2, keepdims=True) * self.generator.mixtures
        self.state = STAY * self.state + (1 - STAY) * restart
        self.before = words


def ideal_losses(generator: Generator, words: np.ndarray) -> np.ndarray:
    """Return the loss in nats that no model can undercut on average, at every word after the first.

    Parameters
    ----------
    generator : Generator
        The tables.
    words : ndarray of int, shape (n, length)
        Documents from their first word on.

    Returns
    -------
    ndarray, shape (n, length - 1)
        Minus the logarithm of the exact predictive chance of each word.
    """
    reader = IdealReader(generator, len(words))
    losses = []
    for now in words.T:
        losses.append(-np.log(reader.next_words()[np.arange(len(now)), now]))
        reader.read(now)
    return np.stack(losses[1:], axis=1)


def ideal_continuations(
    generator: Generator, prompts: np.ndarray, length: int, rng: np.random.Generator
) -> np.ndarray:
    """Return continuations by exact inference: what an ideal language model would write.

    Parameters
    ----------
    generator : Generator
        The tables.
    prompts : ndarray of int, shape (n, any)
        Prompts of equal length.
    length : int
        Number of words to write.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of int, shape (n, length)
        The words.
    """
    reader = IdealReader(generator, len(prompts))
    for now in prompts.T:
        reader.read(now)
    written = []
    for _ in range(length):
        written.append(drawn(reader.next_words(), rng))
        reader.read(written[-1])
    return np.stack(written, axis=1)
