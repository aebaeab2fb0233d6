/* The module. */
#include "ledger.h"

static PyMethodDef module_methods[] = {
    {"put", (PyCFunction)(void (*)(void))ledger_put, METH_FASTCALL, NULL},
    {"delete", (PyCFunction)(void (*)(void))ledger_delete, METH_FASTCALL, NULL},
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

PyMODINIT_FUNC PyInit_ledger(void) {
    if (import_trees() < 0 || PyType_Ready(&Entry_Type) < 0 || PyType_Ready(&Event_Type) < 0 ||
        PyType_Ready(&Log_Type) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_definition);
    if (module == NULL || PyModule_AddObjectRef(module, "Entry", (PyObject *)&Entry_Type) < 0 ||
        PyModule_AddObjectRef(module, "Event", (PyObject *)&Event_Type) < 0 ||
        PyModule_AddObjectRef(module, "Log", (PyObject *)&Log_Type) < 0 ||
        PyModule_AddIntConstant(module, "CHUNK_COUNT", CHUNK_COUNT) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
