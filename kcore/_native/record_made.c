/* Classes whose instances a call makes at once.
 *
 * A call of a class asks its `tp_vectorcall` first. `quicken` sets it for one class, to a function
 * that puts the arguments where `__new__` (of a named tuple) or `__init__` (of a dataclass with
 * slots) would put them. Whatever is not plain, a missing argument for one, takes the way of other
 * classes, which finds the words for it. Subclasses do not inherit it.
 */
#include "record.h"

static const char LAYOUT_NAME[] = "kcore._native.record.layout";
static PyObject *layout_key;

static void layout_free(PyObject *capsule) {
    Layout *layout = PyCapsule_GetPointer(capsule, LAYOUT_NAME);
    if (layout != NULL) {
        Py_DECREF(layout->names);
        Py_DECREF(layout->defaults);
        PyMem_Free(layout);
    }
}

/* The layout of a quickened class; NULL, with an error or without one, where there is none. */
const Layout *layout_of(PyTypeObject *type) {
    PyObject *capsule = PyDict_GetItemWithError(type->tp_dict, layout_key);
    return capsule == NULL ? NULL : PyCapsule_GetPointer(capsule, LAYOUT_NAME);
}

/* The field that a keyword names, looked for from `guess` on, as most come in order; or -1. */
Py_ssize_t field_named(const Layout *layout, PyObject *name, Py_ssize_t guess) {
    for (Py_ssize_t i = 0; i < layout->count; i++) {
        Py_ssize_t place = guess + i < layout->count ? guess + i : guess + i - layout->count;
        if (PyTuple_GET_ITEM(layout->names, place) == name) {
            return place;
        }
    }
    return -1;
}

/* Every field's value, borrowed; 0 where the arguments do not fit or a name is not interned. */
static int values_given(const Layout *layout, PyObject *const *args, Py_ssize_t given,
                        PyObject *keywords, PyObject **values) {
    Py_ssize_t count = layout->count;
    Py_ssize_t keyword_count = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
    if (given + keyword_count > count) {
        return 0;
    }
    Py_ssize_t first_default = count - PyTuple_GET_SIZE(layout->defaults);
    for (Py_ssize_t i = 0; i < count; i++) {
        values[i] = i < given ? args[i] : NULL;
    }
    Py_ssize_t guess = given;
    for (Py_ssize_t i = 0; i < keyword_count; i++) {
        Py_ssize_t place = field_named(layout, PyTuple_GET_ITEM(keywords, i), guess);
        if (place < 0 || values[place] != NULL) {
            return 0;
        }
        values[place] = args[given + i];
        guess = place + 1;
    }
    for (Py_ssize_t i = given; i < count; i++) {
        if (values[i] == NULL) {
            if (i < first_default) {
                return 0;
            }
            values[i] = PyTuple_GET_ITEM(layout->defaults, i - first_default);
        }
    }
    return 1;
}

/* A call as other classes answer it. */
static PyObject *call_as_others(PyObject *type, PyObject *const *args, Py_ssize_t given,
                                PyObject *keywords) {
    PyObject *positional = PyTuple_New(given), *named = NULL, *made = NULL;
    if (positional == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < given; i++) {
        PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    }
    if (keywords != NULL) {
        named = PyDict_New();
        for (Py_ssize_t i = 0; named != NULL && i < PyTuple_GET_SIZE(keywords); i++) {
            if (PyDict_SetItem(named, PyTuple_GET_ITEM(keywords, i), args[given + i]) < 0) {
                Py_CLEAR(named);
            }
        }
    }
    if (keywords == NULL || named != NULL) {
        made = PyType_Type.tp_call(type, positional, named);
    }
    Py_XDECREF(named);
    Py_DECREF(positional);
    return made;
}

