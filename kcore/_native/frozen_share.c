/* Sharing equal parts of values that were made separately.
 *
 * A thousand pods of one ReplicaSet say the same in their containers, volumes and labels.  Whatever
 * freeze and loads make is therefore looked up in a table of recent nodes, children first, and a
 * node that says the same as a listed one is replaced by it.  What `set` makes is not looked up: it
 * is new nearly always, and its parts are shared already.
 *
 * The table is bounded and weak: one node per place, the newest wins, and a node that dies leaves.
 * So nothing is kept alive, and whether two equal values are one object is left to chance; only
 * `==` is promised.  A replacement must be exact (1 is not 1.0 here, though they are equal), or
 * chance would decide which Python type a reader sees.
 */
#include "frozen.h"

enum { PLACE_COUNT = 1 << 16 };

static Node *places[PLACE_COUNT];

static inline Node **place_of(const Node *node) { return &places[node->hash & (PLACE_COUNT - 1)]; }

/* Whether nobody could tell the two values apart. */
static int is_same(PyObject *left, PyObject *right) {
    if (left == right) {
        return 1;
    }
    if (Py_TYPE(left) != Py_TYPE(right)) {
        return 0;
    }
    if (!is_node(left)) {
        return value_equal(left, right) == 1; /* Same type, so no text is written. */
    }
    Node *one = (Node *)left, *other = (Node *)right;
    if (one->hash != other->hash || one->depth != other->depth || one->shape != other->shape) {
        return 0;
    }
    Py_ssize_t count = node_count(left);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!is_same(one->slots[i], other->slots[i])) {
            return 0;
        }
    }
    return 1;
}

/* `fresh`, which nobody else holds yet, or a listed node that says the same. Takes the reference. */
PyObject *node_shared(PyObject *fresh) {
    Node *node = (Node *)fresh;
    if (fresh == NULL || node_hash(fresh) == -1) {
        Py_XDECREF(fresh);
        return NULL;
    }
    Node **place = place_of(node);
    if (*place != NULL) {
        if (is_same((PyObject *)*place, fresh)) {
            Py_INCREF(*place);
            Py_DECREF(fresh);
            return (PyObject *)*place;
        }
        (*place)->is_listed = 0;
    }
    node->is_listed = 1;
    *place = node;
    return fresh;
}

/* A listed node dies. */
void node_unlist(Node *node) {
    CHECK(*place_of(node) == node);
    *place_of(node) = NULL;
}
