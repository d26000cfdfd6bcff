"""Kinds of files that several log formats share."""
