"""The figure of a verdict."""
