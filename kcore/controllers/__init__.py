"""The built-in loops, one per promise: observe, plan (a pure function), apply."""
