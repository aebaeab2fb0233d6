/* Bitmap: the Python type over a set. A value: nothing changes it. */
#include "postings.h"

enum { READ_COUNT = 1024 }; /* Ids read at a time. */

typedef struct {
    PyObject_HEAD
    Set *set;
} Bitmap;

static inline int is_bitmap(PyObject *value) { return Py_IS_TYPE(value, &Bitmap_Type); }
static inline Set *set_of(PyObject *bitmap) { return ((Bitmap *)bitmap)->set; }

/* A Bitmap over a set whose use the caller gives away; passes on a failure (NULL). */
PyObject *bitmap_of(Set *set) {
    Bitmap *bitmap = set == NULL ? NULL : PyObject_New(Bitmap, &Bitmap_Type);
    if (bitmap != NULL) {
        bitmap->set = set;
    } else if (set != NULL) {
        set_drop(set);
    }
    return (PyObject *)bitmap;
}

int id_of(PyObject *number, uint32_t *id) {
    if (!PyLong_Check(number)) {
        PyErr_Format(PyExc_TypeError, "an id must be int, not %.100s", Py_TYPE(number)->tp_name);
        return -1;
    }
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow != 0 || value < 0 || value > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "an id must be in [0, 2**32)");
        return -1;
    }
    *id = (uint32_t)value;
    return 0;
}

static Set *set_from(PyObject *numbers) {
    PyObject *iterator = PyObject_GetIter(numbers), *number;
    Set *set = iterator == NULL ? NULL : set_alloc(1);
    if (set == NULL) {
        Py_XDECREF(iterator);
        return (Set *)(PyErr_Occurred() ? NULL : PyErr_NoMemory());
    }
    while ((number = PyIter_Next(iterator)) != NULL) {
        uint32_t id;
        int status = id_of(number, &id);
        Py_DECREF(number);
        if (status == 0 && set_add(&set, id) < 0) {
            PyErr_NoMemory();
        }
        if (PyErr_Occurred()) {
            break;
        }
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) {
        set_drop(set);
        return NULL;
    }
    return set;
}

static PyObject *bitmap_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    (void)type; /* It has no subclasses. */
    PyObject *numbers = NULL;
    if (names != NULL && PyDict_GET_SIZE(names) > 0) {
        PyErr_SetString(PyExc_TypeError, "Bitmap() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "Bitmap", 0, 1, &numbers)) {
        return NULL;
    }
    return bitmap_of(numbers == NULL ? set_use(set_empty) : set_from(numbers));
}

static void bitmap_dealloc(PyObject *self) {
    set_drop(set_of(self));
    PyObject_Free(self);
}

static Py_ssize_t bitmap_length(PyObject *self) { return (Py_ssize_t)set_of(self)->count; }
static int bitmap_bool(PyObject *self) { return set_of(self)->count > 0; }

static int bitmap_contains(PyObject *self, PyObject *number) {
    uint32_t id;
    return id_of(number, &id) < 0 ? -1 : set_has(set_of(self), id);
}

