/* GuardedPatch: a patch for values of which certain things hold; see reference/frozen_patch.py. */
#include "frozen.h"

enum { LOCAL_ARGUMENT_COUNT = 16 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *texts;   /* tuple of Path: what they find are the first arguments */
    PyObject *absent;  /* tuple of Path: they find nothing */
    PyObject *patch;   /* takes the other arguments */
} Guarded;

/* Whether a part is this text. */
static int is_text(PyObject *part, PyObject *text) {
    return part == text ? PyUnicode_CheckExact(text)
                        : PyUnicode_CheckExact(part) && PyUnicode_CheckExact(text) &&
                              text_compare(part, text) == 0;
}

static int fits(const Guarded *guarded, PyObject *value, PyObject *const *texts) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(guarded->texts); i++) {
        PyObject *part = lookup_read(PyTuple_GET_ITEM(guarded->texts, i), value, Py_None);
        if (!is_text(part, texts[i])) {
            return 0;
        }
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(guarded->absent); i++) {
        if (lookup_read(PyTuple_GET_ITEM(guarded->absent, i), value, Py_None) != Py_None) {
            return 0;
        }
    }
    return 1;
}

/* The patch's answer for the value and the arguments after the texts. */
static PyObject *patched(const Guarded *guarded, PyObject *value, PyObject *const *new,
                         Py_ssize_t count) {
    PyObject *local[LOCAL_ARGUMENT_COUNT], **all = local;
    if (count >= LOCAL_ARGUMENT_COUNT && (all = PyMem_New(PyObject *, count + 1)) == NULL) {
        return PyErr_NoMemory();
    }
    all[0] = value;
    memcpy(all + 1, new, (size_t)count * sizeof *all);
    PyObject *result = PyObject_Vectorcall(guarded->patch, all, (size_t)count + 1, NULL);
    if (all != local) {
        PyMem_Free(all);
    }
    return result;
}

static PyObject *guarded_call(PyObject *self, PyObject *const *args, size_t flags,
                              PyObject *names) {
    const Guarded *guarded = (Guarded *)self;
    Py_ssize_t text_count = PyTuple_GET_SIZE(guarded->texts);
    Py_ssize_t count = PyVectorcall_NARGS(flags) - 1 - text_count;
    if (names != NULL || count < 0) {
        return PyErr_Format(PyExc_TypeError, "a guarded patch takes a value, %zd texts and new parts",
                            text_count);
    }
    if (node_expected(args[0]) < 0) {
        return NULL;
    }
    if (!fits(guarded, args[0], args + 1)) {
        Py_RETURN_NONE;
    }
    return patched(guarded, args[0], args + 1 + text_count, count);
}

/* --- the type ------------------------------------------------------------------------------------- */

/* A tuple of a Path for each of some paths. */
static PyObject *lookups_of(PyObject *paths) {
    if (!PyTuple_Check(paths)) {
        return PyErr_Format(PyExc_TypeError, "guards are a tuple of paths, not %s",
                            type_name(paths));
    }
    PyObject *lookups = PyTuple_New(PyTuple_GET_SIZE(paths));
    for (Py_ssize_t i = 0; lookups != NULL && i < PyTuple_GET_SIZE(paths); i++) {
        PyObject *steps = steps_exact(PyTuple_GET_ITEM(paths, i));
        PyObject *lookup = steps == NULL ? NULL : lookup_of(steps);
        Py_XDECREF(steps);
        if (lookup == NULL) {
            Py_CLEAR(lookups);
        } else {
            PyTuple_SET_ITEM(lookups, i, lookup);
        }
    }
    return lookups;
}

