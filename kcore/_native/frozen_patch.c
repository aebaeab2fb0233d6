/* Patch and Template: changes along paths that are prepared once; see reference/frozen_patch.py. */
#include "frozen_branch.h"

enum { LOCAL_VALUE_COUNT = 16 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *value;    /* What a template copies; NULL in a patch. */
    PyObject *paths;    /* tuple of tuples of exact steps */
    Branch root;        /* Of the paths, unless they meet. */
    int is_one_by_one;  /* They meet: the order of the changes matters. */
} Change;

/* --- the call ------------------------------------------------------------------------------------- */

/* One `set` after the other: the definition. */
static PyObject *change_one_by_one(const Change *change, PyObject *value, PyObject *const *new,
                                   Py_ssize_t count) {
    Py_INCREF(value);
    for (Py_ssize_t i = 0; i < count && value != NULL; i++) {
        Py_SETREF(value, steps_set(value, PyTuple_GET_ITEM(change->paths, i), new[i]));
    }
    return value;
}

/* Whether no path would lead too deep. */
static int is_shallow(const Change *change, PyObject *const *new, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t depth = value_depth(new[i]);
        if (depth > 0 &&
            PyTuple_GET_SIZE(PyTuple_GET_ITEM(change->paths, i)) + depth > DEPTH_COUNT_MAX) {
            return 0; /* A scalar fits: paths deeper than that have not become a tree. */
        }
    }
    return 1;
}

static PyObject *change_apply(Change *change, PyObject *value, PyObject *const *new,
                              Py_ssize_t count) {
    if (count == 0) {
        Py_INCREF(value);
        return value;
    }
    if (!change->is_one_by_one && is_shallow(change, new, count)) {
        PyObject *result = branch_apply(&change->root, value, new);
        if (result != NULL || PyErr_Occurred()) {
            return result;
        }
    }
    return change_one_by_one(change, value, new, count);
}

/* Freeze the values, then change. An unfrozen one is an error only after those before it are in. */
static PyObject *change_made(Change *change, PyObject *value, PyObject *const *given,
                             Py_ssize_t count) {
    PyObject *local[LOCAL_VALUE_COUNT], **new = local, *result = NULL;
    if (count > LOCAL_VALUE_COUNT && (new = PyMem_New(PyObject *, count)) == NULL) {
        return PyErr_NoMemory();
    }
    Py_ssize_t ready = 0;
    while (ready < count && (new[ready] = value_freeze(given[ready], 0)) != NULL) {
        ready++;
    }
    if (ready == count) {
        result = change_apply(change, value, new, count);
    } else {
        PyObject *type, *error, *traceback;
        PyErr_Fetch(&type, &error, &traceback);
        PyObject *partial = change_one_by_one(change, value, new, ready);
        if (partial != NULL) {
            Py_DECREF(partial);
            PyErr_Restore(type, error, traceback);
        } else { /* An earlier path fails: its error is the first. */
            Py_XDECREF(type);
            Py_XDECREF(error);
            Py_XDECREF(traceback);
        }
    }
    while (ready > 0) {
        Py_DECREF(new[--ready]);
    }
    if (new != local) {
        PyMem_Free(new);
    }
    return result;
}

static PyObject *wrong_count(const Change *change, Py_ssize_t given) {
    PyErr_Format(PyExc_TypeError, "%s of %zd paths takes as many values, not %zd",
                 change->value == NULL ? "patch" : "template", PyTuple_GET_SIZE(change->paths),
                 given);
    return NULL;
}

static PyObject *patch_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    Change *change = (Change *)self;
    Py_ssize_t count = PyVectorcall_NARGS(flags) - 1;
    if (names != NULL || count < 0) {
        PyErr_SetString(PyExc_TypeError, "a patch takes a value and new parts");
        return NULL;
    }
    if (node_expected(args[0]) < 0) {
        return NULL;
    }
    return count == PyTuple_GET_SIZE(change->paths)
               ? change_made(change, args[0], args + 1, count)
               : wrong_count(change, count);
}

static PyObject *template_call(PyObject *self, PyObject *const *args, size_t flags,
                               PyObject *names) {
    Change *change = (Change *)self;
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    if (names != NULL) {
        PyErr_SetString(PyExc_TypeError, "a template takes new parts");
        return NULL;
    }
    return count == PyTuple_GET_SIZE(change->paths)
               ? change_made(change, change->value, args, count)
               : wrong_count(change, count);
}

