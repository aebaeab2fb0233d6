"""Copy-on-write B+tree."""
