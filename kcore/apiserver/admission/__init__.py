"""The gate every write passes: rules that look at other objects before the write."""