/* --- the call, the other way round ------------------------------------------------------------------ */

/* The parts where the paths lead, borrowed; None where they lead nowhere. 0, or -1 with an error. */
static int parts_at(const Change *change, PyObject *value, PyObject **parts, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *steps = PyTuple_GET_ITEM(change->paths, i);
        PyObject *part = node_at(value, &PyTuple_GET_ITEM(steps, 0), PyTuple_GET_SIZE(steps), NULL);
        if (part == NULL) {
            return -1;
        }
        Py_DECREF(part); /* `value` holds it, or it is None. */
        parts[i] = part;
    }
    return 0;
}

/* The definition: what comes of `model` and the parts found is `value`. */
static int read_one_by_one(Change *change, PyObject *model, PyObject *value, PyObject **parts,
                           Py_ssize_t count) {
    if (parts_at(change, value, parts, count) < 0) {
        return READ_ERROR;
    }
    PyObject *made = change_apply(change, model, parts, count);
    if (made == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_IndexError) ||
            PyErr_ExceptionMatches(PyExc_ValueError)) {
            PyErr_Clear(); /* A path leads nowhere in the model. */
            return READ_OTHER;
        }
        return READ_ERROR;
    }
    int answer = value_equal(made, value);
    Py_DECREF(made);
    return answer;
}

/* Whether every part is a text with something in it. */
static int are_texts(PyObject *const *parts, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!PyUnicode_CheckExact(parts[i]) || PyUnicode_GET_LENGTH(parts[i]) == 0) {
            return 0;
        }
    }
    return 1;
}

/* The parts from which `model` is changed to `value`, or None. */
static PyObject *change_read(Change *change, PyObject *model, PyObject *value, int texts_only) {
    Py_ssize_t count = PyTuple_GET_SIZE(change->paths);
    if (node_expected(model) < 0 || node_expected(value) < 0) {
        return NULL;
    }
    PyObject *local[LOCAL_VALUE_COUNT], **parts = local, *result = NULL;
    if (count > LOCAL_VALUE_COUNT && (parts = PyMem_New(PyObject *, count)) == NULL) {
        return PyErr_NoMemory();
    }
    int answer = READ_UNSURE;
    if (!change->is_one_by_one && count > 0) {
        answer = branch_read(&change->root, model, value, parts);
    }
    if (answer == READ_UNSURE) {
        answer = read_one_by_one(change, model, value, parts, count);
    }
    if (answer == READ_SAME && texts_only && !are_texts(parts, count)) {
        answer = READ_OTHER;
    }
    if (answer == READ_OTHER) {
        result = Py_NewRef(Py_None);
    } else if (answer == READ_SAME && (result = PyTuple_New(count)) != NULL) {
        for (Py_ssize_t i = 0; i < count; i++) {
            PyTuple_SET_ITEM(result, i, Py_NewRef(parts[i]));
        }
    }
    if (parts != local) {
        PyMem_Free(parts);
    }
    return result;
}

static PyObject *template_read(PyObject *self, PyObject *value) {
    return change_read((Change *)self, ((Change *)self)->value, value, 0);
}

static PyObject *template_read_texts(PyObject *self, PyObject *value) {
    return change_read((Change *)self, ((Change *)self)->value, value, 1);
}

static PyObject *patch_read(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2) {
        PyErr_Format(PyExc_TypeError, "read() takes a value and what became of it, not %zd", count);
        return NULL;
    }
    return change_read((Change *)self, args[0], args[1], 0);
}

/* --- the types ------------------------------------------------------------------------------------ */

/* The paths among `args` from `first` on, checked and exact. */
static PyObject *paths_exact(PyObject *args, Py_ssize_t first) {
    PyObject *paths = PyTuple_New(PyTuple_GET_SIZE(args) - first);
    for (Py_ssize_t i = first; paths != NULL && i < PyTuple_GET_SIZE(args); i++) {
        PyObject *steps = steps_exact(PyTuple_GET_ITEM(args, i));
        if (steps == NULL) {
            Py_CLEAR(paths);
        } else {
            PyTuple_SET_ITEM(paths, i - first, steps);
        }
    }
    return paths;
}

