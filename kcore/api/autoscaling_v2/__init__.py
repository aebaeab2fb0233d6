"""Rules of kinds in autoscaling/v2."""
