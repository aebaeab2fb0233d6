/* Python values in (freeze) and out (thaw).
 *
 * Freezing may run user code (a Mapping's __getitem__), so nothing here holds a borrowed reference
 * across such a call and no shared table is half-changed while it runs.
 */
#include "frozen_json.h"

PyObject *frozen_mapping_abc;

enum { LOCAL_PAIR_COUNT = 16 };

/* A type's __name__, for messages. */
const char *type_name(PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    const char *dot = strrchr(type->tp_name, '.');
    return dot == NULL || PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) ? type->tp_name : dot + 1;
}

static int has_no_surrogate(PyObject *text) {
    if (PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND) {
        return 1;
    }
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 character = PyUnicode_READ(PyUnicode_KIND(text), data, i);
        if (Py_UNICODE_IS_SURROGATE(character)) {
            PyErr_Format(PyExc_ValueError, "lone surrogate at character %zd", i);
            return 0;
        }
    }
    return 1;
}

/* `text` (any str) as an exact str that UTF-8 can express: a new reference. */
PyObject *text_exact(PyObject *text) {
    PyObject *exact = PyUnicode_FromObject(text);
    if (exact != NULL && !has_no_surrogate(exact)) {
        Py_CLEAR(exact);
    }
    return exact;
}

static PyObject *int_exact(PyObject *value) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_ValueError, "integer does not fit 64 bits");
        return NULL;
    }
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (PyLong_CheckExact(value)) {
        Py_INCREF(value);
        return value;
    }
    return PyLong_FromLongLong(number);
}

static PyObject *float_exact(PyObject *value) {
    double number = PyFloat_AS_DOUBLE(value) + 0.0; /* -0.0 + 0.0 is 0.0 */
    if (number - number != 0.0) {
        PyObject *plain = PyFloat_FromDouble(number);
        if (plain != NULL) {
            PyErr_Format(PyExc_ValueError, "%R has no JSON form", plain);
            Py_DECREF(plain);
        }
        return NULL;
    }
    if (PyFloat_CheckExact(value) && number != 0.0) {
        Py_INCREF(value);
        return value;
    }
    return PyFloat_FromDouble(number);
}

/* A key as it stands in maps: a new reference, or NULL with an error. */
static PyObject *key_exact(PyObject *key) {
    if (!PyUnicode_Check(key)) {
        PyErr_Format(PyExc_TypeError, "map keys must be str, not %s", type_name(key));
        return NULL;
    }
    PyObject *exact = text_exact(key);
    PyObject *interned = exact == NULL ? NULL : key_interned(exact);
    Py_XDECREF(exact);
    return interned;
}

/* The map of raw pairs whose keys come in a known order; values are frozen in key order. */
static PyObject *map_along_order(const Pair *pairs, const Order *order, Py_ssize_t depth) {
    uint8_t places[ORDER_KEY_COUNT_MAX];
    Node *node = map_alloc(order->shape);
    for (Py_ssize_t i = 0; i < order->count; i++) {
        places[order->fields[i].slot] = (uint8_t)i;
    }
    for (Py_ssize_t slot = 0; node != NULL && slot < order->count; slot++) {
        node->slots[slot] = value_freeze(pairs[places[slot]].value, depth);
        if (node->slots[slot] == NULL) {
            Py_CLEAR(node);
        }
    }
    return node == NULL ? NULL : node_shared(node_finish(node));
}

/* Sort the raw pairs, freeze their values in key order, make the map. `*count` is what is left. */
static PyObject *map_from_unsorted(Pair *pairs, Py_ssize_t *count, Py_ssize_t depth) {
    Py_ssize_t kept = pairs_sort(pairs, *count);
    if (kept < 0) {
        return NULL;
    }
    *count = kept;
    for (Py_ssize_t i = 0; i < kept; i++) {
        PyObject *frozen = value_freeze(pairs[i].value, depth);
        if (frozen == NULL) {
            return NULL;
        }
        Py_SETREF(pairs[i].value, frozen);
    }
    return map_from_sorted(pairs, kept);
}

