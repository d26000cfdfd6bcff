"""Several studies of one effect: their mean, how far they differ, and whether one repeats another."""
