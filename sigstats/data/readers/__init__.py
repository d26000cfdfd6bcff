"""Readers of sweep tables, one for each kind of file."""
