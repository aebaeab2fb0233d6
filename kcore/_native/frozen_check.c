/* check_invariants(value): everything frozen.h promises about a value, verified. For tests. */
#include "frozen.h"

static int broken(const char *rule) {
    PyErr_Format(PyExc_AssertionError, "frozen value: %s", rule);
    return -1;
}

static int check_shape(const Shape *shape) {
    if (shape->use_count < 1) {
        return broken("its shape is not held");
    }
    for (Py_ssize_t i = 0; i < shape->key_count; i++) {
        PyObject *key = shape->keys[i];
        if (!PyUnicode_CheckExact(key) || !PyUnicode_CHECK_INTERNED(key)) {
            return broken("a key is no interned str");
        }
        if (i > 0 && text_compare(shape->keys[i - 1], key) >= 0) {
            return broken("its keys are not in order");
        }
        if (shape_find(shape, key) != i || shape_find_unseen(shape, key) != i) {
            return broken("a key is not found where it lies");
        }
    }
    Shape *again = shape_of(shape->keys, shape->key_count);
    if (again == NULL) {
        return -1;
    }
    shape_drop(again);
    return again == shape ? 0 : broken("its key set is held twice");
}

static int check_scalar(PyObject *value) {
    if (value != Py_None && !PyBool_Check(value) && !PyUnicode_CheckExact(value) &&
        !PyLong_CheckExact(value) && !PyFloat_CheckExact(value)) {
        return broken("a slot holds something that is not frozen");
    }
    PyObject *checked = value_checked(value);
    if (checked == NULL) {
        return -1;
    }
    Py_DECREF(checked);
    return 0;
}

static int check_value(PyObject *value) {
    if (!is_node(value)) {
        return check_scalar(value);
    }
    Node *node = (Node *)value;
    Py_ssize_t deepest = 0, count = node_count(value);
    if (is_map(value) && check_shape(node->shape) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (node->slots[i] == NULL) {
            return broken("a slot is empty");
        }
        if (check_value(node->slots[i]) < 0) {
            return -1;
        }
        Py_ssize_t depth = value_depth(node->slots[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    if (node->depth != deepest + 1 || node->depth > DEPTH_COUNT_MAX) {
        return broken("its depth is wrong");
    }
    uint32_t known = node->hash;
    node->hash = 0;
    Py_hash_t hash = node_hash(value);
    node->hash = known; /* As it was: the table of frozen_share.c finds the node by it. */
    if (hash == -1) {
        return -1;
    }
    return known == 0 || (Py_hash_t)known == hash ? 0 : broken("its hash is wrong");
}

PyObject *module_check(PyObject *module, PyObject *value) {
    (void)module;
    if (check_value(value) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
