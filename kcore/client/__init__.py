"""Reads and writes through a `Transport`: the only way actors meet the API."""
