"""Training logs in, runs out: one file per format."""
