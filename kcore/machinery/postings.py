"""Sets of small integers and maps from texts to them: the one door to the `postings` kernel.

`Bitmap` is an immutable, compressed, ordered set of ids with set algebra, `rank`, `select` and
`ids(start, limit)`. `Postings` say which ids have a key, and which have it with a value; a copy
costs O(1) and shares everything until one side writes. Who gives out the ids keeps them small and
dense: that is what makes both compact. The kernel's twin explains them.

    postings = Postings()
    postings.add(7, {"app": "web", "env": "prod"})
    (postings.get("app", "web") - postings.present("canary")).ids()     # [7]
"""

from kcore import _native

Bitmap = _native.postings.Bitmap
Postings = _native.postings.Postings

EMPTY = Bitmap()

__all__ = ["EMPTY", "Bitmap", "Postings"]
