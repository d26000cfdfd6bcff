"""Where a curve turns, bends, jumps or crosses a value, with an interval."""
