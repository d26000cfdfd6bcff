"""Many sweep tables in one frame, told apart by columns, and read all at once."""
