/* Copies of records with some slots or fields changed.
 *
 * A class statement with `__slots__` lays its instances out as a header and one reference after the
 * other, and says in `tp_members` where each lies. A class whose instances hold anything else is
 * refused, so an instance is copied from the first reference to the last. A named tuple says where
 * its fields lie when its class is quickened.
 *
 * Where the changes go is looked up by name the first time that one place in a program changes
 * instances of one class, and remembered for the next times.
 *
 * The collector of circles looks at everything that holds references, again and again while it is
 * young. What is known to be in no circle is taken off its list: it goes when nobody holds it.
 */
#include "record.h"

enum { WAY_COUNT = 64, STEP_COUNT_MAX = 16 };

/* Where changes of these names go in instances of this class. */
typedef struct {
    const PyTypeObject *type; /* Only compared: a class is gone when its version is. */
    unsigned int version;     /* The interpreter gives no number twice; 0: nothing is known. */
    PyObject *names;          /* The very tuple of keywords that a call passes; owned. */
    int acyclic;
    Py_ssize_t offsets[STEP_COUNT_MAX];
} Way;

static Way ways[WAY_COUNT];
static PyObject *acyclic_key;

/* Whether instances of the class are slots and nothing else. */
static int is_record_type(const PyTypeObject *type) {
    Py_ssize_t size = sizeof(PyObject);
    for (const PyTypeObject *base = type; base != &PyBaseObject_Type; base = base->tp_base) {
        if (!PyType_HasFeature((PyTypeObject *)base, Py_TPFLAGS_HEAPTYPE)) {
            return 0;
        }
        for (const PyMemberDef *member = base->tp_members; member->name != NULL; member++) {
            if (member->type != T_OBJECT_EX || member->flags != 0) {
                return 0;
            }
            size += sizeof(PyObject *);
        }
    }
    return size == type->tp_basicsize && type->tp_itemsize == 0 && type->tp_dictoffset == 0 &&
           type->tp_weaklistoffset == 0;
}

/* Whether the class itself, not one it is derived from, was said to be in no circle; -1: error. */
static int is_acyclic(const PyTypeObject *type) {
    PyObject *found = PyDict_GetItemWithError(type->tp_dict, acyclic_key);
    return found != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

/* A copy of an instance of a record type: a new reference. */
static PyObject *record_copied(PyObject *record, int acyclic) {
    PyTypeObject *type = Py_TYPE(record);
    /* Not by `tp_alloc`, which clears what is filled here, and tells the collector at once. */
    PyObject *copy = PyType_IS_GC(type) ? PyObject_GC_New(PyObject, type) : type->tp_alloc(type, 0);
    if (copy != NULL) {
        PyObject **from = (PyObject **)(record + 1), **to = (PyObject **)(copy + 1);
        Py_ssize_t count = (type->tp_basicsize - sizeof(PyObject)) / sizeof(PyObject *);
        for (Py_ssize_t i = 0; i < count; i++) {
            to[i] = Py_XNewRef(from[i]);
        }
        if (!acyclic && PyType_IS_GC(type)) {
            PyObject_GC_Track(copy);
        }
    }
    return copy;
}

static unsigned int version_of(const PyTypeObject *type) {
    int is_valid = PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_VALID_VERSION_TAG);
    return is_valid ? (unsigned int)type->tp_version_tag : 0;
}

static Way *way_for(const PyTypeObject *type, const PyObject *names) {
    uintptr_t mixed = ((uintptr_t)type >> 4) * 31 + ((uintptr_t)names >> 4);
    return &ways[mixed % WAY_COUNT];
}

/* Remember where the changes go, if every name is that of a slot. */
static void way_learn(PyTypeObject *type, PyObject *names, int acyclic) {
    Way way = {.type = type, .version = version_of(type), .acyclic = acyclic};
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    if (way.version == 0 || count > STEP_COUNT_MAX) {
        return;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        way.offsets[i] = slot_offset((PyObject *)type, PyTuple_GET_ITEM(names, i));
        if (way.offsets[i] < 0) {
            PyErr_Clear();
            return;
        }
    }
    way.names = Py_NewRef(names);
    Way *known = way_for(type, names);
    PyObject *forgotten = known->names;
    *known = way;
    Py_XDECREF(forgotten);
}

