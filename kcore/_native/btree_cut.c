/* Where a full node is cut in two, and what separates the halves.
 *
 * Keys of objects part at few places: between namespaces, workloads, owners.  Cut there, each half
 * begins with more bytes in common, so its heads reach further and tell more keys apart.  And the
 * separator above need only say where they parted: cut short like that, it differs from most keys
 * within its own head, and a search reads no text of it.
 *
 *     ... | team-a/web-7d4f-x2k9p | team-b/api-5c88-q7d2m | ...     cut between the two
 *     team-b                                                        the separator
 *
 * This is the prefix B-tree of Bayer and Unterauer (ACM TODS 2, 1977), on whole characters.
 */
#include "btree.h"

enum {
    SWAY_COUNT = FAN_OUT / 2 - FILL_COUNT_MIN, /* So far from the middle, each part holds enough. */
    SAVED_COUNT_MIN = 8, /* A separator that is shorter by less is not worth a text of its own. */
};

static unsigned shared_bytes(int64_t left, int64_t right) {
    uint64_t difference = (uint64_t)left ^ (uint64_t)right;
    unsigned count = 0;
    while (count < sizeof difference && difference >> (8 * (sizeof difference - 1 - count)) == 0) {
        count++;
    }
    return count;
}

/* How many bytes the head of a slot shares with the one before, as far as the node keeps them. */
static unsigned shared_before(const Node *node, unsigned index) {
    const int64_t *highs = node_highs(node);
    unsigned count = shared_bytes(highs[index - 1], highs[index]);
    if (count == sizeof *highs && node->height > 0) {
        const int64_t *lows = node_lows(node);
        count += shared_bytes(lows[index - 1], lows[index]);
    }
    return count;
}

/* Where to cut a full node: of the places near the middle the nearest where keys part first. */
unsigned cut_place(const Node *node) {
    CHECK(node->count == FAN_OUT);
    unsigned middle = FAN_OUT / 2, place = middle, least = shared_before(node, middle);
    for (unsigned sway = 1; sway <= SWAY_COUNT && least > 0; sway++) {
        for (unsigned at = middle - sway; at <= middle + sway; at += 2 * sway) {
            unsigned count = shared_before(node, at);
            if (count < least) {
                least = count;
                place = at;
            }
        }
    }
    return place;
}

/* What separates `below` from `key`, the next: a beginning of `key` that is above `below`, or `key`
 * itself.  A new reference; NULL with MemoryError. */
static PyObject *separator_between(PyObject *below, PyObject *key) {
    int below_kind = PyUnicode_KIND(below), kind = PyUnicode_KIND(key);
    const void *below_text = PyUnicode_DATA(below), *text = PyUnicode_DATA(key);
    Py_ssize_t below_length = PyUnicode_GET_LENGTH(below), length = PyUnicode_GET_LENGTH(key);
    Py_ssize_t same = 0;
    CHECK(text_compare(below, key) < 0);
    while (same < below_length &&
           PyUnicode_READ(below_kind, below_text, same) == PyUnicode_READ(kind, text, same)) {
        same++;
    }
    return length - (same + 1) < SAVED_COUNT_MIN ? Py_NewRef(key)
                                                 : PyUnicode_Substring(key, 0, same + 1);
}

/* Divide the slots of a node among two new ones; -1 with MemoryError. */
int node_cut(const Node *node, unsigned at, uint64_t birth, Cut *cut) {
    CHECK(node_first(node) < at && at < node->count);
    int is_leaf = node->height == 0;
    /* That of inner nodes goes up. */
    cut->birth = is_leaf ? birth : node_births(node)[at];
    cut->key = is_leaf ? separator_between(node_key(node, at - 1), node_key(node, at))
                       : node_key(node, at);
    if (cut->key == NULL) {
        return -1;
    }
    cut->left = node_new(node->height, capacity_for(at), birth);
    cut->right = node_new(node->height, capacity_for(node->count - at), birth);
    if (cut->left == NULL || cut->right == NULL) {
        goto failed;
    }
    node_append(cut->left, node, 0, at);
    node_append(cut->right, node, at, node->count);
    if (!is_leaf) {
        node_slots(cut->right)[0].key = NULL;
    }
    heads_take(cut->left, node, 0);
    heads_take(cut->right, node, at);
    return 0;
failed:
    if (cut->left != NULL) {
        node_free(cut->left);
    }
    if (cut->right != NULL) {
        node_free(cut->right);
    }
    if (is_leaf) {
        Py_DECREF(cut->key);
    }
    return -1;
}