static PyObject *guarded_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (no_keywords(type, kwargs) < 0) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    if (count < 2) {
        PyErr_SetString(PyExc_TypeError, "a guarded patch needs its guards");
        return NULL;
    }
    PyObject *texts = lookups_of(PyTuple_GET_ITEM(args, 0));
    PyObject *absent = texts == NULL ? NULL : lookups_of(PyTuple_GET_ITEM(args, 1));
    PyObject *paths = absent == NULL ? NULL : PyTuple_GetSlice(args, 2, count);
    PyObject *patch = paths == NULL ? NULL : PyObject_Call((PyObject *)&Patch_Type, paths, NULL);
    Guarded *guarded = patch == NULL ? NULL : PyObject_New(Guarded, type);
    Py_XDECREF(paths);
    if (guarded == NULL) {
        Py_XDECREF(texts);
        Py_XDECREF(absent);
        Py_XDECREF(patch);
        return NULL;
    }
    guarded->call = guarded_call;
    guarded->texts = texts;
    guarded->absent = absent;
    guarded->patch = patch;
    return (PyObject *)guarded;
}

static void guarded_dealloc(PyObject *self) {
    Guarded *guarded = (Guarded *)self;
    Py_DECREF(guarded->texts);
    Py_DECREF(guarded->absent);
    Py_DECREF(guarded->patch);
    PyObject_Free(self);
}

/* The steps of each of some Paths. */
static PyObject *steps_of(PyObject *lookups) {
    PyObject *all = PyTuple_New(PyTuple_GET_SIZE(lookups));
    for (Py_ssize_t i = 0; all != NULL && i < PyTuple_GET_SIZE(lookups); i++) {
        PyObject *steps = PyObject_GetAttrString(PyTuple_GET_ITEM(lookups, i), "steps");
        if (steps == NULL) {
            Py_CLEAR(all);
        } else {
            PyTuple_SET_ITEM(all, i, steps);
        }
    }
    return all;
}

static PyObject *guarded_texts(PyObject *self, void *closure) {
    (void)closure;
    return steps_of(((Guarded *)self)->texts);
}

static PyObject *guarded_absent(PyObject *self, void *closure) {
    (void)closure;
    return steps_of(((Guarded *)self)->absent);
}

static PyObject *guarded_paths(PyObject *self, void *closure) {
    (void)closure;
    return PyObject_GetAttrString(((Guarded *)self)->patch, "paths");
}

/* The constructor's arguments. */
static PyObject *guarded_args(PyObject *self) {
    PyObject *texts = guarded_texts(self, NULL), *absent = guarded_absent(self, NULL);
    PyObject *paths = guarded_paths(self, NULL), *guards = NULL, *args = NULL;
    if (texts != NULL && absent != NULL && paths != NULL) {
        guards = PyTuple_Pack(2, texts, absent);
        args = guards == NULL ? NULL : PySequence_Concat(guards, paths);
    }
    Py_XDECREF(texts);
    Py_XDECREF(absent);
    Py_XDECREF(paths);
    Py_XDECREF(guards);
    return args;
}

static PyObject *guarded_repr(PyObject *self) {
    PyObject *args = guarded_args(self), *text = NULL;
    if (args != NULL) {
        text = PyUnicode_FromFormat("GuardedPatch%R", args);
        Py_DECREF(args);
    }
    return text;
}

static PyObject *guarded_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *args = guarded_args(self);
    return args == NULL ? NULL : Py_BuildValue("ON", (PyObject *)Py_TYPE(self), args);
}

static PyMethodDef guarded_methods[] = {
    {"__reduce__", guarded_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef guarded_getset[] = {
    {"texts", guarded_texts, NULL, "Where the given texts must be.", NULL},
    {"absent", guarded_absent, NULL, "Where nothing may be.", NULL},
    {"paths", guarded_paths, NULL, "Where it changes.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(guarded_doc,
             "GuardedPatch(texts, absent, /, *paths)\n--\n\n"
             "A Patch(path, ...) for values with certain texts and nothing elsewhere, else None.");

PyTypeObject GuardedPatch_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.GuardedPatch",
    .tp_basicsize = sizeof(Guarded),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = guarded_doc,
    .tp_new = guarded_new,
    .tp_dealloc = guarded_dealloc,
    .tp_repr = guarded_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Guarded, call),
    .tp_methods = guarded_methods,
    .tp_getset = guarded_getset,
};