/* A copy, changed where names lead that nobody has followed yet. */
static PyObject *changed_by_name(PyObject *record, PyObject *names, PyObject *const *values) {
    PyTypeObject *type = Py_TYPE(record);
    if (!is_record_type(type)) {
        PyErr_Format(PyExc_TypeError, "%s is no record: it is made of more than slots",
                     type->tp_name);
        return NULL;
    }
    int acyclic = is_acyclic(type);
    if (acyclic < 0) {
        return NULL;
    }
    PyObject *copy = record_copied(record, acyclic);
    Py_ssize_t changes_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < changes_count && copy != NULL; i++) {
        if (PyObject_GenericSetAttr(copy, PyTuple_GET_ITEM(names, i), values[i]) < 0) {
            Py_CLEAR(copy);
        }
    }
    if (names != NULL && copy != NULL) {
        way_learn(type, names, acyclic);
    }
    return copy;
}

/* Where the field of this name lies in a named tuple; -1 with an error where there is none. */
static Py_ssize_t field_place(PyObject *record, const Layout *layout, PyObject *name,
                              Py_ssize_t guess) {
    Py_ssize_t place = field_named(layout, name, guess);
    if (place >= 0) {
        return place;
    }
    for (place = 0; place < layout->count; place++) { /* The name may not be interned. */
        if (PyUnicode_Compare(PyTuple_GET_ITEM(layout->names, place), name) == 0) {
            return place;
        }
    }
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                 Py_TYPE(record)->tp_name, name);
    return -1;
}

/* A copy of a named tuple with the values in the fields of these names: a new reference. */
static PyObject *tuple_changed(PyObject *record, PyObject *names, PyObject *const *values) {
    PyTypeObject *type = Py_TYPE(record);
    const Layout *layout = layout_of(type);
    if (layout == NULL || PyTuple_GET_SIZE(record) != layout->count) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "%s is no record: it is made of more than slots",
                         type->tp_name);
        }
        return NULL;
    }
    PyObject *copy = type->tp_alloc(type, layout->count);
    for (Py_ssize_t i = 0; copy != NULL && i < layout->count; i++) {
        PyTuple_SET_ITEM(copy, i, Py_NewRef(PyTuple_GET_ITEM(record, i)));
    }
    Py_ssize_t changes_count = names == NULL ? 0 : PyTuple_GET_SIZE(names), guess = 0;
    for (Py_ssize_t i = 0; copy != NULL && i < changes_count; i++) {
        Py_ssize_t place = field_place(record, layout, PyTuple_GET_ITEM(names, i), guess);
        if (place < 0) {
            Py_CLEAR(copy);
        } else {
            PyObject *old = PyTuple_GET_ITEM(copy, place);
            PyTuple_SET_ITEM(copy, place, Py_NewRef(values[i]));
            Py_DECREF(old); /* The record still holds it. */
            guess = place + 1;
        }
    }
    return copy;
}

/* acyclic(type) */
PyObject *record_acyclic(PyObject *Py_UNUSED(module), PyObject *type) {
    if (!PyType_Check(type) || !is_record_type((PyTypeObject *)type)) {
        return PyErr_Format(PyExc_TypeError, "%R is no class of records", type);
    }
    if (PyObject_SetAttr(type, acyclic_key, Py_True) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

int record_prepare_changed(void) {
    acyclic_key = PyUnicode_InternFromString("__record_acyclic__");
    return acyclic_key == NULL ? -1 : 0;
}

/* changed(record, **slots) */
PyObject *record_changed(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count,
                         PyObject *names) {
    if (count != 1) {
        PyErr_Format(PyExc_TypeError, "changed() takes one record, not %zd", count);
        return NULL;
    }
    PyObject *record = args[0], *const *values = args + 1;
    if (PyTuple_Check(record)) {
        return tuple_changed(record, names, values);
    }
    const Way *way = way_for(Py_TYPE(record), names);
    if (names == NULL || way->names != names || way->type != Py_TYPE(record) ||
        way->version != version_of(Py_TYPE(record))) {
        return changed_by_name(record, names, values);
    }
    PyObject *copy = record_copied(record, way->acyclic);
    for (Py_ssize_t i = 0; copy != NULL && i < PyTuple_GET_SIZE(names); i++) {
        PyObject **slot = (PyObject **)((char *)copy + way->offsets[i]);
        Py_XSETREF(*slot, Py_NewRef(values[i]));
    }
    return copy;
}
