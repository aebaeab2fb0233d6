/* diff(old, new): what changed, as (path, old, new) in path order. Shared subtrees cost nothing. */
#include "frozen.h"

PyObject *frozen_absent;

static PyObject *absent_repr(PyObject *self) {
    (void)self;
    return PyUnicode_FromString("ABSENT");
}

static PyObject *absent_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return absent_repr(self);
}

static PyObject *absent_module(PyObject *self, void *closure) {
    (void)self;
    (void)closure;
    return PyUnicode_FromString("kcore._native.frozen"); /* pickle looks ABSENT up there. */
}

static PyMethodDef absent_methods[] = {
    {"__reduce__", absent_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef absent_getset[] = {
    {"__module__", absent_module, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject Absent_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen._Absent",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "The side of a difference where nothing is.",
    .tp_repr = absent_repr,
    .tp_methods = absent_methods,
    .tp_getset = absent_getset,
};

/* The way from the root to here, as a chain on the C stack. */
typedef struct Trail {
    const struct Trail *outer;
    PyObject *key;    /* NULL: the step is `index`. */
    Py_ssize_t index;
    Py_ssize_t depth; /* Steps up to and including this one. */
} Trail;

static PyObject *trail_tuple(const Trail *trail) {
    PyObject *path = PyTuple_New(trail == NULL ? 0 : trail->depth);
    for (; path != NULL && trail != NULL; trail = trail->outer) {
        PyObject *step = trail->key;
        Py_XINCREF(step);
        if (step == NULL && (step = PyLong_FromSsize_t(trail->index)) == NULL) {
            Py_CLEAR(path);
            break;
        }
        PyTuple_SET_ITEM(path, trail->depth - 1, step);
    }
    return path;
}

static int report(PyObject *found, const Trail *trail, PyObject *old, PyObject *new) {
    PyObject *path = trail_tuple(trail);
    PyObject *entry = path == NULL ? NULL : PyTuple_Pack(3, path, old, new);
    int result = entry == NULL ? -1 : PyList_Append(found, entry);
    Py_XDECREF(path);
    Py_XDECREF(entry);
    return result;
}

static int compare(PyObject *found, const Trail *outer, PyObject *old, PyObject *new);

static int compare_step(PyObject *found, const Trail *outer, PyObject *key, Py_ssize_t index,
                        PyObject *old, PyObject *new) {
    Trail trail = {outer, key, index, outer == NULL ? 1 : outer->depth + 1};
    return old == new ? 0 : compare(found, &trail, old, new);
}

/* Walk two sorted key lists in step. */
static int compare_maps(PyObject *found, const Trail *outer, Node *old, Node *new) {
    Py_ssize_t i = 0, j = 0, old_count = old->shape->key_count, new_count = new->shape->key_count;
    while (i < old_count || j < new_count) {
        PyObject *left = i < old_count ? old->shape->keys[i] : NULL;
        PyObject *right = j < new_count ? new->shape->keys[j] : NULL;
        int order = left == NULL ? 1 : right == NULL ? -1 : text_compare(left, right);
        PyObject *before = order <= 0 ? old->slots[i++] : frozen_absent;
        PyObject *after = order >= 0 ? new->slots[j++] : frozen_absent;
        if (compare_step(found, outer, order <= 0 ? left : right, 0, before, after) < 0) {
            return -1;
        }
    }
    return 0;
}

static int compare_lists(PyObject *found, const Trail *outer, Node *old, Node *new) {
    for (Py_ssize_t i = 0; i < old->length || i < new->length; i++) {
        PyObject *before = i < old->length ? old->slots[i] : frozen_absent;
        PyObject *after = i < new->length ? new->slots[i] : frozen_absent;
        if (compare_step(found, outer, NULL, i, before, after) < 0) {
            return -1;
        }
    }
    return 0;
}

static int compare(PyObject *found, const Trail *outer, PyObject *old, PyObject *new) {
    if (is_map(old) && is_map(new)) {
        return compare_maps(found, outer, (Node *)old, (Node *)new);
    }
    if (is_list(old) && is_list(new)) {
        return compare_lists(found, outer, (Node *)old, (Node *)new);
    }
    int equal = value_equal(old, new);
    return equal == 0 ? report(found, outer, old, new) : equal > 0 ? 0 : -1;
}

static PyObject *side(PyObject *value) {
    if (value == frozen_absent) {
        Py_INCREF(value);
        return value;
    }
    return value_checked(value);
}

PyObject *value_diff(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (count != 2) {
        PyErr_Format(PyExc_TypeError, "diff() takes two values, not %zd", count);
        return NULL;
    }
    PyObject *found = NULL, *old = side(args[0]), *new = old == NULL ? NULL : side(args[1]);
    if (new != NULL) {
        found = PyList_New(0);
        if (found != NULL && compare(found, NULL, old, new) < 0) {
            Py_CLEAR(found);
        }
    }
    Py_XDECREF(old);
    Py_XDECREF(new);
    return found;
}
