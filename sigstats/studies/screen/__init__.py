"""A signature asked of many tables at once: a row for each, and how many of the findings may be false."""
