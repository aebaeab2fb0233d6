"""Named items, each in its place: the compiled kernel; `reference/shelf.py` explains it."""


cdef tuple NOBODY = ()


cdef class Shelf:
    """Items in order, by name."""

    cdef readonly list items
    cdef dict _places, _changed
    cdef bint _shared

    def __init__(self, names=(), items=()):
        cdef Py_ssize_t place = 0
        self.items = list(items)
        self._places = {}
        for name in names:
            self._places[name] = place
            place += 1
        if place != len(self.items) or len(self._places) != place:
            raise ValueError("a name for each item, and another for each")
        self._changed = None
        self._shared = False

    def __len__(self):
        return len(self.items)

    def place(self, str name not None):
        """Where the item of this name is, or None. O(1)."""
        return self._places.get(name)

    def put(self, dict newer not None):
        """Replace items by newer ones of their names; returns names without a place, in order.

        O(newer), and O(items) for the first after a copy was made.
        """
        cdef list strangers = None
        if self._shared:
            self.items, self._shared = list(self.items), False
        for name, item in newer.items():
            place = self._places.get(name)
            if place is None:
                if strangers is None:
                    strangers = []
                strangers.append(name)
                continue
            self.items[<Py_ssize_t>place] = item
            if self._changed is not None:
                self._changed[place] = None
        return NOBODY if strangers is None else strangers

    def take_changes(self):
        """Places whose item was replaced since the last call, as keys; None: any.

        In the order of the changes. For the one reader that keeps something beside the
        items. O(changes).
        """
        cdef dict changed = self._changed
        self._changed = {}
        return changed

    def copy(self):
        """An independent shelf with the same content. O(changes)."""
        cdef Shelf twin = Shelf.__new__(Shelf)
        twin.items, twin._places = self.items, self._places
        twin._changed = None if self._changed is None else dict(self._changed)
        twin._shared = self._shared = True
        return twin
