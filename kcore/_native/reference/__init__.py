"""Readable Python twins of the kernels: the fallback, the explanation and the oracle in tests."""
