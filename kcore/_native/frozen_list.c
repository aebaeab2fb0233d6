/* FrozenList: the type and its reads. */
#include "frozen.h"

static Py_ssize_t list_length(PyObject *self) { return ((Node *)self)->length; }

static PyObject *list_item(PyObject *self, Py_ssize_t index) {
    Node *node = (Node *)self;
    if (index < 0 || index >= node->length) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    Py_INCREF(node->slots[index]);
    return node->slots[index];
}

static PyObject *list_slice(PyObject *self, PyObject *slice) {
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t count = PySlice_AdjustIndices(list_length(self), &start, &stop, step);
    if (count == list_length(self) && step == 1) {
        return node_self(self, NULL);
    }
    if (count == 0) {
        return node_self(frozen_empty_list, NULL);
    }
    Node *node = list_alloc(count);
    for (Py_ssize_t i = 0; node != NULL && i < count; i++) {
        node->slots[i] = list_item(self, start + i * step);
        if (node->slots[i] == NULL) {
            Py_CLEAR(node);
        }
    }
    return node == NULL ? NULL : node_finish(node);
}

static PyObject *list_subscript(PyObject *self, PyObject *index) {
    if (PySlice_Check(index)) {
        return list_slice(self, index);
    }
    if (!PyIndex_Check(index)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %s",
                     type_name(index));
        return NULL;
    }
    Py_ssize_t place = PyNumber_AsSsize_t(index, PyExc_IndexError);
    if (place == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return list_item(self, place < 0 ? place + list_length(self) : place);
}

/* The first index in [start, stop) with an equal value, -1 for none, -2 with an error set.
 *
 * Equality is Python's, as for a tuple: comparing may run user code, but the node cannot change.
 */
static Py_ssize_t list_search(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop) {
    for (Py_ssize_t i = start; i < stop; i++) {
        int equal = PyObject_RichCompareBool(((Node *)self)->slots[i], value, Py_EQ);
        if (equal != 0) {
            return equal < 0 ? -2 : i;
        }
    }
    return -1;
}

static int list_contains(PyObject *self, PyObject *value) {
    Py_ssize_t index = list_search(self, value, 0, list_length(self));
    return index == -2 ? -1 : index >= 0;
}

/* An optional bound of index(), clipped to the list. -1 with an error set. */
static Py_ssize_t list_bound(PyObject *self, PyObject *bound) {
    Py_ssize_t length = list_length(self), place = PyNumber_AsSsize_t(bound, NULL);
    if (place == -1 && PyErr_Occurred()) {
        return -1;
    }
    place += place < 0 ? length : 0;
    return place < 0 ? 0 : place > length ? length : place;
}

static PyObject *list_index(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count < 1 || count > 3) {
        PyErr_Format(PyExc_TypeError, "index() takes a value and bounds, not %zd arguments", count);
        return NULL;
    }
    Py_ssize_t start = count > 1 ? list_bound(self, args[1]) : 0;
    Py_ssize_t stop = count > 2 && start >= 0 ? list_bound(self, args[2]) : list_length(self);
    if (start < 0 || stop < 0) {
        return NULL;
    }
    Py_ssize_t index = list_search(self, args[0], start, stop);
    if (index == -1) {
        PyErr_SetString(PyExc_ValueError, "value is not in list");
    }
    return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

static PyObject *list_count(PyObject *self, PyObject *value) {
    Py_ssize_t found = 0, index = -1;
    while ((index = list_search(self, value, index + 1, list_length(self))) >= 0) {
        found++;
    }
    return index == -2 ? NULL : PyLong_FromSsize_t(found);
}

static PyObject *list_iter(PyObject *self) { return iterator_new(self, WALK_VALUES, 0); }

static PyObject *list_reversed(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return iterator_new(self, WALK_VALUES, 1);
}

static PyMethodDef list_methods[] = {
    {"at", (PyCFunction)(void (*)(void))node_at, METH_FASTCALL | METH_KEYWORDS,
     "at($self, /, *steps, default=None)\n--\n\n"
     "Read along steps; default where anything on the way is absent or null."},
    {"set", (PyCFunction)(void (*)(void))node_set, METH_FASTCALL,
     "set($self, steps, value, /)\n--\n\nA copy with value at steps."},
    {"remove", node_remove, METH_O,
     "remove($self, steps, /)\n--\n\n"
     "A copy without the element at steps; the same list when nothing is there."},
    {"append", list_append, METH_O,
     "append($self, value, /)\n--\n\nA copy with value at the end."},
    {"index", (PyCFunction)(void (*)(void))list_index, METH_FASTCALL,
     "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\nThe first index of value."},
    {"count", list_count, METH_O, "count($self, value, /)\n--\n\nHow often value occurs."},
    {"__reversed__", list_reversed, METH_NOARGS, NULL},
    {"__copy__", node_self, METH_NOARGS, NULL},
    {"__deepcopy__", node_self, METH_O, NULL},
    {"__reduce_ex__", node_reduce, METH_O, NULL},
    {"__sizeof__", node_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMappingMethods list_as_mapping = {
    .mp_length = list_length,
    .mp_subscript = list_subscript,
    .mp_ass_subscript = refuse_setitem,
};

static PySequenceMethods list_as_sequence = {
    .sq_length = list_length,
    .sq_item = list_item,
    .sq_contains = list_contains,
};

static PyNumberMethods list_as_number = {
    .nb_add = refuse_operator,
    .nb_multiply = refuse_operator,
};

PyTypeObject FrozenList_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenList",
    .tp_basicsize = sizeof(Node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE, /* No HAVE_GC: see frozen.h. */
    .tp_doc = "An immutable list. Made by freeze or loads, never called.",
    .tp_new = refuse_new,
    .tp_dealloc = node_dealloc,
    .tp_repr = node_repr,
    .tp_hash = node_hash,
    .tp_richcompare = node_richcompare,
    .tp_setattro = refuse_setattr,
    .tp_iter = list_iter,
    .tp_methods = list_methods,
    .tp_as_mapping = &list_as_mapping,
    .tp_as_sequence = &list_as_sequence,
    .tp_as_number = &list_as_number,
};
