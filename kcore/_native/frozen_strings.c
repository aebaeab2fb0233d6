/* Strings: every text along steps that are prepared once; see reference/frozen_patch.py. */
#include "frozen_step.h"
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *steps;   /* tuple of exact str and int */
    PyObject *missing; /* What is told where there is no text: a tuple of none or one. */
    Py_ssize_t step_count;
    Step step[];
} Strings;

/* --- reading -------------------------------------------------------------------------------------- */

static inline int is_text(PyObject *value) {
    return PyUnicode_CheckExact(value) && PyUnicode_GET_LENGTH(value) > 0;
}

/* Go on from the step at `*at` until a list stands for its items, or to the end: a borrowed
 * reference; NULL where the way is lost. */
static PyObject *walk(Strings *strings, PyObject *value, Py_ssize_t *at) {
    for (; *at < strings->step_count && value != NULL; ++*at) {
        Step *step = &strings->step[*at];
        if (is_list(value) && step->key != NULL) {
            return value;
        }
        value = step_read(step, value);
    }
    return value;
}

/* Append what is found from the step at `at` on to a list; -1 with MemoryError. */
static int gather(Strings *strings, PyObject *value, Py_ssize_t at, PyObject *found) {
    value = walk(strings, value, &at);
    if (value == NULL) {
        return 0;
    }
    if (!is_list(value)) {
        return is_text(value) ? PyList_Append(found, value) : 0;
    }
    for (Py_ssize_t i = 0; i < ((Node *)value)->length; i++) {
        if (gather(strings, ((Node *)value)->slots[i], at, found) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *gathered(Strings *strings, PyObject *list, Py_ssize_t at) {
    PyObject *found = PyList_New(0), *result = NULL;
    if (found != NULL && gather(strings, list, at, found) == 0) {
        result = PyList_GET_SIZE(found) > 0 ? PyList_AsTuple(found) : Py_NewRef(strings->missing);
    }
    Py_XDECREF(found);
    return result;
}

static PyObject *strings_call(PyObject *self, PyObject *const *args, size_t flags,
                              PyObject *names) {
    Strings *strings = (Strings *)self;
    if (names != NULL || PyVectorcall_NARGS(flags) != 1) {
        PyErr_SetString(PyExc_TypeError, "strings are read from one value");
        return NULL;
    }
    if (node_expected(args[0]) < 0) {
        return NULL;
    }
    Py_ssize_t at = 0;
    PyObject *value = walk(strings, args[0], &at);
    if (value != NULL && is_list(value)) {
        return gathered(strings, value, at);
    }
    return value != NULL && is_text(value) ? PyTuple_Pack(1, value) : Py_NewRef(strings->missing);
}

/* --- the type ------------------------------------------------------------------------------------- */

/* The keyword argument `default`, borrowed; NULL without an error: none was given. */
static PyObject *default_given(PyObject *kwargs) {
    Py_ssize_t count = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs), place = 0;
    PyObject *name, *given = NULL;
    if (count > 0 && (count > 1 || !PyDict_Next(kwargs, &place, &name, &given) ||
                      PyUnicode_CompareWithASCIIString(name, "default") != 0)) {
        PyErr_SetString(PyExc_TypeError, "Strings() takes steps and default=");
        given = NULL;
    } else if (given != NULL && given != Py_None && !PyUnicode_Check(given)) {
        PyErr_Format(PyExc_TypeError, "default must be str, not %s", type_name(given));
        given = NULL;
    }
    return given == Py_None ? NULL : given;
}

static PyObject *missing_of(PyObject *kwargs) {
    PyObject *given = default_given(kwargs);
    if (given == NULL) {
        return PyErr_Occurred() ? NULL : PyTuple_New(0);
    }
    PyObject *exact = text_exact(given);
    PyObject *missing = exact == NULL ? NULL : PyTuple_Pack(1, exact);
    Py_XDECREF(exact);
    return missing;
}

static PyObject *strings_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *missing = missing_of(kwargs);
    PyObject *steps = missing == NULL ? NULL : steps_exact(args);
    if (steps == NULL) {
        Py_XDECREF(missing);
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(steps); /* A tuple that exists: no overflow below. */
    Strings *strings = PyObject_Malloc(sizeof(Strings) + (size_t)count * sizeof(Step));
    if (strings == NULL) {
        Py_DECREF(steps);
        Py_DECREF(missing);
        return PyErr_NoMemory();
    }
    PyObject_Init((PyObject *)strings, type);
    strings->call = strings_call;
    strings->steps = steps;
    strings->missing = missing;
    strings->step_count = count;
    steps_prepare(strings->step, steps);
    return (PyObject *)strings;
}

static void strings_dealloc(PyObject *self) {
    Strings *strings = (Strings *)self;
    steps_forget(strings->step, strings->step_count);
    Py_DECREF(strings->steps);
    Py_DECREF(strings->missing);
    PyObject_Free(self);
}

static PyObject *strings_default(PyObject *self, void *closure) {
    (void)closure;
    PyObject *missing = ((Strings *)self)->missing;
    return Py_NewRef(PyTuple_GET_SIZE(missing) == 0 ? Py_None : PyTuple_GET_ITEM(missing, 0));
}

static PyObject *strings_repr(PyObject *self) {
    PyObject *fallback = strings_default(self, NULL);
    PyObject *text = PyUnicode_FromFormat("<strings at %R, default %R>",
                                          ((Strings *)self)->steps, fallback);
    Py_DECREF(fallback);
    return text;
}

static PyObject *strings_arguments(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return Py_BuildValue("O{sN}", ((Strings *)self)->steps, "default",
                         strings_default(self, NULL));
}

static PyMethodDef strings_methods[] = {
    {"__getnewargs_ex__", strings_arguments, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef strings_members[] = {
    {"steps", T_OBJECT_EX, offsetof(Strings, steps), READONLY, "Where they lead."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef strings_getset[] = {
    {"default", strings_default, NULL, "The text that stands for none.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(strings_doc,
             "Strings(*steps, default=None)\n--\n\n"
             "Strings(\"metadata\", \"ownerReferences\", \"uid\")(obj): every text there.");

PyTypeObject Strings_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Strings",
    .tp_basicsize = sizeof(Strings),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = strings_doc,
    .tp_new = strings_new,
    .tp_dealloc = strings_dealloc,
    .tp_repr = strings_repr,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Strings, call),
    .tp_methods = strings_methods,
    .tp_members = strings_members,
    .tp_getset = strings_getset,
};
