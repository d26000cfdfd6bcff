"""What reports say of planned looks at data that grow."""

from sigstats.evidence import Look
from sigstats.report.numbers import number
from sigstats.verdict.decision import Decision
from sigstats.verdict.words import names


def brief(verdict: Decision) -> str:
    """Return which look this is, in a few words; nothing where none or not this one was planned."""
    look = verdict.look
    return "" if look is None or look.number is None else f"look {look.number} of {look.of}"


def planned(verdict: Decision) -> str:
    """Return which look this is, at what level, and what that is for."""
    look = verdict.look
    if look is None or look.number is None:
        return "A planned look at the data."
    if look.of == 1:
        return f"The only planned look, at {_plan(look)}."
    return (
        f"Look {look.number} of {look.of}, at alpha {number(look.alpha)}: looks were planned at {_plan(look)}, and "
        f"all of them together err in at most {number(verdict.signature.alpha)}."
    )


def unplanned(verdict: Decision) -> str:
    """Return that no look was planned at these numbers of seeds."""
    look = verdict.look
    if look is None:
        return "No look was planned at this number of seeds."
    counts = [n for _, n in look.n_seeds]
    # What looks as planned is not so at every level.
    more = ", and more at other levels" if set(counts) <= set(look.planned) and len(set(counts)) == 1 else ""
    have = names.listed(f"{names.condition(verdict, name)} ({n}{more})" for name, n in look.n_seeds)
    alike = "" if look.more_in_control else ", in all conditions at once"
    return (
        f"Looks were planned at {_plan(look)}{alike}; the data have {have}. Nothing is claimed at a look that was not "
        "planned, as its error rate is not paid for."
    )


def remedy(verdict: Decision) -> str:
    """Return which look comes next."""
    look = verdict.look
    if look is None or look.next_seeds is None:
        return (
            "The last planned look is over. Judge the data as they were then, or run new seeds alone, under a plan of "
            "their own."
        )
    return f"Run every condition up to the next planned look: {_seeds(look, look.next_seeds)}."


def after(verdict: Decision) -> str:
    """Return at which number of seeds the next look is, as a sentence; nothing where none were planned."""
    look = verdict.look
    if look is None:
        return ""
    if look.next_seeds is None:
        return " This was the last planned look: more seeds need a plan of their own, on new seeds alone."
    return f" {next_one(verdict)}"


def goes_on(verdict: Decision) -> bool:
    """Return whether another planned look is to come."""
    return verdict.look is not None and verdict.look.next_seeds is not None


def next_one(verdict: Decision) -> str:
    """Return at which number of seeds the next look is, as a sentence; nothing where none is to come."""
    look = verdict.look
    if look is None or look.next_seeds is None:
        return ""
    return f"The next planned look is at {_seeds(look, look.next_seeds)}."


def _plan(look: Look) -> str:
    counts = names.listed((str(n) for n in look.planned), most=len(look.planned))
    return f"{counts} seeds per {_condition(look)}"


def _seeds(look: Look, n: int) -> str:
    return f"{n} seeds per {_condition(look)}"


def _condition(look: Look) -> str:
    more = look.more_in_control
    if not more:
        return "condition"
    return f"treatment, and {abs(more)} {'more' if more > 0 else 'fewer'} per control"
