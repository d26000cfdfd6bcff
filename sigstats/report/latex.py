r"""The report as LaTeX: a table of the conditions with the verdict as its caption.

The table needs the package ``booktabs``. Names that users gave are typeset literally: no command can
come from them.
"""

from sigstats.report.escaping import latex as escaped
from sigstats.verdict.decision import Decision
from sigstats.verdict.words.document import Row, Story, tell

HEADER = "Condition & Role & Seeds & Levels & {effect} & Kendall's $\\tau$ & $p$"

TOLD = ("margin", "bounds", "location", "direction", "control")


def render(verdict: Decision) -> str:
    r"""Return the table of conditions with the verdict as its caption."""
    story = tell(verdict)
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{_caption(story)}}}",
        r"  \begin{tabular}{llrrlrr}",
        r"    \toprule",
        rf"    {HEADER.format(effect=story.effect_head.capitalize())} \\",
        r"    \midrule",
        *(rf"    {_row(row)} \\" for row in story.rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _caption(story: Story) -> str:
    numbers = dict(story.numbers)
    sentences = [
        rf"\textbf{{{story.status.capitalize()}}}: {escaped(story.claim)}",
        *(escaped(sentence.rstrip(".")) for sentence in story.why),
        *(f"{label.capitalize()}: {escaped(numbers[label])}" for label in TOLD if label in numbers),
        *(escaped(sentence.rstrip(".")) for sentence in story.notes),
    ]
    return ". ".join(sentences) + "."


def _row(row: Row) -> str:
    tau = f"${row.tau}$" if row.tau.startswith("-") else row.tau
    cells = (row.condition, row.role, row.seeds, row.levels, row.effect)
    return " & ".join([*map(escaped, cells), tau, escaped(row.pvalue)])
