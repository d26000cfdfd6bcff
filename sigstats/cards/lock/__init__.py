"""Locks: what a card said before the data, and every look at data since, in a file that shows when it is altered."""
