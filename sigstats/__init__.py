"""Decide whether a predicted trend is present, absent or partial in a sweep with few seeds."""

__version__ = "0.1.0.dev0"
