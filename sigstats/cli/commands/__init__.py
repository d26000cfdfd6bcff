"""The commands, with their options; what they do is imported when they are called."""
