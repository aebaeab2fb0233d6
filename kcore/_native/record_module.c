/* The module `record`. */
#include "record.h"

static PyMethodDef module_methods[] = {
    {"quicken", record_quicken, METH_VARARGS,
     "quicken($module, type, names, defaults, /)\n--\n\n"
     "Let calls of the class make instances at once."},
    {"changed", (PyCFunction)(void (*)(void))record_changed, METH_FASTCALL | METH_KEYWORDS,
     "changed($module, record, /, **slots)\n--\n\nA copy of a record with other values in some "
     "slots."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kcore._native.record",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC PyInit_record(void) {
    PyObject *module = record_prepare() < 0 ? NULL : PyModule_Create(&module_definition);
    if (module == NULL || PyModule_AddIntConstant(module, "FIELD_COUNT_MAX", FIELD_COUNT_MAX) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
