/* Path: a read along steps that are prepared once; see reference/frozen_patch.py. */
#include "frozen_step.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *steps; /* tuple of exact str and int */
    Py_ssize_t step_count;
    Step step[];
} Lookup;

/* --- steps as they were given --------------------------------------------------------------------- */

/* A step as interned exact str or exact int: a new reference. */
static PyObject *step_exact(PyObject *step) {
    if (PyUnicode_Check(step)) {
        PyObject *exact = text_exact(step), *key = exact == NULL ? NULL : key_interned(exact);
        Py_XDECREF(exact);
        return key;
    }
    if (PyBool_Check(step)) {
        return PyLong_FromLong(step == Py_True);
    }
    if (PyLong_Check(step)) {
        return value_freeze(step, 0);
    }
    PyErr_Format(PyExc_TypeError, "steps must be str or int, not %s", type_name(step));
    return NULL;
}

/* A tuple of steps, each checked and exact; one step stands for a tuple of one. */
PyObject *steps_exact(PyObject *steps) {
    int is_tuple = PyTuple_Check(steps);
    Py_ssize_t count = is_tuple ? PyTuple_GET_SIZE(steps) : 1;
    PyObject *result = PyTuple_New(count);
    for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
        PyObject *step = step_exact(is_tuple ? PyTuple_GET_ITEM(steps, i) : steps);
        if (step == NULL) {
            Py_CLEAR(result);
        } else {
            PyTuple_SET_ITEM(result, i, step);
        }
    }
    return result;
}

/* The list index that an exact int means, clipped: no list is that long. */
Py_ssize_t step_number(PyObject *step) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(step, &overflow);
    return number > PY_SSIZE_T_MAX ? PY_SSIZE_T_MAX
                                   : number < -PY_SSIZE_T_MAX ? -PY_SSIZE_T_MAX : (Py_ssize_t)number;
}

/* 0 if `value` is a map or a list, else -1 with TypeError. */
int node_expected(PyObject *value) {
    if (is_node(value)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "paths lead through frozen maps and lists, not %s",
                 type_name(value));
    return -1;
}

/* --- steps that remember ---------------------------------------------------------------------------- */

/* Make steps of a tuple of exact ones, which keeps their keys. */
void steps_prepare(Step *step, PyObject *steps) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(steps); i++) {
        PyObject *one = PyTuple_GET_ITEM(steps, i);
        memset(&step[i], 0, sizeof step[i]);
        step[i].key = PyUnicode_Check(one) ? one : NULL;
        step[i].index = PyUnicode_Check(one) ? 0 : step_number(one);
    }
}

/* Let go of the shapes that steps remember. */
void steps_forget(Step *step, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        for (int place = 0; place < SEEN_COUNT; place++) {
            if (step[i].seen[place].shape != NULL) {
                shape_drop(step[i].seen[place].shape);
            }
        }
    }
}

/* Where the step's key lies in maps of this shape; the shape takes the oldest place. */
Py_ssize_t step_learn(Step *step, Shape *shape) {
    Py_ssize_t slot = shape_find(shape, step->key);
    Shape *old = step->seen[1].shape;
    shape->use_count++;
    step->seen[1] = step->seen[0];
    step->seen[0].shape = shape;
    step->seen[0].slot = slot;
    if (old != NULL) {
        shape_drop(old);
    }
    return slot;
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* What is in `value`, a map or list, or the fallback: a borrowed reference. `self` is a Path. */
PyObject *lookup_read(PyObject *self, PyObject *value, PyObject *fallback) {
    Lookup *lookup = (Lookup *)self;
    for (Py_ssize_t i = 0; i < lookup->step_count; i++) {
        value = step_read(&lookup->step[i], value);
        if (value == NULL || value == Py_None) {
            return fallback;
        }
    }
    return value;
}

static PyObject *lookup_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    if (names != NULL || count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "a path takes a value and a default");
        return NULL;
    }
    if (node_expected(args[0]) < 0) {
        return NULL;
    }
    return Py_NewRef(lookup_read(self, args[0], count == 2 ? args[1] : Py_None));
}

/* --- the type --------------------------------------------------------------------------------------- */

/* Refuse keyword arguments of a constructor: 0, or -1 with TypeError. */
int no_keywords(PyTypeObject *type, PyObject *kwargs) {
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 0;
    }
    const char *dot = strrchr(type->tp_name, '.');
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", dot + 1);
    return -1;
}

/* A Path along a tuple of exact steps. */
PyObject *lookup_of(PyObject *steps) {
    Py_ssize_t count = PyTuple_GET_SIZE(steps); /* A tuple that exists: no overflow below. */
    size_t size = sizeof(Lookup) + (size_t)count * sizeof(Step);
    Lookup *lookup = PyObject_Malloc(size);
    if (lookup == NULL) {
        return PyErr_NoMemory();
    }
    PyObject_Init((PyObject *)lookup, &Path_Type);
    lookup->call = lookup_call;
    lookup->steps = Py_NewRef(steps);
    lookup->step_count = count;
    steps_prepare(lookup->step, steps);
    return (PyObject *)lookup;
}

static PyObject *lookup_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *steps = no_keywords(type, kwargs) < 0 ? NULL : steps_exact(args);
    PyObject *lookup = steps == NULL ? NULL : lookup_of(steps);
    Py_XDECREF(steps);
    return lookup;
}

static void lookup_dealloc(PyObject *self) {
    Lookup *lookup = (Lookup *)self;
    steps_forget(lookup->step, lookup->step_count);
    Py_DECREF(lookup->steps);
    PyObject_Free(self);
}

static PyObject *lookup_repr(PyObject *self) {
    return PyUnicode_FromFormat("Path%R", ((Lookup *)self)->steps);
}

static PyObject *lookup_steps(PyObject *self, void *closure) {
    (void)closure;
    Py_INCREF(((Lookup *)self)->steps);
    return ((Lookup *)self)->steps;
}

static PyObject *lookup_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return Py_BuildValue("OO", (PyObject *)&Path_Type, ((Lookup *)self)->steps);
}

static PyMethodDef lookup_methods[] = {
    {"__reduce__", lookup_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef lookup_getset[] = {
    {"steps", lookup_steps, NULL, "Where it leads.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(lookup_doc,
             "Path(*steps)\n--\n\n"
             "Path(\"spec\", \"nodeName\")(pod) reads like pod.at(\"spec\", \"nodeName\").");

PyTypeObject Path_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Path",
    .tp_basicsize = sizeof(Lookup),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = lookup_doc,
    .tp_new = lookup_new,
    .tp_dealloc = lookup_dealloc,
    .tp_repr = lookup_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Lookup, call),
    .tp_methods = lookup_methods,
    .tp_getset = lookup_getset,
};
