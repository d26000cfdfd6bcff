"""Forecasts: a law fitted to low levels of the knob, held against what is found at higher ones."""
