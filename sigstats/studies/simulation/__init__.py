"""Sweeps with a known truth, and how often the verdict is right about them."""
