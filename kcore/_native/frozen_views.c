/* Iterators over nodes, and the views that keys(), values() and items() return.
 *
 * Both refer to one immutable node and nothing else, so they need no collector header either.  Set
 * operations on keys and items go through a real set, as a dict's views do.
 */
#include "frozen.h"

typedef struct {
    PyObject_HEAD
    PyObject *node; /* NULL once exhausted. */
    Py_ssize_t next;
    Py_ssize_t step;
    Walk walk;
} Iterator;

typedef struct {
    PyObject_HEAD
    PyObject *node;
} View;

/* --- iterators ------------------------------------------------------------------------------------- */

PyObject *iterator_new(PyObject *node, Walk walk, int is_reversed) {
    Iterator *iterator = PyObject_New(Iterator, &Iterator_Type);
    if (iterator != NULL) {
        Py_INCREF(node);
        iterator->node = node;
        iterator->walk = walk;
        iterator->step = is_reversed ? -1 : 1;
        iterator->next = is_reversed ? node_count(node) - 1 : 0;
    }
    return (PyObject *)iterator;
}

static void iterator_dealloc(PyObject *self) {
    Py_XDECREF(((Iterator *)self)->node);
    PyObject_Free(self);
}

static PyObject *iterator_next(PyObject *self) {
    Iterator *iterator = (Iterator *)self;
    Node *node = (Node *)iterator->node;
    if (node == NULL) {
        return NULL;
    }
    Py_ssize_t i = iterator->next;
    if (i < 0 || i >= node_count(iterator->node)) {
        Py_CLEAR(iterator->node);
        return NULL;
    }
    iterator->next += iterator->step;
    if (iterator->walk == WALK_ITEMS) {
        return PyTuple_Pack(2, node->shape->keys[i], node->slots[i]);
    }
    PyObject *value = iterator->walk == WALK_KEYS ? node->shape->keys[i] : node->slots[i];
    Py_INCREF(value);
    return value;
}

