"""Rules of kinds in flowcontrol/v1."""
