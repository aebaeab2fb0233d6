/* What `pod.at` gives: a map's method, ready to be called.
 *
 * A map answers attribute reads itself, so Python cannot call its methods without making an object of
 * `pod.at` first.  Its own kind of that object is known to the garbage collector, has a name and
 * a module, and takes longer to make than `at` takes to read.  This one holds two pointers (a value
 * cannot point back to it), and the last few that were dropped are used again.
 */
#include "frozen.h"

enum { NAME_PLACE_COUNT = 512, SPARE_COUNT_MAX = 8 };

typedef PyObject *(*FastCall)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*NamedCall)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *self;
    const PyMethodDef *method;
} Method;

static Method *spares[SPARE_COUNT_MAX];
static int spare_count;

/* --- names ---------------------------------------------------------------------------------------- */

static struct {
    PyObject *name; /* Interned, kept for ever. */
    const PyMethodDef *method; /* NULL: an attribute every object has. */
} names[NAME_PLACE_COUNT];

static inline size_t name_place(PyObject *name) {
    return (size_t)((uintptr_t)name >> 4) & (NAME_PLACE_COUNT - 1);
}

/* Enter what maps answer to: `own` is a list of str. 0, or -1 with an error. */
int method_names_ready(PyObject *own, const PyMethodDef *methods) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(own); i++) {
        PyObject *name = key_interned(PyList_GET_ITEM(own, i));
        if (name == NULL) {
            return -1;
        }
        CHECK(i < NAME_PLACE_COUNT / 2);
        size_t place = name_place(name);
        while (names[place].name != NULL) {
            place = (place + 1) & (NAME_PLACE_COUNT - 1);
        }
        names[place].name = name;
        for (const PyMethodDef *method = methods; method->ml_name != NULL; method++) {
            if (PyUnicode_CompareWithASCIIString(name, method->ml_name) == 0) {
                names[place].method = method;
            }
        }
    }
    return 0;
}

/* Whether maps answer to an interned name; `*method` is set if it is one of theirs. */
int method_find(PyObject *name, const PyMethodDef **method) {
    size_t place = name_place(name);
    for (; names[place].name != NULL; place = (place + 1) & (NAME_PLACE_COUNT - 1)) {
        if (names[place].name == name) {
            *method = names[place].method;
            return 1;
        }
    }
    return 0;
}

/* --- calls ---------------------------------------------------------------------------------------- */

static PyObject *wrong_call(const PyMethodDef *method, const char *wanted, Py_ssize_t count) {
    PyErr_Format(PyExc_TypeError, "%s() takes %s (%zd given)", method->ml_name, wanted, count);
    return NULL;
}

static PyObject *method_call(PyObject *callable, PyObject *const *args, size_t flags,
                             PyObject *keywords) {
    Method *bound = (Method *)callable;
    const PyMethodDef *method = bound->method;
    void (*function)(void) = (void (*)(void))method->ml_meth;
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    if (method->ml_flags == (METH_FASTCALL | METH_KEYWORDS)) {
        return ((NamedCall)function)(bound->self, args, count, keywords);
    }
    if (keywords != NULL && PyTuple_GET_SIZE(keywords) > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", method->ml_name);
        return NULL;
    }
    switch (method->ml_flags) {
    case METH_FASTCALL:
        return ((FastCall)function)(bound->self, args, count);
    case METH_O:
        return count == 1 ? method->ml_meth(bound->self, args[0])
                          : wrong_call(method, "exactly one argument", count);
    default:
        CHECK(method->ml_flags == METH_NOARGS);
        return count == 0 ? method->ml_meth(bound->self, NULL)
                          : wrong_call(method, "no arguments", count);
    }
}

/* `self.method`: a new reference. */
PyObject *method_bind(PyObject *self, const PyMethodDef *method) {
    Method *bound;
    if (spare_count > 0) {
        bound = (Method *)PyObject_Init((PyObject *)spares[--spare_count], &Method_Type);
    } else if ((bound = PyObject_New(Method, &Method_Type)) == NULL) {
        return NULL;
    }
    Py_INCREF(self);
    bound->call = method_call;
    bound->self = self;
    bound->method = method;
    return (PyObject *)bound;
}

static void method_dealloc(PyObject *object) {
    PyObject *self = ((Method *)object)->self;
    if (spare_count < SPARE_COUNT_MAX) {
        spares[spare_count++] = (Method *)object;
    } else {
        PyObject_Free(object);
    }
    Py_DECREF(self);
}

/* --- what a method tells of itself ---------------------------------------------------------------- */

static PyObject *method_repr(PyObject *object) {
    return PyUnicode_FromFormat("<method %s of FrozenMap>", ((Method *)object)->method->ml_name);
}

static PyObject *method_richcompare(PyObject *left, PyObject *right, int operation) {
    if (!Py_IS_TYPE(right, &Method_Type) || (operation != Py_EQ && operation != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Method *one = (Method *)left, *other = (Method *)right;
    int equal = one->self == other->self && one->method == other->method;
    return PyBool_FromLong(equal == (operation == Py_EQ));
}

static Py_hash_t method_hash(PyObject *object) {
    Method *bound = (Method *)object;
    Py_hash_t hash = (Py_hash_t)((uintptr_t)bound->self >> 4 ^ (uintptr_t)bound->method);
    return hash == -1 ? -2 : hash;
}

static PyObject *method_self(PyObject *object, void *closure) {
    (void)closure;
    Py_INCREF(((Method *)object)->self);
    return ((Method *)object)->self;
}

static PyObject *method_name(PyObject *object, void *closure) {
    (void)closure;
    return PyUnicode_FromString(((Method *)object)->method->ml_name);
}

static PyObject *method_doc(PyObject *object, void *closure) {
    (void)closure;
    const char *doc = ((Method *)object)->method->ml_doc;
    if (doc == NULL) {
        Py_RETURN_NONE;
    }
    const char *body = strstr(doc, "--\n\n"); /* Before it stands the signature. */
    return PyUnicode_FromString(body == NULL ? doc : body + 4);
}

static PyObject *method_reduce(PyObject *object, PyObject *ignored) {
    (void)ignored;
    PyObject *builtins = PyImport_ImportModule("builtins"), *result = NULL;
    PyObject *getattr = builtins == NULL ? NULL : PyObject_GetAttrString(builtins, "getattr");
    if (getattr != NULL) {
        result = Py_BuildValue("O(Os)", getattr, ((Method *)object)->self,
                               ((Method *)object)->method->ml_name);
    }
    Py_XDECREF(builtins);
    Py_XDECREF(getattr);
    return result;
}

static PyMethodDef method_methods[] = {
    {"__reduce__", method_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef method_getset[] = {
    {"__self__", method_self, NULL, NULL, NULL},
    {"__name__", method_name, NULL, NULL, NULL},
    {"__doc__", method_doc, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject Method_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen._Method",
    .tp_basicsize = sizeof(Method),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = method_dealloc,
    .tp_repr = method_repr,
    .tp_hash = method_hash,
    .tp_richcompare = method_richcompare,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Method, call),
    .tp_methods = method_methods,
    .tp_getset = method_getset,
};