/* The map of raw pairs in any order. Consumes the pairs; their keys are interned. */
static PyObject *map_from_raw(Pair *pairs, Py_ssize_t count, Py_ssize_t depth) {
    PyObject *keys[ORDER_KEY_COUNT_MAX], *map;
    Py_ssize_t left = count;
    int is_short = count > 1 && count <= ORDER_KEY_COUNT_MAX;
    for (Py_ssize_t i = 0; i < count && is_short; i++) {
        keys[i] = pairs[i].key;
    }
    uint64_t hash = is_short ? order_hash(keys, count) : 0;
    Order *order = is_short ? order_find(hash, keys, count) : NULL;
    if (order != NULL) {
        order->pin_count++; /* Freezing may run code that reads other texts. */
        map = map_along_order(pairs, order, depth);
        order->pin_count--;
    } else {
        map = map_from_unsorted(pairs, &left, depth);
        if (map != NULL && is_short && left == count) {
            order_learn(hash, keys, count, ((Node *)map)->shape);
        }
    }
    pairs_drop(pairs, left);
    return map;
}

/* The pairs of an exact dict. No user code runs while they are collected. */
static Py_ssize_t dict_pairs(PyObject *dict, Pair *pairs) {
    PyObject *key, *value;
    Py_ssize_t position = 0, count = 0;
    while (PyDict_Next(dict, &position, &key, &value)) {
        PyObject *exact = key_exact(key);
        if (exact == NULL) {
            pairs_drop(pairs, count);
            return -1;
        }
        Py_INCREF(value);
        pairs[count++] = (Pair){exact, value};
    }
    return count;
}

static PyObject *dict_freeze(PyObject *dict, Py_ssize_t depth) {
    Pair local[LOCAL_PAIR_COUNT], *pairs = local;
    Py_ssize_t count = PyDict_GET_SIZE(dict);
    if (count > LOCAL_PAIR_COUNT && (pairs = PyMem_New(Pair, count)) == NULL) {
        return PyErr_NoMemory();
    }
    count = dict_pairs(dict, pairs);
    PyObject *map = count < 0 ? NULL : map_from_raw(pairs, count, depth);
    if (pairs != local) {
        PyMem_Free(pairs);
    }
    return map;
}

/* Any other mapping, asked the way Python code would: iterate, then read each key. */
static PyObject *mapping_freeze(PyObject *mapping, Py_ssize_t depth) {
    Pair *pairs = NULL;
    Py_ssize_t count = 0, size = 0;
    PyObject *map = NULL, *key, *keys = PyObject_GetIter(mapping);
    if (keys == NULL) {
        return NULL;
    }
    while ((key = PyIter_Next(keys)) != NULL) {
        if (count == size) {
            size = size * 2 + 8;
            Pair *wider = PyMem_Realloc(pairs, (size_t)size * sizeof *pairs);
            if (wider == NULL) {
                Py_DECREF(key);
                PyErr_NoMemory();
                goto done;
            }
            pairs = wider;
        }
        PyObject *exact = key_exact(key);
        PyObject *value = exact == NULL ? NULL : PyObject_GetItem(mapping, key);
        Py_DECREF(key);
        if (value == NULL) {
            Py_XDECREF(exact);
            goto done;
        }
        pairs[count++] = (Pair){exact, value};
    }
    if (!PyErr_Occurred()) {
        map = map_from_raw(pairs, count, depth);
        count = 0;
    }
done:
    pairs_drop(pairs, count);
    PyMem_Free(pairs);
    Py_DECREF(keys);
    return map;
}

/* An exact tuple, or a list that nobody else can reach. */
static PyObject *tuple_freeze(PyObject *tuple, Py_ssize_t depth) {
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    if (count == 0) {
        Py_INCREF(frozen_empty_list);
        return frozen_empty_list;
    }
    Node *node = list_alloc(count);
    for (Py_ssize_t i = 0; node != NULL && i < count; i++) {
        node->slots[i] = value_freeze(PyTuple_GET_ITEM(tuple, i), depth);
        if (node->slots[i] == NULL) {
            Py_CLEAR(node);
        }
    }
    return node == NULL ? NULL : node_shared(node_finish(node));
}

