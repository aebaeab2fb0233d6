"""Server-side apply: field sets, typed merging, ownership. Knows no store and no HTTP."""
