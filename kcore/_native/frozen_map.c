/* FrozenMap: the type, its reads, and what maps and lists refuse alike. */
#include "frozen.h"

PyObject *frozen_attribute_names;

/* --- refusals and methods shared with FrozenList ---------------------------------------------------- */

int refuse_change(void) {
    PyErr_SetString(PyExc_TypeError,
                    "kcore values are immutable: use .set(), .remove() or evolve()");
    return -1;
}

PyObject *refuse_operator(PyObject *left, PyObject *right) {
    (void)left;
    (void)right;
    refuse_change();
    return NULL;
}

PyObject *refuse_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    (void)args;
    (void)kwargs;
    const char *dot = strrchr(type->tp_name, '.');
    PyErr_Format(PyExc_TypeError, "%s is made by freeze() or loads()",
                 dot == NULL ? type->tp_name : dot + 1);
    return NULL;
}

int refuse_setattr(PyObject *self, PyObject *name, PyObject *value) {
    (void)self;
    (void)name;
    (void)value;
    return refuse_change();
}

int refuse_setitem(PyObject *self, PyObject *key, PyObject *value) {
    (void)self;
    (void)key;
    (void)value;
    return refuse_change();
}

PyObject *node_repr(PyObject *self) {
    PyObject *text = json_text(self), *result = NULL;
    if (text != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", type_name(self), text);
        Py_DECREF(text);
    }
    return result;
}

/* __copy__ and __deepcopy__. */
PyObject *node_self(PyObject *self, PyObject *ignored) {
    (void)ignored;
    Py_INCREF(self);
    return self;
}

/* Pickled as its text, to be read by this module's loads. */
PyObject *node_reduce(PyObject *self, PyObject *protocol) {
    (void)protocol;
    PyObject *module = PyImport_ImportModule("kcore._native.frozen"), *result = NULL;
    PyObject *loads = module == NULL ? NULL : PyObject_GetAttrString(module, "loads");
    PyObject *text = loads == NULL ? NULL : json_write(self, 0);
    if (text != NULL) {
        result = Py_BuildValue("O(O)", loads, text);
    }
    Py_XDECREF(module);
    Py_XDECREF(loads);
    Py_XDECREF(text);
    return result;
}

/* Bytes of the node itself; shapes and children are shared and not counted. */
PyObject *node_sizeof(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return PyLong_FromSize_t(sizeof(Node) + (size_t)node_count(self) * sizeof(PyObject *));
}

/* --- reading ------------------------------------------------------------------------------------------ */

/* The value of `key` (any object): a borrowed reference, or NULL, maybe with an error set. */
static PyObject *map_find(PyObject *self, PyObject *key) {
    Node *node = (Node *)self;
    Py_ssize_t slot = -1;
    if (PyUnicode_CheckExact(key)) {
        slot = shape_find(node->shape, key);
    } else if (PyUnicode_Check(key)) {
        PyObject *exact = PyUnicode_FromObject(key);
        if (exact == NULL) {
            return NULL;
        }
        slot = shape_find(node->shape, exact);
        Py_DECREF(exact);
    }
    return slot < 0 ? NULL : node->slots[slot];
}

static Py_ssize_t map_length(PyObject *self) { return ((Node *)self)->shape->key_count; }

