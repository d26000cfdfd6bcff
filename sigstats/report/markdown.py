"""The report as Markdown, for an issue, a pull request or a notebook."""

from collections.abc import Iterable

from sigstats.report.escaping import markdown as escaped
from sigstats.report.story import Row, Story, tell
from sigstats.verdict import Verdict

COLUMNS = ("condition", "role", "seeds", "levels", "effect", "tau", "p")


def render(verdict: Verdict) -> str:
    """Return the report as Markdown.

    Names that users gave are shown literally: they can start no link, image, tag or table cell.

    Parameters
    ----------
    verdict : Verdict
        The verdict.

    Returns
    -------
    str
        Markdown that ends in a newline.
    """
    story = tell(verdict)
    title = f"## {verdict.status.upper()}: {escaped(story.claim)}"
    blocks = [
        title,
        f"**{escaped(story.name)}**" if story.name else "",
        f"Compared: {escaped(story.against)}.",
        " ".join(escaped(sentence) for sentence in (story.meaning, *story.why)),
        _bulleted(f"**{label}:** {escaped(said)}" for label, said in story.numbers),
        _table(story.rows),
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


def _table(rows: Iterable[Row]) -> str:
    lines = [COLUMNS, ("---", "---", "--:", "--:", "--:", "--:", "--:")]
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
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _evidence(story: Story) -> str:
    if not story.lines:
        return ""
    sentences = (
        f"**{line.name}:** {escaped(line.result)}. {escaped(line.method)}; null: {escaped(line.null)}; "
        f"replicate: {escaped(line.replicate)}."
        for line in story.lines
    )
    return f"### Lines of evidence (each must hold)\n\n{_bulleted(sentences)}"


def _criteria(story: Story) -> str:
    if not story.criteria:
        return ""
    lines = (f"[{'x' if met else ' '}] {escaped(said)}" for met, said in story.criteria)
    return f"### Comparisons that were made\n\n{_bulleted(lines)}"
