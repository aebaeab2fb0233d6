"""Rules of kinds in events/v1."""
