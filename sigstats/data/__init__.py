"""Whatever comes in becomes a sweep table."""
