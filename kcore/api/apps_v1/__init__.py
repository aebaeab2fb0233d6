"""Rules of kinds in apps/v1."""
