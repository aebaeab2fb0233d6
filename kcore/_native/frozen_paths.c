/* Paths: several reads in one call; see reference/frozen_patch.py. */
#include "frozen.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *paths;   /* tuple of tuples of exact steps */
    PyObject *lookups; /* tuple of a Path for each */
} Lookups;

static PyObject *lookups_call(PyObject *self, PyObject *const *args, size_t flags,
                              PyObject *names) {
    PyObject *lookups = ((Lookups *)self)->lookups;
    if (names != NULL || PyVectorcall_NARGS(flags) != 1) {
        PyErr_SetString(PyExc_TypeError, "paths take a value");
        return NULL;
    }
    if (node_expected(args[0]) < 0) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(lookups);
    PyObject *parts = PyTuple_New(count);
    for (Py_ssize_t i = 0; parts != NULL && i < count; i++) {
        PyObject *part = lookup_read(PyTuple_GET_ITEM(lookups, i), args[0], Py_None);
        PyTuple_SET_ITEM(parts, i, Py_NewRef(part));
    }
    return parts;
}

static PyObject *lookups_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (no_keywords(type, kwargs) < 0) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    PyObject *paths = PyTuple_New(count), *ready = PyTuple_New(count);
    int is_well = paths != NULL && ready != NULL;
    for (Py_ssize_t i = 0; is_well && i < count; i++) {
        PyObject *steps = steps_exact(PyTuple_GET_ITEM(args, i));
        PyObject *lookup = steps == NULL ? NULL : lookup_of(steps);
        if (lookup != NULL) {
            PyTuple_SET_ITEM(paths, i, Py_NewRef(steps));
            PyTuple_SET_ITEM(ready, i, lookup);
        }
        Py_XDECREF(steps);
        is_well = lookup != NULL;
    }
    Lookups *lookups = is_well ? PyObject_New(Lookups, type) : NULL;
    if (lookups == NULL) {
        Py_XDECREF(paths);
        Py_XDECREF(ready);
        return NULL;
    }
    lookups->call = lookups_call;
    lookups->paths = paths;
    lookups->lookups = ready;
    return (PyObject *)lookups;
}

static void lookups_dealloc(PyObject *self) {
    Py_DECREF(((Lookups *)self)->paths);
    Py_DECREF(((Lookups *)self)->lookups);
    PyObject_Free(self);
}

static PyObject *lookups_repr(PyObject *self) {
    return PyUnicode_FromFormat("Paths%R", ((Lookups *)self)->paths);
}

static PyObject *lookups_paths(PyObject *self, void *closure) {
    (void)closure;
    return Py_NewRef(((Lookups *)self)->paths);
}

static PyObject *lookups_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return Py_BuildValue("OO", (PyObject *)&Paths_Type, ((Lookups *)self)->paths);
}

static PyMethodDef lookups_methods[] = {
    {"__reduce__", lookups_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef lookups_getset[] = {
    {"paths", lookups_paths, NULL, "Where they lead.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(lookups_doc, "Paths(*paths)\n--\n\n"
                          "Paths(path, ...)(pod) reads like one at after the other.");

PyTypeObject Paths_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Paths",
    .tp_basicsize = sizeof(Lookups),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = lookups_doc,
    .tp_new = lookups_new,
    .tp_dealloc = lookups_dealloc,
    .tp_repr = lookups_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Lookups, call),
    .tp_methods = lookups_methods,
    .tp_getset = lookups_getset,
};
