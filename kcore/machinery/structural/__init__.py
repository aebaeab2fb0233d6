"""Structural schemas of custom resources: what fits them, what they prune and fill in.

A pure part: it knows values and schemas, no server, no kind.
"""
