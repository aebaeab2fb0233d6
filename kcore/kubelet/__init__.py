"""A fleet of hollow nodes: what kubelets would have reported, without containers."""