static PyObject *sequence_freeze(PyObject *sequence, Py_ssize_t depth) {
    /* A copy, because freezing an item may run code that changes the list. */
    PyObject *tuple = PySequence_Tuple(sequence);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *list = tuple_freeze(tuple, depth);
    Py_DECREF(tuple);
    return list;
}

static PyObject *container_freeze(PyObject *value, Py_ssize_t depth) {
    if (depth + 1 > DEPTH_COUNT_MAX) {
        PyErr_SetString(PyExc_ValueError, TOO_DEEP_TEXT);
        return NULL;
    }
    if (PyDict_CheckExact(value)) {
        return dict_freeze(value, depth + 1);
    }
    int is_mapping = PyList_CheckExact(value) || PyTuple_CheckExact(value)
                         ? 0
                         : PyObject_IsInstance(value, frozen_mapping_abc);
    if (is_mapping < 0) {
        return NULL;
    }
    if (is_mapping) {
        return mapping_freeze(value, depth + 1);
    }
    if (PyList_Check(value) || PyTuple_Check(value)) {
        return sequence_freeze(value, depth + 1);
    }
    PyErr_Format(PyExc_TypeError, "%s is no JSON value", type_name(value));
    return NULL;
}

/* The frozen form of `value`, which `depth` containers surround: a new reference. */
PyObject *value_freeze(PyObject *value, Py_ssize_t depth) {
    if (is_node(value)) {
        if (depth + value_depth(value) > DEPTH_COUNT_MAX) {
            PyErr_SetString(PyExc_ValueError, TOO_DEEP_TEXT);
            return NULL;
        }
    } else if (PyUnicode_Check(value)) {
        return text_exact(value);
    } else if (value != Py_None && !PyBool_Check(value)) {
        if (PyLong_Check(value)) {
            return int_exact(value);
        }
        return PyFloat_Check(value) ? float_exact(value) : container_freeze(value, depth);
    }
    Py_INCREF(value);
    return value;
}

/* `value` if it is frozen or a plain scalar with JSON form; else TypeError or ValueError. */
PyObject *value_checked(PyObject *value) {
    if (is_node(value) || value == Py_None || PyBool_Check(value) || PyUnicode_CheckExact(value) ||
        PyLong_CheckExact(value) || PyFloat_CheckExact(value)) {
        return value_freeze(value, 0);
    }
    PyErr_Format(PyExc_TypeError, "%s is not frozen", type_name(value));
    return NULL;
}

static PyObject *map_thaw(Node *node) {
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < node->shape->key_count; i++) {
        PyObject *value = value_thaw(node->slots[i]);
        if (value == NULL || PyDict_SetItem(dict, node->shape->keys[i], value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(value);
    }
    return dict;
}

/* Fresh dicts and lists with the content of `value`: a new reference. */
PyObject *value_thaw(PyObject *value) {
    Node *node = (Node *)value;
    if (is_map(value)) {
        return map_thaw(node);
    }
    if (!is_list(value)) {
        Py_INCREF(value);
        return value;
    }
    PyObject *list = PyList_New(node->length);
    for (Py_ssize_t i = 0; list != NULL && i < node->length; i++) {
        PyObject *item = value_thaw(node->slots[i]);
        if (item == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, i, item);
        }
    }
    return list;
}

int frozen_freeze_ready(void) {
    PyObject *abc = PyImport_ImportModule("collections.abc");
    if (abc == NULL) {
        return -1;
    }
    Py_XSETREF(frozen_mapping_abc, PyObject_GetAttrString(abc, "Mapping"));
    Py_DECREF(abc);
    return frozen_mapping_abc == NULL ? -1 : 0;
}
