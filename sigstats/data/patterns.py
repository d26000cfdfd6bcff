"""Regular expressions of callers, which may come with somebody else's card: slow forms are refused."""

import re

MAX_REPEATS = 8

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?](?:[?+])?|\{[0-9]*,?[0-9]*\}[?+]?|[()|]|.", re.DOTALL
)
_REPEAT = re.compile(r"[*+]|\{[0-9]*,[0-9]*\}|\{[0-9]{2,}\}")
_COUNT = re.compile(r"[*+?]|\{")


def why_slow(text: str, repeats_allowed: int = MAX_REPEATS) -> str:
    """Return why searching for a pattern could take very long; empty if it cannot."""
    if re.search(r"\(\?P=|\(\?\(|\\[1-9]", text):
        return "references to groups are not allowed"
    repeats = 0
    branching = [False]  # by open group: whether it can match in several ways
    closed = False  # whether the group that was just closed can
    for piece in _PIECE.findall(text):
        if closed and _COUNT.match(piece) and piece[0] != "?":
            return "a repetition, or a choice, inside a repetition is not allowed"
        closed = False
        if piece == "(":
            branching.append(False)
        elif piece == ")":
            closed = branching.pop() if len(branching) > 1 else False
            branching[-1] = branching[-1] or closed
        elif piece == "|" or _REPEAT.match(piece):
            branching[-1] = True
            repeats += piece != "|"
    return f"more than {repeats_allowed} repetitions are not allowed" if repeats > repeats_allowed else ""
