"""Statistics on plain arrays: no data frames, no columns, no verdicts."""
