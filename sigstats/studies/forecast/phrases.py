"""What laws, rivals and notes of a forecast are called."""

from sigstats.report.numbers import interval, number
from sigstats.stats.curves.ahead import Law
from sigstats.stats.estimate import Estimate
from sigstats.studies.forecast.record import Note, Rival

LAWS: dict[Law, str] = {
    "flat": "the mean of the fitted levels",
    "last_value": "the last value",
    "linear": "a straight line in {along}",
    "power_law": "a power law",
    "saturating": "an exponential approach to a plateau in {along}",
    "scaling_law": "a power law with a floor",
}
RIVALS: dict[Rival, str] = {
    Rival.LAST_VALUE: "the last value carried on",
    Rival.LOG_LOG: "a straight line in log-log",
    Rival.SEMI_LOG: "a straight line in log {knob}",
    Rival.LINE: "a straight line",
}
NOTES: dict[Note, str] = {
    Note.BEYOND_DATA: "This goes beyond the data: it holds only if the law goes on to hold above {knob} {last}, which "
    "no run so far can show. Forecast.settle judges it once there are runs.",
    Note.FAR_BEYOND: "The prediction reaches further beyond {knob} {last} than the fitted levels reach from {first} "
    "to there.",
    Note.AT_LIMIT: "The fitted levels bend less than any such law, so that floor and exponent are not identified; the "
    "law was carried on from the end of their range.",
    Note.RIVAL_NEARER: "A naive rival is shown to be nearer than the law.",
    Note.NO_NEARER: "The law is not shown to be nearer than any naive rival: the data do not show that it is needed.",
    Note.LEVELS_LEFT_OUT: "Neither fitted nor predicted: {knob} {left_out}.",
    Note.SEEDS_LEFT_OUT: "{seeds} left out, which were not seen at every fitted level.",
    Note.COPIES_LEFT_OUT: "{copies} left out as copies of others.",
    Note.FEWER_SEEDS_AHEAD: "Some predicted levels were seen at fewer seeds than the fitted ones. If only good runs "
    "reached them, the error is theirs.",
    Note.NO_LOG_RIVALS: "Rivals on log scales are left out, which need levels and means above 0.",
    Note.CONTROLS_LEFT_OUT: "The control {controls} takes no part.",
}


NEARLY_ALL = 0.99  # a part above it is told with all its digits, so that it is not called the whole


def part(share: float) -> str:
    """Return a part of the mean in per cent, with the digits that it needs."""
    return f"{number(100.0 * share, digits=2 if share < NEARLY_ALL else 6)} %"


def percent_of(found: Estimate | None) -> str:
    """Return a relative error with its interval in per cent."""
    if found is None:
        return "n/a"
    hundredfold = Estimate(
        value=100 * found.value,
        low=100 * found.low,
        high=100 * found.high,
        confidence=found.confidence,
        unit="%",
    )
    return f"{interval(hundredfold)} %"
