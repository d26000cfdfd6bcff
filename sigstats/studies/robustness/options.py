"""The options of the choices that a signature leaves open, and why somebody would take each."""

ALL_LINES = "all"
WHOLE = "whole range"
WITHOUT_FIRST = "without the first level"
WITHOUT_LAST = "without the last level"
LOWER_HALF = "lower half"
UPPER_HALF = "upper half"
AS_IT_IS = "as it is"
COMPLETE = "complete seeds"

QUIET_FRACTIONS = (0.33, 0.5, 0.67)

KNOB_REASONS = {
    "linear": "equal steps of the knob count the same",
    "log": "equal ratios of the knob count the same",
    "rank": "neighbouring levels are one step apart, whatever lies between them",
}
METRIC_REASONS = {
    "linear": "differences of the metric count as they are",
    "log": "ratios of the metric count; suits multiplicative effects and noise",
    "logit": "odds count; suits shares near 0 or 1",
    "rank": "only the order of the values of the whole table counts; no value can dominate",
}
REPEAT_REASONS = {
    "mean": "every measurement counts the same",
    "median": "one wild measurement cannot move it",
    "trimmed mean": "the lowest and highest tenth of a cell's measurements, at least one each, are left out",
    "interquartile mean": "the mean of the middle half of a cell's measurements",
    "min": "the best case, where smaller is better",
    "max": "the best case, where larger is better",
}
WINDOW_REASONS = {
    WHOLE: "the range that was swept",
    WITHOUT_FIRST: "the first level may be a special case, such as a knob that is switched off",
    WITHOUT_LAST: "the last level may be a special case, and has the most leverage",
    LOWER_HALF: "the claim should not rest on the upper levels alone",
    UPPER_HALF: "the claim should not rest on the lower levels alone",
}
COLUMN_REASONS = {
    "linear": "equal steps of the column count the same",
    "log": "equal ratios of the column count the same",
    "rank": "neighbouring levels of the column are one step apart",
}
PAIRED_REASONS = {
    "no": "treatment and control are compared as two groups of runs",
    "yes": "the same label is the same initialisation, so that a difference within labels is defensible",
}
DESIGN_REASONS = {
    "repeated": "a label that recurs is one run seen at several levels; valid either way",
    "independent": "every cell is a fresh run, whatever its label",
}
MISSING_REASONS = {
    AS_IT_IS: "a seed counts with the levels that it has",
    COMPLETE: "seeds that broke off may be a selection",
}
TREND_LINES = {
    ALL_LINES: "all three lines must agree",
    "trend": "the rank test of the scores alone",
    "interval": "the bound of the mean effect alone",
    "slopes": "the posterior of the mean effect alone",
}
OTHER_LINES = {
    ALL_LINES: "test and posterior must agree",
    "test": "the t test of the scores alone",
    "posterior": "the posterior of the mean score alone",
}
