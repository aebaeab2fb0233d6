"""Rules of kinds in scheduling/v1."""
