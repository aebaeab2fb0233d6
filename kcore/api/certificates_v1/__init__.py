"""Rules of kinds in certificates/v1."""
