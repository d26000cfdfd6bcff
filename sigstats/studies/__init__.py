"""Questions beside the verdict: robustness, slopes, competing shapes, simulated sweeps, common practice, seeds."""
