/* The module kcore._native.frozen: functions, constants, start-up. */
#include "frozen.h"

static PyObject *blake2b; /* hashlib's, called with digest_size=8. */

static PyObject *module_freeze(PyObject *module, PyObject *value) {
    (void)module;
    return value_freeze(value, 0);
}

static PyObject *module_thaw(PyObject *module, PyObject *value) {
    (void)module;
    return value_thaw(value);
}

/* The value of the one keyword argument a function takes, NULL if it was not given.
 *
 * -1 with TypeError for another number of arguments or another name.
 */
static int only_keyword(PyObject *const *args, Py_ssize_t count, PyObject *names,
                        const char *function, const char *name, PyObject **value) {
    Py_ssize_t name_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    *value = name_count == 1 ? args[count] : NULL;
    if (count != 1 || name_count > 1 ||
        (name_count == 1 &&
         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), name) != 0)) {
        PyErr_Format(PyExc_TypeError, "%s() takes one argument and %s=", function, name);
        return -1;
    }
    return 0;
}

static PyObject *module_loads(PyObject *module, PyObject *const *args, Py_ssize_t count,
                              PyObject *names) {
    (void)module;
    PyObject *limit;
    Py_ssize_t bytes_max = PY_SSIZE_T_MAX;
    if (only_keyword(args, count, names, "loads", "bytes_max", &limit) < 0) {
        return NULL;
    }
    if (limit != NULL && limit != Py_None) {
        bytes_max = PyNumber_AsSsize_t(limit, NULL); /* Clipped: no text is that long. */
        if (bytes_max == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    return json_read(args[0], bytes_max);
}

static PyObject *module_dumps(PyObject *module, PyObject *const *args, Py_ssize_t count,
                              PyObject *names) {
    (void)module;
    PyObject *choice;
    if (only_keyword(args, count, names, "dumps", "html_escapes", &choice) < 0) {
        return NULL;
    }
    int html_escapes = choice == NULL ? 0 : PyObject_IsTrue(choice);
    return html_escapes < 0 ? NULL : json_write(args[0], html_escapes);
}

static PyObject *digest_of(PyObject *text) {
    PyObject *args = PyTuple_Pack(1, text), *digest = NULL;
    PyObject *names = args == NULL ? NULL : Py_BuildValue("{s:i}", "digest_size", 8);
    PyObject *hash = names == NULL ? NULL : PyObject_Call(blake2b, args, names);
    if (hash != NULL) {
        digest = PyObject_CallMethod(hash, "digest", NULL);
    }
    Py_XDECREF(args);
    Py_XDECREF(names);
    Py_XDECREF(hash);
    return digest;
}

static PyObject *module_content_hash(PyObject *module, PyObject *value) {
    (void)module;
    unsigned long long number = 0;
    PyObject *text = json_write(value, 0);
    PyObject *digest = text == NULL ? NULL : digest_of(text);
    Py_XDECREF(text);
    if (digest == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(digest) || PyBytes_GET_SIZE(digest) != 8) {
        Py_DECREF(digest);
        PyErr_SetString(PyExc_SystemError, "blake2b returned no 8 bytes");
        return NULL;
    }
    for (int i = 0; i < 8; i++) { /* Big-endian. */
        number = number << 8 | (unsigned char)PyBytes_AS_STRING(digest)[i];
    }
    Py_DECREF(digest);
    return PyLong_FromUnsignedLongLong(number);
}

static PyObject *module_shapes_live(PyObject *module, PyObject *ignored) {
    (void)module;
    (void)ignored;
    return shapes_live();
}

static PyObject *module_release(PyObject *module, PyObject *ignored) {
    (void)module;
    (void)ignored;
    json_release();
    Py_RETURN_NONE;
}

static PyObject *module_check_caches(PyObject *module, PyObject *ignored) {
    (void)module;
    (void)ignored;
    if (caches_check() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"freeze", module_freeze, METH_O,
     "freeze(value, /)\n--\n\nTurn dicts, lists, tuples and scalars into a value."},
    {"thaw", module_thaw, METH_O,
     "thaw(value, /)\n--\n\nFresh dicts and lists with the content of value."},
    {"loads", (PyCFunction)(void (*)(void))module_loads, METH_FASTCALL | METH_KEYWORDS,
     "loads(data, /, *, bytes_max=None)\n--\n\nJSON text to a value."},
    {"dumps", (PyCFunction)(void (*)(void))module_dumps, METH_FASTCALL | METH_KEYWORDS,
     "dumps(value, /, *, html_escapes=False)\n--\n\nCompact JSON in UTF-8."},
    {"diff", (PyCFunction)(void (*)(void))value_diff, METH_FASTCALL,
     "diff(old, new, /)\n--\n\nWhat changed, as (path, old, new) in path order."},
    {"content_hash", module_content_hash, METH_O,
     "content_hash(value, /)\n--\n\nThe same 64 bits for the same content in every process."},
    {"is_dns_subdomain", module_is_subdomain, METH_O,
     "is_dns_subdomain(text, /)\n--\n\nWhether it is labels joined by dots, 253 at most."},
    {"check_invariants", module_check, METH_O,
     "check_invariants(value, /)\n--\n\nVerify everything that must hold of a value; for tests."},
    {"_shapes_live", module_shapes_live, METH_NOARGS,
     "_shapes_live()\n--\n\nHow many key sets are held; for leak tests."},
    {"_check_caches", module_check_caches, METH_NOARGS,
     "_check_caches()\n--\n\nVerify everything that must hold of what is remembered; for tests."},
    {"_release_caches", module_release, METH_NOARGS,
     "_release_caches()\n--\n\nForget what was remembered of texts; for leak tests."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kcore._native.frozen",
    .m_doc = "Immutable JSON trees, compiled; kcore._native.reference.frozen is the readable twin.",
    .m_size = -1, /* Process-wide tables: see frozen.h. */
    .m_methods = module_methods,
};

static int types_ready(void) {
    PyTypeObject *types[] = {&FrozenMap_Type, &FrozenList_Type, &Iterator_Type, &Keys_Type,
                             &Values_Type,    &Items_Type,      &Absent_Type,   &JSONError_Type,
                             &Path_Type,      &Paths_Type,      &Strings_Type,  &Patch_Type,
                             &Template_Type,  &GuardedPatch_Type, &Method_Type,
                             &NamedTexts_Type, &Wording_Type};
    JSONError_Type.tp_base = (PyTypeObject *)PyExc_ValueError;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (PyType_Ready(types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Tell collections.abc what the types are. */
static int abc_register(const char *abc_name, PyTypeObject *type) {
    PyObject *module = PyImport_ImportModule("collections.abc"), *result = NULL;
    PyObject *abc = module == NULL ? NULL : PyObject_GetAttrString(module, abc_name);
    if (abc != NULL) {
        result = PyObject_CallMethod(abc, "register", "O", type);
    }
    Py_XDECREF(module);
    Py_XDECREF(abc);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int abcs_ready(void) {
    return abc_register("Mapping", &FrozenMap_Type) < 0 ||
                   abc_register("Sequence", &FrozenList_Type) < 0 ||
                   abc_register("KeysView", &Keys_Type) < 0 ||
                   abc_register("ValuesView", &Values_Type) < 0 ||
                   abc_register("ItemsView", &Items_Type) < 0
               ? -1
               : 0;
}

/* Values every other file relies on; made once, kept until the process ends. */
static int constants_ready(void) {
    if (frozen_empty_map != NULL) {
        return 0; /* A second import of the module shares them. */
    }
    if (map_names_ready() < 0) {
        return -1;
    }
    PyObject *hashlib = PyImport_ImportModule("hashlib");
    blake2b = hashlib == NULL ? NULL : PyObject_GetAttrString(hashlib, "blake2b");
    Py_XDECREF(hashlib);
    frozen_absent = (PyObject *)PyObject_New(PyObject, &Absent_Type);
    if (blake2b == NULL || frozen_absent == NULL) {
        return -1;
    }
    Shape *shape = shape_of(NULL, 0);
    Node *map = shape == NULL ? NULL : map_alloc(shape);
    Node *list = map == NULL ? NULL : list_alloc(0);
    if (list == NULL) {
        Py_XDECREF(map);
        return -1;
    }
    frozen_empty_list = node_finish(list);
    frozen_empty_map = node_finish(map);
    return 0;
}

static int module_fill(PyObject *module) {
    struct {
        const char *name;
        PyObject *value;
    } entries[] = {
        {"FrozenMap", (PyObject *)&FrozenMap_Type},
        {"FrozenList", (PyObject *)&FrozenList_Type},
        {"JSONError", (PyObject *)&JSONError_Type},
        {"Path", (PyObject *)&Path_Type},
        {"Paths", (PyObject *)&Paths_Type},
        {"Strings", (PyObject *)&Strings_Type},
        {"Patch", (PyObject *)&Patch_Type},
        {"GuardedPatch", (PyObject *)&GuardedPatch_Type},
        {"Template", (PyObject *)&Template_Type},
        {"NamedTexts", (PyObject *)&NamedTexts_Type},
        {"Wording", (PyObject *)&Wording_Type},
        {"ABSENT", frozen_absent},
        {"EMPTY_MAP", frozen_empty_map},
        {"EMPTY_LIST", frozen_empty_list},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (PyModule_AddObjectRef(module, entries[i].name, entries[i].value) < 0) {
            return -1;
        }
    }
    return PyModule_AddIntConstant(module, "DEPTH_COUNT_MAX", DEPTH_COUNT_MAX);
}

PyMODINIT_FUNC PyInit_frozen(void) {
    if (types_ready() < 0 || frozen_freeze_ready() < 0 || constants_ready() < 0 ||
        abcs_ready() < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_def);
    if (module != NULL && module_fill(module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