static PyObject *iterator_length(PyObject *self, PyObject *ignored) {
    (void)ignored;
    Iterator *iterator = (Iterator *)self;
    Py_ssize_t left = 0;
    if (iterator->node != NULL) {
        Py_ssize_t count = node_count(iterator->node);
        left = iterator->step > 0 ? count - iterator->next : iterator->next + 1;
    }
    return PyLong_FromSsize_t(left);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Iterator_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenIterator",
    .tp_basicsize = sizeof(Iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = iterator_dealloc,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

/* --- views ------------------------------------------------------------------------------------------ */

static Walk view_walk(PyObject *view) {
    if (Py_IS_TYPE(view, &Keys_Type)) {
        return WALK_KEYS;
    }
    return Py_IS_TYPE(view, &Values_Type) ? WALK_VALUES : WALK_ITEMS;
}

PyObject *view_new(PyObject *node, Walk walk) {
    static PyTypeObject *const types[] = {&Keys_Type, &Values_Type, &Items_Type};
    View *view = PyObject_New(View, types[walk]);
    if (view != NULL) {
        Py_INCREF(node);
        view->node = node;
    }
    return (PyObject *)view;
}

static void view_dealloc(PyObject *self) {
    Py_DECREF(((View *)self)->node);
    PyObject_Free(self);
}

static Py_ssize_t view_length(PyObject *self) { return node_count(((View *)self)->node); }

static PyObject *view_iter(PyObject *self) {
    return iterator_new(((View *)self)->node, view_walk(self), 0);
}

static PyObject *view_reversed(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return iterator_new(((View *)self)->node, view_walk(self), 1);
}

static PyObject *view_repr(PyObject *self) {
    const char *name = type_name(self);
    PyObject *list = PySequence_List(self), *text = NULL;
    if (list != NULL) {
        text = PyUnicode_FromFormat("%s(%R)", name, list);
        Py_DECREF(list);
    }
    return text;
}

static int keys_contain(PyObject *self, PyObject *key) {
    return PyMapping_HasKey(((View *)self)->node, key);
}

static int items_contain(PyObject *self, PyObject *item) {
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2 ||
        !PyUnicode_Check(PyTuple_GET_ITEM(item, 0))) {
        return 0;
    }
    PyObject *value = PyObject_GetItem(((View *)self)->node, PyTuple_GET_ITEM(item, 0));
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    int equal = PyObject_RichCompareBool(value, PyTuple_GET_ITEM(item, 1), Py_EQ);
    Py_DECREF(value);
    return equal;
}

static PyObject *as_sets(PyObject *left, PyObject *right,
                         PyObject *(*operation)(PyObject *, PyObject *)) {
    PyObject *left_set = PySet_New(left), *result = NULL;
    PyObject *right_set = left_set == NULL ? NULL : PySet_New(right);
    if (right_set != NULL) {
        result = operation(left_set, right_set);
    }
    Py_XDECREF(left_set);
    Py_XDECREF(right_set);
    return result;
}

static PyObject *view_and(PyObject *left, PyObject *right) {
    return as_sets(left, right, PyNumber_And);
}

static PyObject *view_or(PyObject *left, PyObject *right) {
    return as_sets(left, right, PyNumber_Or);
}

static PyObject *view_xor(PyObject *left, PyObject *right) {
    return as_sets(left, right, PyNumber_Xor);
}

static PyObject *view_subtract(PyObject *left, PyObject *right) {
    return as_sets(left, right, PyNumber_Subtract);
}

static PyObject *view_isdisjoint(PyObject *self, PyObject *other) {
    PyObject *shared = view_and(self, other);
    Py_ssize_t count = shared == NULL ? -1 : PySet_GET_SIZE(shared);
    Py_XDECREF(shared);
    return count < 0 ? NULL : PyBool_FromLong(count == 0);
}

static PyObject *view_richcompare(PyObject *self, PyObject *other, int operation) {
    if (!PyAnySet_Check(other) && !PyDictViewSet_Check(other) && !Py_IS_TYPE(other, &Keys_Type) &&
        !Py_IS_TYPE(other, &Items_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *left = PySet_New(self), *result = NULL;
    PyObject *right = left == NULL ? NULL : PySet_New(other);
    if (right != NULL) {
        result = PyObject_RichCompare(left, right, operation);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static PyNumberMethods view_as_number = {
    .nb_subtract = view_subtract,
    .nb_and = view_and,
    .nb_xor = view_xor,
    .nb_or = view_or,
};

static PySequenceMethods keys_as_sequence = {.sq_length = view_length, .sq_contains = keys_contain};
static PySequenceMethods items_as_sequence = {.sq_length = view_length,
                                              .sq_contains = items_contain};
static PySequenceMethods values_as_sequence = {.sq_length = view_length};

static PyMethodDef set_view_methods[] = {
    {"__reversed__", view_reversed, METH_NOARGS, NULL},
    {"isdisjoint", view_isdisjoint, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef values_methods[] = {
    {"__reversed__", view_reversed, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Keys_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenKeys",
    .tp_basicsize = sizeof(View),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = view_dealloc,
    .tp_repr = view_repr,
    .tp_iter = view_iter,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_richcompare = view_richcompare,
    .tp_as_number = &view_as_number,
    .tp_as_sequence = &keys_as_sequence,
    .tp_methods = set_view_methods,
};

PyTypeObject Items_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenItems",
    .tp_basicsize = sizeof(View),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = view_dealloc,
    .tp_repr = view_repr,
    .tp_iter = view_iter,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_richcompare = view_richcompare,
    .tp_as_number = &view_as_number,
    .tp_as_sequence = &items_as_sequence,
    .tp_methods = set_view_methods,
};

PyTypeObject Values_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenValues",
    .tp_basicsize = sizeof(View),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = view_dealloc,
    .tp_repr = view_repr,
    .tp_iter = view_iter,
    .tp_as_sequence = &values_as_sequence,
    .tp_methods = values_methods,
};
