/* The module kcore._native.postings: its types, start-up, and switches for tests. */
#include "postings.h"

static PyObject *module_loops(PyObject *module, PyObject *args) {
    (void)module;
    const char *wanted = NULL;
    if (!PyArg_ParseTuple(args, "|s:_loops", &wanted)) {
        return NULL;
    }
    if (wanted != NULL && !words_ready(wanted)) {
        return PyErr_Format(PyExc_ValueError, "this processor has no loops called %s", wanted);
    }
    return PyUnicode_FromString(word_loops->name);
}

static PyObject *module_limit_hashes(PyObject *module, PyObject *args) {
    (void)module;
    int bits;
    if (!PyArg_ParseTuple(args, "i:_limit_hashes", &bits)) {
        return NULL;
    }
    trie_hash_limit(bits);
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"_loops", module_loops, METH_VARARGS,
     "_loops(wanted='', /)\n--\n\nChoose the loops over words, if asked; the name of those used."},
    {"_limit_hashes", module_limit_hashes, METH_VARARGS,
     "_limit_hashes(bits, /)\n--\n\nLet hashes of texts collide; only while no postings exist."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kcore._native.postings",
    .m_doc = "Compressed sets of small integers, and maps from texts to them.",
    .m_size = -1, /* Process-wide state: see postings.h. */
    .m_methods = module_methods,
};

PyMODINIT_FUNC PyInit_postings(void) {
    words_ready(NULL);
    if (sets_ready() < 0) {
        return PyErr_NoMemory();
    }
    if (pairs_ready() < 0 || PyType_Ready(&Bitmap_Type) < 0 ||
        PyType_Ready(&BitmapIterator_Type) < 0 || PyType_Ready(&Postings_Type) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_def);
    if (module != NULL &&
        (PyModule_AddObjectRef(module, "Bitmap", (PyObject *)&Bitmap_Type) < 0 ||
         PyModule_AddObjectRef(module, "Postings", (PyObject *)&Postings_Type) < 0)) {
        Py_CLEAR(module);
    }
    return module;
}
