"""Watches over nodes: says when one is silent, taints it, and tells its pods."""