static PyObject *record_made(PyObject *self, PyObject *const *args, size_t flagged,
                             PyObject *keywords) {
    PyTypeObject *type = (PyTypeObject *)self;
    Py_ssize_t given = PyVectorcall_NARGS(flagged);
    const Layout *layout = layout_of(type);
    if (layout == NULL) {
        return PyErr_Occurred() ? NULL : call_as_others(self, args, given, keywords);
    }
    PyObject *values[FIELD_COUNT_MAX];
    if (!values_given(layout, args, given, keywords, values)) {
        return call_as_others(self, args, given, keywords);
    }
    PyObject *made = type->tp_alloc(type, layout->is_tuple ? layout->count : 0);
    for (Py_ssize_t i = 0; made != NULL && i < layout->count; i++) {
        if (layout->is_tuple) {
            PyTuple_SET_ITEM(made, i, Py_NewRef(values[i]));
        } else {
            *(PyObject **)((char *)made + layout->offsets[i]) = Py_NewRef(values[i]);
        }
    }
    return made;
}

/* Where the slot of this name lies in instances; -1 with an error where there is none. */
Py_ssize_t slot_offset(PyObject *type, PyObject *name) {
    PyObject *found = PyObject_GetAttr(type, name);
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_ssize_t offset = -1;
    if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type)) {
        const PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        int is_own = PyType_IsSubtype((PyTypeObject *)type, PyDescr_TYPE(found));
        offset = is_own && member->type == T_OBJECT_EX ? member->offset : -1;
    }
    Py_XDECREF(found);
    if (offset < 0) {
        PyErr_Format(PyExc_TypeError, "%S has no slot %R", type, name);
    }
    return offset;
}

static int layout_fill(Layout *layout, PyObject *type, PyObject *names) {
    for (Py_ssize_t i = 0; i < layout->count; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (!PyUnicode_CheckExact(name)) {
            PyErr_SetString(PyExc_TypeError, "names are texts");
            return -1;
        }
        Py_INCREF(name);
        PyUnicode_InternInPlace(&name);
        PyTuple_SET_ITEM(layout->names, i, name);
        if (!layout->is_tuple && (layout->offsets[i] = slot_offset(type, name)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The layout in a capsule that owns it. */
static PyObject *layout_new(PyObject *type, PyObject *names, PyObject *defaults) {
    Layout *layout = PyMem_Calloc(1, sizeof(Layout));
    if (layout == NULL) {
        return PyErr_NoMemory();
    }
    layout->count = PyTuple_GET_SIZE(names);
    layout->is_tuple = PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type);
    layout->defaults = Py_NewRef(defaults);
    layout->names = PyTuple_New(layout->count);
    if (layout->names != NULL && layout_fill(layout, type, names) == 0) {
        PyObject *capsule = PyCapsule_New(layout, LAYOUT_NAME, layout_free);
        if (capsule != NULL) {
            return capsule;
        }
    }
    Py_XDECREF(layout->names);
    Py_DECREF(layout->defaults);
    PyMem_Free(layout);
    return NULL;
}

/* quicken(type, names, defaults) */
PyObject *record_quicken(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *type, *names, *defaults;
    if (!PyArg_ParseTuple(args, "O!O!O!:quicken", &PyType_Type, &type, &PyTuple_Type, &names,
                          &PyTuple_Type, &defaults)) {
        return NULL;
    }
    if (!Py_IS_TYPE(type, &PyType_Type) ||
        !PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HEAPTYPE)) {
        return PyErr_Format(PyExc_TypeError, "%S is not an ordinary class", type);
    }
    if (PyTuple_GET_SIZE(names) > FIELD_COUNT_MAX ||
        PyTuple_GET_SIZE(defaults) > PyTuple_GET_SIZE(names)) {
        return PyErr_Format(PyExc_TypeError, "%S has too many fields or defaults", type);
    }
    PyObject *capsule = layout_new(type, names, defaults);
    if (capsule == NULL || PyObject_SetAttr(type, layout_key, capsule) < 0) {
        Py_XDECREF(capsule);
        return NULL;
    }
    Py_DECREF(capsule);
    ((PyTypeObject *)type)->tp_vectorcall = record_made;
    Py_RETURN_NONE;
}

int record_prepare(void) {
    layout_key = PyUnicode_InternFromString("__record_layout__");
    return layout_key == NULL ? -1 : 0;
}
