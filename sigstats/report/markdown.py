"""The report as Markdown, for an issue, a pull request or a notebook."""

from collections.abc import Iterable

from sigstats.report.escaping import markdown as escaped
from sigstats.verdict.decision import Decision
from sigstats.verdict.words.document import Story, tell
from sigstats.verdict.words.lines import Line


def render(verdict: Decision) -> str:
    """Return the report as Markdown.

    Names that users gave are shown literally: they can start no link, image, tag or table cell.
    """
    story = tell(verdict)
    title = f"## {verdict.status.upper()}: {escaped(story.claim)}"
    blocks = [
        title,
        f"**{escaped(story.name)}**" if story.name else "",
        f"Compared: {escaped(story.against)}.",
        " ".join(escaped(sentence) for sentence in (story.meaning, *story.why)),
        _bulleted(f"**{label}:** {escaped(said)}" for label, said in story.numbers),
        _table(story),
        _evidence(story),
        _criteria(story),
        _section("Notes", story.notes),
        _section("What would resolve it", story.resolve),
        "Repeat with: " + "; ".join(f"{label} {escaped(said)}" for label, said in story.repeat) + ".",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _bulleted(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _section(title: str, sentences: tuple[str, ...]) -> str:
    return f"### {title}\n\n{_bulleted(map(escaped, sentences))}" if sentences else ""


def _table(story: Story) -> str:
    columns = ("condition", "role", "seeds", "levels", story.effect_head, "tau", "p")
    lines = [columns, ("---", "---", "--:", "--:", "--:", "--:", "--:")]
    lines += [
        (
            escaped(row.condition),
            row.role,
            row.seeds,
            row.levels,
            escaped(row.effect),
            row.tau,
            escaped(row.pvalue),
        )
        for row in story.rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _evidence(story: Story) -> str:
    if not story.lines:
        return ""
    sentences = (
        f"**{_title(line)}:** {escaped(line.result)}. {escaped(line.method)}; null: {escaped(line.null)}; "
        f"replicate: {escaped(line.replicate)}."
        for line in story.lines
    )
    return f"### Lines of evidence ({story.duty})\n\n{_bulleted(sentences)}"


def _title(line: Line) -> str:
    says = f" ({escaped(line.says)})" if line.says else ""
    state = f", {line.state.upper()}" if line.state else ""
    return f"{escaped(line.name)}{says}{state}"


def _criteria(story: Story) -> str:
    if not story.criteria:
        return ""
    lines = (f"[{'x' if met else ' '}] {escaped(said)}" for met, said in story.criteria)
    return f"### Comparisons that were made\n\n{_bulleted(lines)}"
