"""The report for a terminal: plain text, at most 100 columns, no colour codes."""

import dataclasses
import textwrap
from collections.abc import Iterable, Sequence

from sigstats.report.escaping import shortened
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names
from sigstats.verdict.words.cards import Adjusted, Verdicts, adjusted_statement, name_of
from sigstats.verdict.words.document import Story, brief, tell
from sigstats.verdict.words.lines import Line

WIDTH = 100
LABEL = 11
MOST_ROWS = 8
MOST_CRITERIA = 16


def headline(verdict: Decision) -> str:
    """Return the answer as one line: status, claim and the main reason."""
    return f"{verdict.status.upper()}: {names.claim(verdict.signature)} ({brief(verdict)})"


def summary(verdict: Decision) -> str:
    """Return the verdict with its reasons and numbers, ready to be printed."""
    story = tell(verdict)
    parts = [
        _head(verdict, story),
        [_labelled(label, said) for label, said in story.numbers],
        _table(story),
        _lines(story),
        _criteria(story),
        _bulleted("notes", story.notes),
        [_wrapped("repeat with: " + "; ".join(f"{label} {said}" for label, said in story.repeat), indent=2)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def several(verdicts: Verdicts, holm: Adjusted) -> str:
    """Return the report of a card: every verdict, then what holds for all of them together."""
    rule = "-" * WIDTH
    parts = [summary(verdict) for _, verdict in verdicts]
    if len(verdicts) > 1:
        heads = [
            _wrapped(f"{verdict.status.upper()}: {name_of(signature)} ({brief(verdict)})", indent=2)
            for signature, verdict in verdicts
        ]
        parts.append("\n".join([*heads, "", _wrapped(adjusted_statement(verdicts, holm))]))
    return f"\n{rule}\n".join(parts)


def _head(verdict: Decision, story: Story) -> list[str]:
    named = [_labelled("signature", story.name)] if story.name else []
    return [
        _wrapped(headline(verdict), indent=2),
        *named,
        _labelled("compared", story.against),
        *(_labelled("" if at else "why", sentence) for at, sentence in enumerate(story.why)),
        *(_labelled("" if at else "to resolve", sentence) for at, sentence in enumerate(story.resolve)),
    ]


def _table(story: Story) -> list[str]:
    rows = story.rows
    shown = rows[:MOST_ROWS]
    cells = [("condition", "role", "seeds", "levels", story.effect_head, "tau", "p")]
    cells += [
        (shortened(row.condition, 30), row.role, row.seeds, row.levels, row.effect, row.tau, row.pvalue)
        for row in shown
    ]
    widths = [max(len(line[at]) for line in cells) for at in range(len(cells[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    if len(rows) > len(shown):
        lines.append(f"... and {names.counted(len(rows) - len(shown), 'condition')} more (see table())")
    return [line[:WIDTH] for line in lines]


def _lines(story: Story) -> list[str]:
    lines = story.lines
    if not lines:
        return []
    title, shared = f"lines of evidence ({story.duty})", []
    if len({line.replicate for line in lines}) == 1:
        shared.append(f"replicate: {lines[0].replicate}")
        lines = tuple(dataclasses.replace(line, replicate="") for line in lines)
    if len(lines) > 1 and len({line.method for line in lines}) == 1:
        shared.append(f"method: {lines[0].method}")
        lines = tuple(dataclasses.replace(line, method="") for line in lines)
    width = max(LABEL, *(len(line.name) + 2 for line in lines))
    return [_wrapped("; ".join([title, *shared]), indent=2), *(_evidence(line, width) for line in lines)]


def _evidence(line: Line, width: int) -> str:
    """Return one line of evidence: its name with what is said of it, then how that was found."""
    state = f"{line.state.upper()}: " if line.says else ""
    says = f"{line.says}; " if line.says else ""
    first = _wrapped(f"  {line.name.ljust(width)}{state}{says}{line.result}", indent=width + 2)
    method = [line.method] if line.method else []
    replicate = [f"replicate: {line.replicate}"] if line.replicate else []
    beside = "; ".join([*method, f"null: {line.null}", *replicate])
    return f"{first}\n{_wrapped(beside, indent=width + 2, first=width + 2)}"


def _criteria(story: Story) -> list[str]:
    if not story.criteria:
        return []
    said = [f"[{'x' if met else ' '}] {comparison}" for met, comparison in story.criteria]
    shown = said[:MOST_CRITERIA]
    hidden = len(said) - len(shown)
    lines = ["comparisons that were made ([x] holds, [ ] does not)", *_in_columns(shown)]
    return [*lines, f"  ... and {hidden} more (see criteria)"] if hidden else lines


def _in_columns(cells: Sequence[str]) -> list[str]:
    width = WIDTH // 2 - 2
    if any(len(cell) > width for cell in cells):
        return [_wrapped("  " + cell, indent=6) for cell in cells]
    half = (len(cells) + 1) // 2
    left, right = cells[:half], [*cells[half:], ""]
    return [f"  {first.ljust(width)}{second}".rstrip() for first, second in zip(left, right, strict=False)]


def _bulleted(title: str, sentences: Iterable[str]) -> list[str]:
    lines = [_wrapped(f"- {sentence}", indent=4, first=2) for sentence in sentences]
    return [title, *lines] if lines else []


def _labelled(label: str, said: str) -> str:
    return _wrapped(f"{label.ljust(LABEL)}{said}", indent=LABEL)


def _wrapped(text: str, *, indent: int = 0, first: int = 0) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        drop_whitespace=True,
        replace_whitespace=False,
        break_on_hyphens=False,
    )
