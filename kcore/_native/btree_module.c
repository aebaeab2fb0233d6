/* The module: the type BTree and what its methods accept. */
#include "btree.h"

/* A tree without an epoch: empty. */
Tree *tree_new(void) {
    Tree *tree = PyObject_GC_New(Tree, &Tree_Type);
    if (tree != NULL) {
        tree->epoch = NULL;
        tree->recent = NULL;
        tree->asked_count = 0;
    }
    return tree;
}

static PyObject *tree_construct(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs) {
    if (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0)) {
        PyErr_SetString(PyExc_TypeError, "BTree() takes no arguments");
        return NULL;
    }
    return (PyObject *)tree_new();
}

static int tree_clear(PyObject *self) {
    Tree *tree = (Tree *)self;
    Epoch *epoch = tree->epoch;
    tree->epoch = NULL;
    recent_drop(tree);
    if (epoch != NULL) {
        epoch_leave(epoch);
    }
    return 0;
}

static void tree_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, tree_dealloc)
    tree_clear(self);
    PyObject_GC_Del(self);
    Py_TRASHCAN_END
}

static int tree_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Tree *)self)->epoch);
    return 0;
}

static Py_ssize_t tree_length(PyObject *self) {
    Epoch *epoch = ((Tree *)self)->epoch;
    return epoch == NULL ? 0 : epoch->count;
}

static PyObject *tree_copy(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Tree *twin = tree_new();
    Epoch *epoch = ((Tree *)self)->epoch;
    if (twin != NULL && epoch != NULL) {
        twin->epoch = epoch_join(epoch);
        if (epoch->is_tracked) {
            PyObject_GC_Track((PyObject *)twin);
        }
    }
    return (PyObject *)twin;
}

static int expect_count(const char *name, Py_ssize_t count, Py_ssize_t least, Py_ssize_t most) {
    if (count >= least && count <= most) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s() takes %zd to %zd arguments (%zd given)", name, least, most,
                 count);
    return -1;
}

static int expect_text(PyObject *key) {
    if (PyUnicode_Check(key)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "keys are str, not %.100s", Py_TYPE(key)->tp_name);
    return -1;
}

/* The value of a key, borrowed; NULL when it is absent. */
PyObject *tree_find(Tree *tree, PyObject *key) {
    if (tree->epoch == NULL) {
        return NULL;
    }
    Probe probe;
    const Node *node = tree->epoch->root;
    probe_init(&probe, key);
    PyObject *known = tree->recent == NULL ? NULL : recent_find(tree->recent, &probe);
    if (known != NULL) {
        return known;
    }
    for (unsigned height = node->height; height-- > 0;) {
        node = inner_slots(node)[inner_route(node, &probe)].value.child;
        node_prefetch(node, height);
    }
    int index = leaf_find(node, &probe);
    if (index < 0) {
        return NULL;
    }
    Slot slot = leaf_slots(node)[index];
    recent_keep(tree, &probe, slot);
    return slot.value.object;
}

static PyObject *tree_get(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (expect_count("get", count, 1, 2) < 0 || expect_text(args[0]) < 0) {
        return NULL;
    }
    PyObject *value = tree_find((Tree *)self, args[0]);
    if (value == NULL) {
        value = count > 1 ? args[1] : Py_None;
    }
    return Py_NewRef(value);
}

static PyObject *tree_set_method(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (expect_count("set", count, 2, 2) < 0) {
        return NULL;
    }
    PyObject *key = key_exact(args[0]);
    if (key == NULL) {
        return NULL;
    }
    PyObject *previous = tree_set((Tree *)self, key, args[1]);
    Py_DECREF(key);
    return previous;
}

static PyObject *tree_pop_method(PyObject *self, PyObject *key) {
    return expect_text(key) < 0 ? NULL : tree_pop((Tree *)self, key);
}

/* --- Ranges ---------------------------------------------------------------------------------- */

static int set_bound(Bounds *bounds, const char *name, PyObject *value, int has_limit) {
    if (strcmp(name, "start") == 0 || strcmp(name, "end") == 0) {
        *(name[0] == 's' ? &bounds->start : &bounds->end) = value;
        return expect_text(value);
    }
    if (has_limit && strcmp(name, "limit") == 0) {
        bounds->limit = PyLong_AsSsize_t(value);
        return bounds->limit == -1 && PyErr_Occurred() ? -1 : 0;
    }
    if (strcmp(name, "reverse") == 0) {
        bounds->is_reversed = PyObject_IsTrue(value);
        return bounds->is_reversed < 0 ? -1 : 0;
    }
    PyErr_Format(PyExc_TypeError, "a range has no argument %s", name);
    return -1;
}

