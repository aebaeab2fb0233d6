"""Rules of kinds in rbac/v1."""
