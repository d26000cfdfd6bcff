"""Does this installation compute what it should? Known answers, calibration and equal results, in under a minute."""
