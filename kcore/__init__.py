"""The Kubernetes control plane as a Python value."""