static PyObject *bitmap_richcompare(PyObject *self, PyObject *other, int operation) {
    if (!is_bitmap(other) || (operation != Py_EQ && operation != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(set_equal(set_of(self), set_of(other)) == (operation == Py_EQ));
}

static PyObject *bitmap_repr(PyObject *self) {
    return PyUnicode_FromFormat("<Bitmap of %zd ids>", bitmap_length(self));
}

static PyObject *combine(Algebra algebra, PyObject *a, PyObject *b) {
    if (!is_bitmap(a) || !is_bitmap(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return bitmap_of(set_combine(algebra, set_of(a), set_of(b)));
}

static PyObject *bitmap_and(PyObject *a, PyObject *b) { return combine(BOTH, a, b); }
static PyObject *bitmap_or(PyObject *a, PyObject *b) { return combine(EITHER, a, b); }
static PyObject *bitmap_sub(PyObject *a, PyObject *b) { return combine(WITHOUT, a, b); }
static PyObject *bitmap_xor(PyObject *a, PyObject *b) { return combine(ONE, a, b); }

/* The same with one id more or less: copies a chunk at most. */
static PyObject *bitmap_edited(PyObject *self, PyObject *number, int (*edit)(Set **, uint32_t)) {
    uint32_t id;
    if (id_of(number, &id) < 0) {
        return NULL;
    }
    Set *set = set_use(set_of(self));
    int status = edit(&set, id);
    if (status < 0) {
        set_drop(set);
        return PyErr_NoMemory();
    }
    return bitmap_of(set);
}

static PyObject *bitmap_with_id(PyObject *self, PyObject *number) {
    return bitmap_edited(self, number, set_add);
}

static PyObject *bitmap_without_id(PyObject *self, PyObject *number) {
    return bitmap_edited(self, number, set_discard);
}

static PyObject *bitmap_rank(PyObject *self, PyObject *number) {
    uint32_t id;
    return id_of(number, &id) < 0 ? NULL : PyLong_FromUnsignedLongLong(set_rank(set_of(self), id));
}

static PyObject *bitmap_select(PyObject *self, PyObject *number) {
    Py_ssize_t position = PyNumber_AsSsize_t(number, PyExc_IndexError);
    if (position == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (position < 0 || position >= bitmap_length(self)) {
        PyErr_SetString(PyExc_IndexError, "no id at this position");
        return NULL;
    }
    return PyLong_FromUnsignedLong(set_select(set_of(self), (uint64_t)position));
}

/* Append ids of a part from `start` on until the list has `limit`. */
static int part_list(const Part *part, uint32_t start, PyObject *list, Py_ssize_t limit) {
    uint16_t lows[READ_COUNT];
    uint32_t count;
    do {
        Py_ssize_t room = limit - PyList_GET_SIZE(list);
        count = chunk_read(part->chunk, start, lows,
                           room < READ_COUNT ? (uint32_t)room : READ_COUNT);
        for (uint32_t i = 0; i < count; i++) {
            PyObject *id = PyLong_FromUnsignedLong(part->high << CHUNK_BITS | lows[i]);
            int status = id == NULL ? -1 : PyList_Append(list, id);
            Py_XDECREF(id);
            if (status < 0) {
                return -1;
            }
        }
        start = count == 0 ? start : (uint32_t)lows[count - 1] + 1;
    } while (count > 0 && PyList_GET_SIZE(list) < limit);
    return 0;
}

static PyObject *bitmap_ids(PyObject *self, PyObject *args) {
    PyObject *from = NULL;
    Py_ssize_t limit = 0;
    uint32_t start = 0;
    if (!PyArg_ParseTuple(args, "|On:ids", &from, &limit) ||
        (from != NULL && id_of(from, &start) < 0)) {
        return NULL;
    }
    if (limit < 0) {
        PyErr_SetString(PyExc_ValueError, "a limit must not be negative");
        return NULL;
    }
    const Set *set = set_of(self);
    PyObject *list = PyList_New(0);
    limit = limit == 0 ? PY_SSIZE_T_MAX : limit;
    for (uint32_t i = set_part(set, start >> CHUNK_BITS);
         list != NULL && i < set->part_count && PyList_GET_SIZE(list) < limit; i++) {
        const Part *part = set->parts + i;
        uint32_t low = part->high == start >> CHUNK_BITS ? (uint16_t)start : 0;
        if (part_list(part, low, list, limit) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *bitmap_count_both(PyObject *self, PyObject *other) {
    if (!is_bitmap(other)) {
        PyErr_SetString(PyExc_TypeError, "count_both() takes a Bitmap");
        return NULL;
    }
    return PyLong_FromUnsignedLongLong(set_count_both(set_of(self), set_of(other)));
}

static PyObject *bitmap_union(PyObject *type, PyObject *bitmaps) {
    (void)type;
    PyObject *found = PySequence_Fast(bitmaps, "union() takes bitmaps");
    if (found == NULL) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(found);
    Set **sets = PyMem_Malloc((size_t)count * sizeof(Set *)), *result = NULL;
    if (sets == NULL) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; sets != NULL && i < count; i++) {
        PyObject *bitmap = PySequence_Fast_GET_ITEM(found, i);
        if (!is_bitmap(bitmap)) {
            PyErr_SetString(PyExc_TypeError, "union() takes bitmaps");
            count = -1;
        } else {
            sets[i] = set_of(bitmap);
        }
    }
    if (sets != NULL && count >= 0) {
        result = set_union(sets, count);
    }
    PyMem_Free(sets);
    Py_DECREF(found);
    return bitmap_of(result);
}

static PyObject *bitmap_check(PyObject *self, PyObject *ignored) {
    (void)ignored;
    if (!set_check(set_of(self))) {
        PyErr_SetString(PyExc_AssertionError, "the bitmap is broken");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *bitmap_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *none = PyTuple_New(0), *list = none == NULL ? NULL : bitmap_ids(self, none);
    Py_XDECREF(none);
    return list == NULL ? NULL : Py_BuildValue("O(N)", &Bitmap_Type, list);
}

/* --- iteration ------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Set *set;
    uint32_t part, start, count, place;
    uint16_t lows[256];
} Iterator;

static PyObject *bitmap_iter(PyObject *self) {
    Iterator *iterator = PyObject_New(Iterator, &BitmapIterator_Type);
    if (iterator != NULL) {
        iterator->set = set_use(set_of(self));
        iterator->part = iterator->start = iterator->count = iterator->place = 0;
    }
    return (PyObject *)iterator;
}

static void iterator_dealloc(PyObject *self) {
    set_drop(((Iterator *)self)->set);
    PyObject_Free(self);
}

static PyObject *iterator_next(PyObject *self) {
    Iterator *it = (Iterator *)self;
    while (it->place == it->count) {
        if (it->part == it->set->part_count) {
            return NULL;
        }
        it->place = 0;
        it->count = chunk_read(it->set->parts[it->part].chunk, it->start, it->lows, 256);
        if (it->count == 0) {
            it->part++;
            it->start = 0;
        } else {
            it->start = (uint32_t)it->lows[it->count - 1] + 1;
        }
    }
    uint32_t high = it->set->parts[it->part].high;
    return PyLong_FromUnsignedLong(high << CHUNK_BITS | it->lows[it->place++]);
}

PyTypeObject BitmapIterator_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "kcore._native.postings._Iterator",
    .tp_basicsize = sizeof(Iterator),
    .tp_dealloc = iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
};

/* --- the type -------------------------------------------------------------------------------------- */

static PyMethodDef bitmap_methods[] = {
    {"with_id", bitmap_with_id, METH_O,
     "with_id($self, id, /)\n--\n\nThe same and this id. Copies a chunk."},
    {"without_id", bitmap_without_id, METH_O,
     "without_id($self, id, /)\n--\n\nThe same without this id. Copies a chunk."},
    {"rank", bitmap_rank, METH_O, "rank($self, id, /)\n--\n\nHow many ids are below this one."},
    {"select", bitmap_select, METH_O,
     "select($self, position, /)\n--\n\nThe id that `position` others are below."},
    {"ids", bitmap_ids, METH_VARARGS,
     "ids($self, start=0, limit=0, /)\n--\n\n"
     "Ids from `start` on, in order, at most `limit` (0: all)."},
    {"count_both", bitmap_count_both, METH_O,
     "count_both($self, other, /)\n--\n\nHow many ids are in both, without making them."},
    {"union", bitmap_union, METH_O | METH_CLASS,
     "union($type, bitmaps, /)\n--\n\nEverything in any of the bitmaps."},
    {"check_invariants", bitmap_check, METH_NOARGS,
     "check_invariants($self, /)\n--\n\nRaise AssertionError when it is broken. O(n)."},
    {"__reduce__", bitmap_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods bitmap_numbers = {
    .nb_and = bitmap_and,
    .nb_or = bitmap_or,
    .nb_subtract = bitmap_sub,
    .nb_xor = bitmap_xor,
    .nb_bool = bitmap_bool,
};

static PySequenceMethods bitmap_sequence = {
    .sq_length = bitmap_length,
    .sq_contains = bitmap_contains,
};

PyTypeObject Bitmap_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "kcore._native.postings.Bitmap",
    .tp_doc = "Bitmap(ids=(), /)\n--\n\nAn immutable set of ids in [0, 2**32), in order.",
    .tp_basicsize = sizeof(Bitmap),
    .tp_new = bitmap_new,
    .tp_dealloc = bitmap_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_repr = bitmap_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_richcompare = bitmap_richcompare,
    .tp_iter = bitmap_iter,
    .tp_methods = bitmap_methods,
    .tp_as_number = &bitmap_numbers,
    .tp_as_sequence = &bitmap_sequence,
};
