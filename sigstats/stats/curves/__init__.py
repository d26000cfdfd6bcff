"""Forms fitted to a mean curve, and their error on seeds that were left out."""
