"""Time, turns and chance. Knows no Kubernetes noun."""
