/* Nodes: allocation, release, equality and hash.
 *
 * Equality is equality of the canonical JSON text (see reference/frozen.py), decided without
 * writing it: same pointer, else same type, depth, shape and known hash, else slot by slot.  Only
 * an int beside a float needs its text, because Go writes 1.0 as 1.
 */
#include "frozen.h"

PyObject *frozen_empty_map;
PyObject *frozen_empty_list;

static Node *node_alloc(PyTypeObject *type, Py_ssize_t count) {
    if ((size_t)count > ((size_t)PY_SSIZE_T_MAX - sizeof(Node)) / sizeof(PyObject *)) {
        PyErr_NoMemory();
        return NULL;
    }
    Node *node = PyObject_Malloc(sizeof *node + (size_t)count * sizeof(PyObject *));
    if (node == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject_Init((PyObject *)node, type);
    node->hash = 0;
    node->depth = 0;
    node->is_listed = 0;
    memset(node->slots, 0, (size_t)count * sizeof(PyObject *));
    return node;
}

/* A map with empty slots; takes its own use of `shape`. */
Node *map_alloc(Shape *shape) {
    Node *node = node_alloc(&FrozenMap_Type, shape->key_count);
    if (node != NULL) {
        node->shape = shape;
        shape->use_count++;
    }
    return node;
}

/* A list with empty slots. */
Node *list_alloc(Py_ssize_t length) {
    Node *node = node_alloc(&FrozenList_Type, length);
    if (node != NULL) {
        node->length = length;
    }
    return node;
}

/* Record the depth of a node whose slots are all filled; from now on Python may see it. */
PyObject *node_finish(Node *node) {
    Py_ssize_t deepest = 0, count = node_count((PyObject *)node);
    for (Py_ssize_t i = 0; i < count; i++) {
        CHECK(node->slots[i] != NULL);
        Py_ssize_t depth = value_depth(node->slots[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    CHECK(deepest < DEPTH_COUNT_MAX);
    node->depth = (uint16_t)(deepest + 1);
    return (PyObject *)node;
}

void node_dealloc(PyObject *self) {
    Node *node = (Node *)self;
    Py_ssize_t count = node_count(self);
    if (node->is_listed) {
        node_unlist(node);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_XDECREF(node->slots[i]);
    }
    if (is_map(self)) {
        shape_drop(node->shape);
    }
    PyObject_Free(self);
}

static int numbers_equal(PyObject *whole, PyObject *real) {
    char left[FLOAT_TEXT_BYTES], right[FLOAT_TEXT_BYTES];
    int64_t number = PyLong_AsLongLong(whole); /* Frozen ints fit. */
    int left_length = int_text(number, left);
    int right_length = float_text(PyFloat_AS_DOUBLE(real), right);
    if (right_length < 0) {
        return -1;
    }
    return left_length == right_length && memcmp(left, right, (size_t)left_length) == 0;
}

static int nodes_equal(Node *left, Node *right) {
    if (left->depth != right->depth || left->shape != right->shape ||
        (left->hash != 0 && right->hash != 0 && left->hash != right->hash)) {
        return 0; /* The union holds a list's length in the same place as a map's shape. */
    }
    Py_ssize_t count = node_count((PyObject *)left);
    for (Py_ssize_t i = 0; i < count; i++) {
        int equal = value_equal(left->slots[i], right->slots[i]);
        if (equal <= 0) {
            return equal;
        }
    }
    return 1;
}

/* Whether two frozen values have the same text; -1 with MemoryError. */
int value_equal(PyObject *left, PyObject *right) {
    PyTypeObject *type = Py_TYPE(left);
    if (left == right) {
        return 1;
    }
    if (type != Py_TYPE(right)) {
        if (PyLong_CheckExact(left) && PyFloat_CheckExact(right)) {
            return numbers_equal(left, right);
        }
        return PyFloat_CheckExact(left) && PyLong_CheckExact(right) ? numbers_equal(right, left) : 0;
    }
    if (type == &PyUnicode_Type) {
        return text_compare(left, right) == 0;
    }
    if (type == &PyLong_Type) {
        return PyLong_AsLongLong(left) == PyLong_AsLongLong(right);
    }
    if (type == &PyFloat_Type) {
        return PyFloat_AS_DOUBLE(left) == PyFloat_AS_DOUBLE(right);
    }
    if (is_node(left)) {
        return nodes_equal((Node *)left, (Node *)right);
    }
    return 0; /* True, False, None and ABSENT are equal only to themselves. */
}

static inline uint64_t mix(uint64_t state, uint64_t word) {
    state = (state ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return state ^ (state >> 32);
}

/* A float that Go writes without point hashes like the int of the same text. */
static int float_hash(double number, uint64_t *hash) {
    char text[FLOAT_TEXT_BYTES];
    int length = float_text(number, text);
    if (length < 0) {
        return -1;
    }
    const char *error = NULL;
    if (memchr(text, '.', (size_t)length) == NULL && memchr(text, 'e', (size_t)length) == NULL) {
        PyObject *whole = number_read(text, length, &error);
        if (whole == NULL) {
            return -1;
        }
        if (PyLong_CheckExact(whole)) {
            *hash = (uint64_t)PyLong_AsLongLong(whole);
            Py_DECREF(whole);
            return 0;
        }
        Py_DECREF(whole);
    }
    memcpy(hash, &number, sizeof number);
    return 0;
}

static int value_hash(PyObject *value, uint64_t *hash) {
    if (PyUnicode_CheckExact(value)) {
        *hash = (uint64_t)str_hash(value);
    } else if (is_node(value)) {
        *hash = (uint64_t)node_hash(value);
    } else if (PyLong_CheckExact(value)) {
        *hash = (uint64_t)PyLong_AsLongLong(value);
    } else if (PyFloat_CheckExact(value)) {
        return float_hash(PyFloat_AS_DOUBLE(value), hash);
    } else {
        *hash = value == Py_None ? 11 : value == Py_True ? 13 : 17;
    }
    return *hash == (uint64_t)-1 && PyErr_Occurred() ? -1 : 0;
}

/* tp_hash: cached, a function of the text. Never 0 and never -1. */
Py_hash_t node_hash(PyObject *self) {
    Node *node = (Node *)self;
    if (node->hash == 0) {
        Py_ssize_t count = node_count(self);
        uint64_t state = is_map(self) ? 3 : 5, word;
        for (Py_ssize_t i = 0; i < count; i++) {
            if (is_map(self)) {
                state = mix(state, (uint64_t)str_hash(node->shape->keys[i]));
            }
            if (value_hash(node->slots[i], &word) < 0) {
                return -1;
            }
            state = mix(state, word);
        }
        node->hash = (uint32_t)(state ^ (state >> 32)) & 0x7fffffff; /* Never -1, on 32 bits either. */
        node->hash += node->hash == 0;
    }
    return (Py_hash_t)node->hash;
}

static PyObject *compare_unfrozen(PyObject *self, PyObject *other, int operation) {
    PyObject *frozen = value_freeze(other, 0);
    int equal = 0;
    if (frozen != NULL) {
        equal = value_equal(self, frozen);
        Py_DECREF(frozen);
    } else if (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear(); /* What cannot be frozen equals nothing. */
    } else {
        return NULL;
    }
    return equal < 0 ? NULL : PyBool_FromLong(equal == (operation == Py_EQ));
}

PyObject *node_richcompare(PyObject *self, PyObject *other, int operation) {
    if (operation != Py_EQ && operation != Py_NE) {
        if (is_list(self)) {
            PyErr_SetString(PyExc_TypeError, "kcore lists have no order");
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (Py_TYPE(self) == Py_TYPE(other)) {
        int equal = value_equal(self, other);
        return equal < 0 ? NULL : PyBool_FromLong(equal == (operation == Py_EQ));
    }
    int comparable = 0;
    if (is_list(self)) {
        comparable = PyList_Check(other) || PyTuple_Check(other);
    } else if (!is_list(other)) {
        comparable = PyObject_IsInstance(other, frozen_mapping_abc);
    }
    if (comparable < 0) {
        return NULL;
    }
    if (!comparable) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return compare_unfrozen(self, other, operation);
}
