"""The record of a project: a folder of answers, on one page."""
