"""Rules of kinds in policy/v1."""
