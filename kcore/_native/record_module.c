/* The module `record`. */
#include "record.h"

static PyMethodDef module_methods[] = {
    {"quicken", record_quicken, METH_VARARGS,
     "quicken($module, type, names, defaults, /)\n--\n\n"
     "Let calls of the class make instances at once."},
    {"acyclic", record_acyclic, METH_O,
     "acyclic($module, type, /)\n--\n\n"
     "Keep copies of this class's instances from the collector of circles."},
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
    int failed = record_prepare() < 0 || record_prepare_changed() < 0;
    PyObject *module = failed ? NULL : PyModule_Create(&module_definition);
    if (module == NULL || PyModule_AddIntConstant(module, "FIELD_COUNT_MAX", FIELD_COUNT_MAX) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
