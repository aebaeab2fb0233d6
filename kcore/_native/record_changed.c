/* Copies of records with some slots or fields changed.
 *
 * A class statement with `__slots__` lays its instances out as a header and one reference after the
 * other, and says in `tp_members` where each lies. Copying is walking those tables, of the class and
 * of those it is derived from; a class whose instances hold anything else is refused.
 * A named tuple says where its fields lie when its class is quickened.
 */
#include "record.h"

/* Where the slot `member` of `record` is. */
static inline PyObject **slot_of(PyObject *record, const PyMemberDef *member) {
    return (PyObject **)((char *)record + member->offset);
}

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

/* A copy of the record: a new reference. */
static PyObject *record_copied(PyObject *record) {
    PyTypeObject *type = Py_TYPE(record);
    if (!is_record_type(type)) {
        PyErr_Format(PyExc_TypeError, "%s is no record: it is made of more than slots",
                     type->tp_name);
        return NULL;
    }
    PyObject *copy = type->tp_alloc(type, 0);
    if (copy == NULL) {
        return NULL;
    }
    for (const PyTypeObject *base = type; base != &PyBaseObject_Type; base = base->tp_base) {
        for (const PyMemberDef *member = base->tp_members; member->name != NULL; member++) {
            *slot_of(copy, member) = Py_XNewRef(*slot_of(record, member));
        }
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

/* changed(record, **slots) */
PyObject *record_changed(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count,
                         PyObject *names) {
    if (count != 1) {
        PyErr_Format(PyExc_TypeError, "changed() takes one record, not %zd", count);
        return NULL;
    }
    if (PyTuple_Check(args[0])) {
        return tuple_changed(args[0], names, args + 1);
    }
    PyObject *copy = record_copied(args[0]);
    Py_ssize_t changes_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < changes_count && copy != NULL; i++) {
        if (PyObject_GenericSetAttr(copy, PyTuple_GET_ITEM(names, i), args[1 + i]) < 0) {
            Py_CLEAR(copy);
        }
    }
    return copy;
}
