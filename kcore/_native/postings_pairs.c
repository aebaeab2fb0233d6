/* Maps of texts as they come from Python: frozen ones, dicts, or anything with items().
 *
 * A value that is null counts as absent. Keys must be str; a value that is no str is passed on as
 * NULL: the key is there, with no text.
 */
#include "frozen.h"
#include "postings.h"

static PyTypeObject *frozen_map; /* The compiled one, or NULL where it is not built. */

/* Whether a map of the frozen kernel is laid out as this kernel was compiled to believe. */
static int is_laid_out(PyObject *module, PyObject *key) {
    PyObject *map = PyObject_CallMethod(module, "freeze", "{O:O}", key, Py_True);
    Node *node = (Node *)map;
    int agrees = map != NULL && node->shape->key_count == 1 && node->shape->keys[0] == key &&
                 node->slots[0] == Py_True;
    Py_XDECREF(map);
    return agrees;
}

/* Learn the type of frozen maps. Where they are not built none can come; where they were built
 * from another header they are read like any mapping. */
int pairs_ready(void) {
    PyObject *module = PyImport_ImportModule("kcore._native.frozen");
    if (module == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    PyObject *key = PyUnicode_InternFromString("app");
    PyObject *type = key == NULL ? NULL : PyObject_GetAttrString(module, "FrozenMap");
    if (type != NULL && PyType_Check(type) && is_laid_out(module, key)) {
        frozen_map = (PyTypeObject *)Py_NewRef(type);
    }
    Py_XDECREF(type);
    Py_XDECREF(key);
    Py_DECREF(module);
    return PyErr_Occurred() ? -1 : 0;
}

static int visit_inexact(PyObject *key, PyObject *value, PairVisit visit,
                         void *context) {
    if (!PyUnicode_Check(key)) {
        PyErr_Format(PyExc_TypeError, "keys must be str, not %.100s", Py_TYPE(key)->tp_name);
        return -1;
    }
    PyObject *text = NULL, *name = PyUnicode_FromObject(key);
    int has_text = PyUnicode_Check(value);
    if (name != NULL && has_text) {
        text = PyUnicode_FromObject(value);
    }
    int status = name == NULL || (has_text && text == NULL) ? -1 : visit(name, text, context);
    Py_XDECREF(name);
    Py_XDECREF(text);
    return status;
}

static inline int visit_pair(PyObject *key, PyObject *value, PairVisit visit, void *context) {
    if (value == Py_None) {
        return 0;
    }
    if (PyUnicode_CheckExact(key) && PyUnicode_CheckExact(value)) {
        return visit(key, value, context);
    }
    return visit_inexact(key, value, visit, context);
}

static int dict_each(PyObject *pairs, PairVisit visit, void *context) {
    PyObject *key, *value;
    Py_ssize_t place = 0;
    int status = 0;
    while (status == 0 && PyDict_Next(pairs, &place, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        status = visit_pair(key, value, visit, context);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return status;
}

static int mapping_each(PyObject *pairs, PairVisit visit, void *context) {
    PyObject *items = PyMapping_Items(pairs);
    int status = items == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
            PyErr_SetString(PyExc_TypeError, "items() must give pairs");
            status = -1;
        } else {
            status = visit_pair(PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), visit,
                                context);
        }
    }
    Py_XDECREF(items);
    return status;
}

/* Visit every pair of a map (None: empty) until a visit does not return 0, which is returned. */
int pairs_each(PyObject *pairs, PairVisit visit, void *context) {
    int status = 0;
    if (frozen_map != NULL && Py_IS_TYPE(pairs, frozen_map)) {
        Node *node = (Node *)pairs;
        for (Py_ssize_t i = 0; status == 0 && i < node->shape->key_count; i++) {
            status = visit_pair(node->shape->keys[i], node->slots[i], visit, context);
        }
        return status;
    }
    if (pairs == Py_None) {
        return 0;
    }
    return PyDict_Check(pairs) ? dict_each(pairs, visit, context)
                               : mapping_each(pairs, visit, context);
}

/* Whether a map (None: empty) has exactly this text (NULL: something that is no text) at `key`. */
int pairs_have(PyObject *pairs, PyObject *key, PyObject *text) {
    PyObject *found = NULL;
    if (pairs == Py_None) {
        return 0;
    }
    if (PyDict_CheckExact(pairs)) {
        found = Py_XNewRef(PyDict_GetItemWithError(pairs, key));
    } else {
        int known = PySequence_Contains(pairs, key);
        found = known == 1 ? PyObject_GetItem(pairs, key) : NULL;
    }
    if (found == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int is_same = found != Py_None && (text == NULL ? !PyUnicode_Check(found) : found == text);
    if (!is_same && text != NULL && PyUnicode_Check(found)) {
        is_same = PyUnicode_Compare(found, text) == 0;
    }
    Py_DECREF(found);
    return is_same;
}
