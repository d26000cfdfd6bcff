"""Groups of runs, with or without items in each run, compared by weighted sums of their means."""