/* Both constructors; `value` is NULL for a patch. */
static PyObject *change_new(PyTypeObject *type, PyObject *value, PyObject *paths,
                            vectorcallfunc call) {
    if (paths == NULL) {
        return NULL;
    }
    Change *change = PyObject_New(Change, type);
    if (change == NULL) {
        Py_DECREF(paths);
        return NULL;
    }
    Py_XINCREF(value);
    change->call = call;
    change->value = value;
    change->paths = paths;
    change->root = (Branch){.argument = -1};
    change->is_one_by_one = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(paths) && !change->is_one_by_one; i++) {
        int grown = branch_grow(&change->root, PyTuple_GET_ITEM(paths, i), i);
        if (grown < 0) {
            Py_DECREF(change);
            return NULL;
        }
        change->is_one_by_one = grown == 0;
    }
    return (PyObject *)change;
}

static PyObject *patch_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (no_keywords(type, kwargs) < 0) {
        return NULL;
    }
    return change_new(type, NULL, paths_exact(args, 0), patch_call);
}

static PyObject *template_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (no_keywords(type, kwargs) < 0) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError, "a template needs a value");
        return NULL;
    }
    PyObject *value = PyTuple_GET_ITEM(args, 0);
    if (node_expected(value) < 0) {
        return NULL;
    }
    return change_new(type, value, paths_exact(args, 1), template_call);
}

static void change_dealloc(PyObject *self) {
    Change *change = (Change *)self;
    branch_clear(&change->root);
    Py_XDECREF(change->value);
    Py_DECREF(change->paths);
    PyObject_Free(self);
}

/* The constructor's arguments. */
static PyObject *change_args(const Change *change) {
    if (change->value == NULL) {
        Py_INCREF(change->paths);
        return change->paths;
    }
    PyObject *first = PyTuple_Pack(1, change->value);
    PyObject *args = first == NULL ? NULL : PySequence_Concat(first, change->paths);
    Py_XDECREF(first);
    return args;
}

static PyObject *change_repr(PyObject *self) {
    PyObject *args = change_args((Change *)self), *text = NULL;
    if (args != NULL) {
        text = PyUnicode_FromFormat("%s%R", type_name(self), args);
        Py_DECREF(args);
    }
    return text;
}

static PyObject *change_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *args = change_args((Change *)self);
    return args == NULL ? NULL : Py_BuildValue("ON", (PyObject *)Py_TYPE(self), args);
}

static PyObject *change_paths(PyObject *self, void *closure) {
    (void)closure;
    Py_INCREF(((Change *)self)->paths);
    return ((Change *)self)->paths;
}

static PyObject *template_value(PyObject *self, void *closure) {
    (void)closure;
    Py_INCREF(((Change *)self)->value);
    return ((Change *)self)->value;
}

static PyMethodDef patch_methods[] = {
    {"__reduce__", change_reduce, METH_NOARGS, NULL},
    {"read", (PyCFunction)(void (*)(void))patch_read, METH_FASTCALL,
     "read($self, value, changed, /)\n--\n\nThe parts with which the patch changes the value to "
     "the other one, or None."},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef template_methods[] = {
    {"__reduce__", change_reduce, METH_NOARGS, NULL},
    {"read", template_read, METH_O,
     "read($self, value, /)\n--\n\nThe parts from which the template makes the value, or None."},
    {"read_texts", template_read_texts, METH_O,
     "read_texts($self, value, /)\n--\n\nAs read, but None unless every part is a nonempty str."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef patch_getset[] = {
    {"paths", change_paths, NULL, "Where it changes.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyGetSetDef template_getset[] = {
    {"paths", change_paths, NULL, "Where copies differ.", NULL},
    {"value", template_value, NULL, "What is copied.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(patch_doc, "Patch(*paths)\n--\n\n"
                        "Patch(path, ...)(pod, value, ...) changes like one set after the other.");

PyDoc_STRVAR(template_doc,
             "Template(value, /, *paths)\n--\n\n"
             "Template(pod, path, ...)(value, ...) is Patch(path, ...)(pod, value, ...).");

PyTypeObject Patch_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Patch",
    .tp_basicsize = sizeof(Change),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = patch_doc,
    .tp_new = patch_new,
    .tp_dealloc = change_dealloc,
    .tp_repr = change_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Change, call),
    .tp_methods = patch_methods,
    .tp_getset = patch_getset,
};

PyTypeObject Template_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Template",
    .tp_basicsize = sizeof(Change),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = template_doc,
    .tp_new = template_new,
    .tp_dealloc = change_dealloc,
    .tp_repr = change_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Change, call),
    .tp_methods = template_methods,
    .tp_getset = template_getset,
};
