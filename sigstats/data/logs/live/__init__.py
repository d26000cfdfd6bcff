"""Runs from servers: fetched into a folder, one file per run, and read from there."""
