"""Namespace: empties one that is being deleted, then lets it go."""
