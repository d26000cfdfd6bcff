"""Exact posteriors of hierarchical models."""
