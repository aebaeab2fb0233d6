"""Measurements: `python -m benchmarks` runs them, each beside a peer in the same run."""
