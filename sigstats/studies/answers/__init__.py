"""What is asked of any answer, a verdict along a knob or a comparison without one: its p-values, its size."""
