"""Rules of kinds in apiextensions/v1."""
