"""The intake of any data frame."""
