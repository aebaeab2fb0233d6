/* Reading one slot of one object after the other.
 *
 * Reading an attribute looks its name up in the class, and asks what is found there. A slot lies at
 * the same place in all instances of a class, so whoever reads the same slot of many looks the
 * place up once. Any other attribute is read as usual.
 */

#ifndef KCORE_SLOT_PLACE_H
#define KCORE_SLOT_PLACE_H

#include <Python.h>
#include <structmember.h>

typedef struct {
    const PyTypeObject *type; /* Only compared: a class is gone when its version is. */
    unsigned int version;     /* The interpreter gives no number twice. */
    Py_ssize_t offset;
} SlotPlace;

static inline int slot_is_known(const SlotPlace *place, const PyTypeObject *type) {
    return place->type == type && place->version == (unsigned int)type->tp_version_tag &&
           PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_VALID_VERSION_TAG);
}

/* Read the attribute as usual, and remember where it lies if it is a slot. */
static PyObject *slot_found(PyObject *object, PyObject *name, SlotPlace *place) {
    PyTypeObject *type = Py_TYPE(object);
    place->type = NULL;
    if (type->tp_getattro == PyObject_GenericGetAttr) {
        PyObject *found = _PyType_Lookup(type, name); /* Borrowed. */
        if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type)) {
            const PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
            if (member->type == T_OBJECT_EX &&
                PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG)) {
                place->type = type;
                place->version = (unsigned int)type->tp_version_tag;
                place->offset = member->offset;
            }
        }
    }
    return PyObject_GetAttr(object, name);
}

/* The attribute `name`: a new reference, or NULL with an exception. One name for each place. */
static inline PyObject *slot_read(PyObject *object, PyObject *name, SlotPlace *place) {
    if (slot_is_known(place, Py_TYPE(object))) {
        PyObject *value = *(PyObject **)((char *)object + place->offset);
        if (value != NULL) return Py_NewRef(value);
    }
    return slot_found(object, name, place);
}

#endif
