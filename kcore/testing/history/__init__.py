"""Checks recorded histories of a key-value store: linearizable operations, truthful watches."""
