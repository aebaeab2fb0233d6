/* The module. */
#include "ledger.h"

static PyMethodDef module_methods[] = {
    {"put", (PyCFunction)(void (*)(void))ledger_put, METH_FASTCALL, NULL},
    {"delete", (PyCFunction)(void (*)(void))ledger_delete, METH_FASTCALL, NULL},
    {"posting_key", (PyCFunction)(void (*)(void))ledger_posting_key, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kcore._native.ledger",
    .m_size = -1,
    .m_methods = module_methods,
};

/* The interface of the `btree` kernel. A capsule's name is also the way to it. */
static int import_trees(void) {
    PyObject *module = PyImport_ImportModule("kcore._native.btree");
    PyObject *capsule = module == NULL ? NULL : PyObject_GetAttrString(module, "_api");
    if (capsule != NULL) {
        trees = PyCapsule_GetPointer(capsule, BTREE_API_NAME);
    }
    Py_XDECREF(capsule);
    Py_XDECREF(module);
    return trees == NULL ? -1 : 0;
}

static int export_types(PyObject *module) {
    const struct {
        const char *name;
        PyTypeObject *type;
    } types[] = {
        {"Entry", &Entry_Type},           {"Event", &Event_Type},        {"Log", &Log_Type},
        {"ContentsCore", &Contents_Type}, {"BucketCore", &Bucket_Type}, {"StoreCore", &Store_Type},
        {"CursorCore", &Cursor_Type},     {"Journal", &Journal_Type},    {"Press", &Press_Type},
        {"Amendment", &Amendment_Type},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (PyType_Ready(types[i].type) < 0 ||
            PyModule_AddObjectRef(module, types[i].name, (PyObject *)types[i].type) < 0) {
            return -1;
        }
    }
    return 0;
}

PyMODINIT_FUNC PyInit_ledger(void) {
    if (import_trees() < 0 || contents_prepare() < 0 || bucket_prepare() < 0 ||
        store_prepare() < 0 || txn_prepare() < 0 || cursor_prepare() < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_definition);
    if (module == NULL || export_types(module) < 0 || words_export(module) < 0 ||
        cursor_export(module) < 0 ||
        PyModule_AddIntConstant(module, "CHUNK_COUNT", CHUNK_COUNT) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
