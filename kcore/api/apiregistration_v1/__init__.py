"""Rules of kinds in apiregistration/v1."""
