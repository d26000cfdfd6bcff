"""An audit of the seeds: copies, reuse, overflow."""
