"""A card defended in words: a methods section, what it does not show, and replies to the questions that come."""
