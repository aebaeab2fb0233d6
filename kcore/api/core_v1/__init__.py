"""core/v1: pure functions about its kinds, one file a noun; nothing here keeps state."""
