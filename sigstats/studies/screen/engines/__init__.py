"""Frameworks that judge parts of the data on other processes or machines, with the rows of a key kept together."""
