"""Classical tests on plain arrays."""
