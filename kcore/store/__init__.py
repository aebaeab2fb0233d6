"""Versioned keys and values, as etcd keeps them. Knows no kind and no rule of any object."""
