"""Log formats, one file each, and their registry."""
