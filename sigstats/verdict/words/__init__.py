"""Every sentence about a verdict."""
