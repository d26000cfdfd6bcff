"""Slopes of seeds and conditions, partially pooled, with exact posteriors."""