static int parse_bounds(Bounds *bounds, PyObject *const *args, Py_ssize_t count, PyObject *names,
                        int has_limit) {
    static const char *const places[] = {"start", "end", "limit"};
    static PyObject *empty = NULL;
    if (empty == NULL && (empty = PyUnicode_FromStringAndSize(NULL, 0)) == NULL) {
        return -1;
    }
    *bounds = (Bounds){empty, empty, 0, 0};
    if (expect_count("a range", count, 0, has_limit ? 3 : 2) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (set_bound(bounds, places[i], args[i], has_limit) < 0) {
            return -1;
        }
    }
    Py_ssize_t name_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < name_count; i++) {
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
        if (name == NULL || set_bound(bounds, name, args[count + i], has_limit) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *tree_items(PyObject *self, PyObject *const *args, Py_ssize_t count,
                            PyObject *names) {
    Bounds bounds;
    return parse_bounds(&bounds, args, count, names, 0) < 0
               ? NULL
               : cursor_new((Tree *)self, &bounds, WALK_ITEMS);
}

static PyObject *tree_values(PyObject *self, PyObject *const *args, Py_ssize_t count,
                             PyObject *names) {
    Bounds bounds;
    return parse_bounds(&bounds, args, count, names, 0) < 0
               ? NULL
               : cursor_new((Tree *)self, &bounds, WALK_VALUES);
}

static PyObject *tree_runs(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Bounds bounds;
    return parse_bounds(&bounds, args, count, NULL, 0) < 0
               ? NULL
               : cursor_new((Tree *)self, &bounds, WALK_RUNS);
}

static PyObject *tree_page_method(PyObject *self, PyObject *const *args, Py_ssize_t count,
                                  PyObject *names) {
    Bounds bounds;
    return parse_bounds(&bounds, args, count, names, 1) < 0 ? NULL
                                                            : tree_page((Tree *)self, &bounds);
}

static PyObject *tree_count_method(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Bounds bounds;
    return parse_bounds(&bounds, args, count, NULL, 0) < 0
               ? NULL
               : PyLong_FromSsize_t(tree_count((Tree *)self, &bounds));
}

static PyMethodDef tree_methods[] = {
    {"copy", tree_copy, METH_NOARGS, NULL},
    {"get", (PyCFunction)(void (*)(void))tree_get, METH_FASTCALL, NULL},
    {"set", (PyCFunction)(void (*)(void))tree_set_method, METH_FASTCALL, NULL},
    {"pop", tree_pop_method, METH_O, NULL},
    {"items", (PyCFunction)(void (*)(void))tree_items, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"values", (PyCFunction)(void (*)(void))tree_values, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"page", (PyCFunction)(void (*)(void))tree_page_method, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"runs", (PyCFunction)(void (*)(void))tree_runs, METH_FASTCALL, NULL},
    {"count", (PyCFunction)(void (*)(void))tree_count_method, METH_FASTCALL, NULL},
    {"load", tree_load, METH_O | METH_CLASS, NULL},
    {"check_invariants", tree_check, METH_NOARGS, NULL},
    {"node_counts", tree_node_counts, METH_NOARGS, NULL},
    {"__sizeof__", tree_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods tree_as_sequence = {.sq_length = tree_length};

PyTypeObject Tree_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.btree.BTree",
    .tp_basicsize = sizeof(Tree),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = tree_construct,
    .tp_dealloc = tree_dealloc,
    .tp_traverse = tree_traverse,
    .tp_clear = tree_clear,
    .tp_as_sequence = &tree_as_sequence,
    .tp_methods = tree_methods,
};

/* --- Module ---------------------------------------------------------------------------------- */

/* _live(): nodes and epochs of all trees of the process, for tests of leaks. */
static PyObject *module_live(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    return Py_BuildValue("nn", nodes_live, epochs_live);
}

/* _use_rank(name): search with this variant from now on, for tests; whether the processor has it. */
static PyObject *module_use_rank(PyObject *Py_UNUSED(module), PyObject *name) {
    const char *text = PyUnicode_AsUTF8(name);
    return text == NULL ? NULL : PyBool_FromLong(rank_choose(text));
}

/* _keep_recent(height_min, asked_min): when trees keep their latest answers, for tests; the rule
 * before. */
static PyObject *module_keep_recent(PyObject *Py_UNUSED(module), PyObject *args) {
    RecentRule wanted;
    if (!PyArg_ParseTuple(args, "In", &wanted.height_min, &wanted.asked_min)) {
        return NULL;
    }
    RecentRule before = recent_use(wanted);
    return Py_BuildValue("In", before.height_min, before.asked_min);
}

/* _regions(): how many regions of memory became huge pages, for people and benchmarks. */
static PyObject *module_regions(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    return PyLong_FromSsize_t(regions_settled);
}

static PyMethodDef module_methods[] = {
    {"_regions", module_regions, METH_NOARGS, NULL},
    {"_live", module_live, METH_NOARGS, NULL},
    {"_keep_recent", module_keep_recent, METH_VARARGS, NULL},
    {"_use_rank", module_use_rank, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static TreeAPI api = {&Tree_Type, tree_writable, tree_find, tree_set, tree_pop, region_fill};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kcore._native.btree",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC PyInit_btree(void) {
    rank_choose(NULL);
    if (PyType_Ready(&Epoch_Type) < 0 || PyType_Ready(&Cursor_Type) < 0 ||
        PyType_Ready(&Tree_Type) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_definition);
    PyObject *capsule = module == NULL ? NULL : PyCapsule_New(&api, BTREE_API_NAME, NULL);
    if (capsule == NULL || PyModule_AddObjectRef(module, "_api", capsule) < 0 ||
        PyModule_AddObjectRef(module, "BTree", (PyObject *)&Tree_Type) < 0 ||
        PyModule_AddIntConstant(module, "FAN_OUT", FAN_OUT) < 0 ||
        PyModule_AddIntConstant(module, "FILL_COUNT_MIN", FILL_COUNT_MIN) < 0) {
        Py_XDECREF(capsule);
        Py_XDECREF(module);
        return NULL;
    }
    Py_DECREF(capsule);
    return module;
}
