"""How far a verdict hangs on the choices of the analysis, on single seeds and on thresholds."""