static PyObject *map_subscript(PyObject *self, PyObject *key) {
    PyObject *value = map_find(self, key);
    if (value == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    Py_XINCREF(value);
    return value;
}

static int map_contains(PyObject *self, PyObject *key) {
    PyObject *value = map_find(self, key);
    return value != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

static int is_dunder(PyObject *name) {
    return PyUnicode_GET_LENGTH(name) >= 2 && PyUnicode_READ_CHAR(name, 0) == '_' &&
           PyUnicode_READ_CHAR(name, 1) == '_';
}

/* Whether FrozenMap answers to `name` itself; -1 with an error. `*method`: one of map_methods. */
static int own_name(PyObject *name, const PyMethodDef **method) {
    return PyUnicode_CHECK_INTERNED(name) ? method_find(name, method)
                                          : PySet_Contains(frozen_attribute_names, name);
}

static PyObject *map_getattro(PyObject *self, PyObject *name) {
    const PyMethodDef *method = NULL;
    PyObject *value = map_find(self, name);
    if (value == NULL && PyErr_Occurred()) {
        return NULL;
    }
    if (value == NULL || ((Node *)self)->shape->hides_attributes) {
        int is_own = own_name(name, &method);
        if (is_own != 0) {
            return method != NULL ? method_bind(self, method)
                   : is_own < 0   ? NULL
                                  : PyObject_GenericGetAttr(self, name);
        }
    }
    if (value == NULL) {
        if (is_dunder(name)) {
            PyErr_SetObject(PyExc_AttributeError, name);
            return NULL;
        }
        Py_RETURN_NONE;
    }
    Py_INCREF(value);
    return value;
}

static PyObject *map_get(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count < 1 || count > 2) {
        PyErr_Format(PyExc_TypeError, "get() takes a key and a default, not %zd arguments", count);
        return NULL;
    }
    PyObject *value = map_find(self, args[0]);
    if (value == NULL) {
        if (PyErr_Occurred()) {
            return NULL;
        }
        value = count == 2 ? args[1] : Py_None;
    }
    Py_INCREF(value);
    return value;
}

static PyObject *map_iter(PyObject *self) { return iterator_new(self, WALK_KEYS, 0); }

static PyObject *map_reversed(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return iterator_new(self, WALK_KEYS, 1);
}

static PyObject *map_keys(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return view_new(self, WALK_KEYS);
}

static PyObject *map_values(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return view_new(self, WALK_VALUES);
}

static PyObject *map_items(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return view_new(self, WALK_ITEMS);
}

static PyMethodDef map_methods[] = {
    {"at", (PyCFunction)(void (*)(void))node_at, METH_FASTCALL | METH_KEYWORDS,
     "at($self, /, *steps, default=None)\n--\n\n"
     "Read along steps; default where anything on the way is absent or null."},
    {"set", (PyCFunction)(void (*)(void))node_set, METH_FASTCALL,
     "set($self, steps, value, /)\n--\n\n"
     "A copy with value at steps: a key, or a tuple of keys and list indexes."},
    {"remove", node_remove, METH_O,
     "remove($self, steps, /)\n--\n\n"
     "A copy without what is at steps; the same map when nothing is there."},
    {"get", (PyCFunction)(void (*)(void))map_get, METH_FASTCALL,
     "The value of key, or the second argument, or None."},
    {"keys", map_keys, METH_NOARGS, "keys($self, /)\n--\n\nThe keys in order."},
    {"values", map_values, METH_NOARGS, "values($self, /)\n--\n\nThe values in key order."},
    {"items", map_items, METH_NOARGS, "items($self, /)\n--\n\nThe pairs in key order."},
    {"__reversed__", map_reversed, METH_NOARGS, NULL},
    {"__copy__", node_self, METH_NOARGS, NULL},
    {"__deepcopy__", node_self, METH_O, NULL},
    {"__reduce_ex__", node_reduce, METH_O, NULL},
    {"__sizeof__", node_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* Learn the names a map answers to itself: 0, or -1 with an error. */
int map_names_ready(void) {
    PyObject *own = PyObject_Dir((PyObject *)&FrozenMap_Type);
    frozen_attribute_names = own == NULL ? NULL : PyFrozenSet_New(own);
    int result = frozen_attribute_names == NULL ? -1 : method_names_ready(own, map_methods);
    Py_XDECREF(own);
    return result;
}

static PyMappingMethods map_as_mapping = {
    .mp_length = map_length,
    .mp_subscript = map_subscript,
    .mp_ass_subscript = refuse_setitem,
};

static PySequenceMethods map_as_sequence = {.sq_contains = map_contains};

static PyNumberMethods map_as_number = {
    .nb_or = refuse_operator,
    .nb_inplace_or = refuse_operator,
};

PyDoc_STRVAR(map_doc,
             "An immutable map with sorted string keys. Made by freeze or loads, never called.\n\n"
             "Attribute reads (pod.spec) give None for an absent key; item reads raise KeyError.\n"
             "Keys that are also method names are reachable as items only.");

PyTypeObject FrozenMap_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.FrozenMap",
    .tp_basicsize = sizeof(Node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_MAPPING, /* No HAVE_GC: see frozen.h. */
    .tp_doc = map_doc,
    .tp_new = refuse_new,
    .tp_dealloc = node_dealloc,
    .tp_repr = node_repr,
    .tp_hash = node_hash,
    .tp_richcompare = node_richcompare,
    .tp_getattro = map_getattro,
    .tp_setattro = refuse_setattr,
    .tp_iter = map_iter,
    .tp_methods = map_methods,
    .tp_as_mapping = &map_as_mapping,
    .tp_as_sequence = &map_as_sequence,
    .tp_as_number = &map_as_number,
};
