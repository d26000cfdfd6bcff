"""Cards: ideas declared before the data, and what is done with a whole card."""
