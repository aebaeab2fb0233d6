"""Rules of kinds in storage/v1."""
