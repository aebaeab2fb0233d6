"""Rules of kinds in networking/v1."""
