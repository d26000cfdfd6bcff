"""From runs to a sweep table."""
