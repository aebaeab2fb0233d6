"""Recorded workloads played back against placement policies."""
