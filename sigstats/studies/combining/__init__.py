"""Studies together: combined, replicated, and kept as a record."""
