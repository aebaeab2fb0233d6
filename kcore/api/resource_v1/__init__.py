"""Rules of kinds in resource/v1."""
