"""Rules of kinds in autoscaling/v1."""
