"""Patch documents applied to values: JSON patch, merge patch, strategic merge patch.

A pure part: it knows values and patches, no server, no kind.
"""
