"""Locked cards in the formats of registries, which vouch for the time."""
