"""Rules of kinds in discovery/v1."""
