"""Rules of kinds in coordination/v1."""
