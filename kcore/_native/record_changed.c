/* Copies of records with some slots changed.
 *
 * A class statement with `__slots__` lays its instances out as a header and one reference after the
 * other, and says in `tp_members` where each lies. Copying is walking those tables, of the class and
 * of those it is derived from; a class whose instances hold anything else is refused.
 *
 * The collector of circles looks at everything that holds references, again and again while it is
 * young. What is known to be in no circle is taken off its list: it goes when nobody holds it.
 */
#include "record.h"

static PyObject *acyclic_key;

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

/* Whether the class itself, not one it is derived from, was said to be in no circle; -1: error. */
static int is_acyclic(const PyTypeObject *type) {
    PyObject *found = PyDict_GetItemWithError(type->tp_dict, acyclic_key);
    return found != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
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
    PyObject *copy = record_copied(args[0]);
    Py_ssize_t changes_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < changes_count && copy != NULL; i++) {
        if (PyObject_GenericSetAttr(copy, PyTuple_GET_ITEM(names, i), args[1 + i]) < 0) {
            Py_CLEAR(copy);
        }
    }
    if (copy == NULL) {
        return NULL;
    }
    int acyclic = is_acyclic(Py_TYPE(copy));
    if (acyclic > 0) {
        PyObject_GC_UnTrack(copy);
    } else if (acyclic < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}
