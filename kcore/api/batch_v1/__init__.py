"""Rules of kinds in batch/v1."""
