"""Rules of kinds in admissionregistration/v1."""
