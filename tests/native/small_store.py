"""The least that a store adds to what the kernel gives it, over either kernel."""


class RefusedError(Exception):
    """A key is not where it was expected."""


def small_store(kernels, count_max=1_000):
    """A store without a past; its buckets called `indexed...` have indexes."""
    buckets = bucket_classes(kernels)
    kind = store_class(kernels, buckets)
    store = kind.__new__(kind)
    store._buckets, store._line, store._interests = {}, object(), None
    store._buckets_line, store._empty = store._line, None
    store._history_count_max, store._revision, store._compact_revision = count_max, 1, 0
    return store


def thirds(value):
    """Index function of numbers, where `value` is one."""
    if value == 9:
        raise RuntimeError("no index for this")
    return [str(value % 3), "é" * (value // 3)] if isinstance(value, int) else ()


def parity(value):
    """Another, which may give a string twice."""
    return ("odd", "odd") if isinstance(value, int) and value % 2 else ()


class ViewOf:
    """A view that shows nothing but its revision."""

    def __init__(self, revision):
        self.revision = revision


class Calls:
    """What a store is called back for."""

    __slots__ = ()

    def _writable(self, bucket):
        if self._line is None:
            self._line = object()
        if self._buckets_line is not self._line:
            self._buckets, self._buckets_line = dict(self._buckets), self._line
        held = self._buckets.get(bucket)
        if held is None or held.line is not self._line:
            held = self._buckets[bucket] = self.bucket_of(bucket, held)
        return held

    def _get_at(self, bucket, key, revision):
        return ("past", bucket, key, revision)

    def _view(self, bucket, revision):
        held = self._buckets.get(bucket)
        view = ViewOf(self._revision if revision is None else revision)
        if held is not None and revision is None:
            held.now = held.history.end, view
        return view

    def _refuse(self, bucket, key, expect):
        raise RefusedError(bucket, key, expect)

    def _check(self, compares, then, otherwise):
        if len(then) > 4:
            raise RefusedError("too many")


def bucket_classes(kernels):
    """Classes of contents and buckets."""
    ledger = kernels.ledger

    class Contents(ledger.ContentsCore):
        __slots__ = ()

    class Bucket(ledger.BucketCore):
        __slots__ = ()

    return Contents, Bucket


def store_class(kernels, classes):
    """The class of such a store."""

    class Store(Calls, kernels.ledger.StoreCore):
        __slots__ = ()

        def bucket_of(self, name, held):
            contents, made = (one.__new__(one) for one in classes)
            made.line, made.contents, made.now = self._line, contents, None
            is_indexed = name.startswith("indexed")
            contents.indexes = {"thirds": thirds, "parity": parity} if is_indexed else {}
            if held is None:
                made.history = kernels.ledger.Log(self._history_count_max)
                contents.entries, contents.postings = kernels.btree.BTree(), kernels.btree.BTree()
            else:
                made.history = held.history.copy()
                contents.entries = held.contents.entries.copy()
                contents.postings = held.contents.postings.copy()
            return made

    return Store


def state_of(store):
    """Everything that a store holds, as plain values."""
    return store._revision, {
        name: (
            [tuple(entry) for entry in held.contents.entries.values()],
            [tuple(map(plain, event)) for event in held.history.since(0)],
            [(key, tuple(entry)) for key, entry in held.contents.postings.items()],
        )
        for name, held in store._buckets.items()
    }


def plain(found):
    """Records as tuples."""
    if isinstance(found, ViewOf):
        return found.revision
    if type(found).__name__ == "TxnResult":
        succeeded, revision, responses = found
        return succeeded, revision, tuple(map(plain, responses))
    return tuple(found) if type(found).__name__ == "Entry" else found
