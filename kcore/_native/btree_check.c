/* check_invariants, and what tests and people want to know of a tree's nodes. */
#include "btree.h"

#define DEMAND(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            PyErr_Format(PyExc_AssertionError, __VA_ARGS__);                                       \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

/* The bounds a node inherits: low <= keys < high; NULL is none. */
typedef struct {
    PyObject *low;
    PyObject *high;
} Limits;

static int check_head(const Node *node, unsigned index) {
    PyObject *key = node_key(node, index);
    Probe probe;
    DEMAND(key != NULL && PyUnicode_CheckExact(key) && Py_REFCNT(key) > 0, "a slot has no key");
    probe_init(&probe, key);
    DEMAND(has_prefix(probe.bytes, probe.length, node->prefix, node->prefix_length),
           "key %R does not begin as its node says", key);
    unsigned offset = node->prefix_length;
    DEMAND(word_at(probe.bytes, probe.length, offset) == node_highs(node)[index] &&
               (node->height == 0 ||
                word_at(probe.bytes, probe.length, offset + 8) == node_lows(node)[index]),
           "the head of %R is wrong", key);
    DEMAND(node->height > 0 || node->tags[index] == probe_tag(&probe), "the tag of %R is wrong",
           key);
    return 0;
}

/* What stands in for slots: the pivots, and whatever is free. */
static int check_padding(const Node *node) {
    for (unsigned i = node->count; i < node->capacity; i++) {
        DEMAND(node_highs(node)[i] == INT64_MAX, "the head of a free slot is not at the end");
    }
    for (unsigned i = node->count; i < FAN_OUT; i++) {
        DEMAND(node->tags[i] == 0, "a free slot has a tag");
    }
    for (unsigned i = 0, last = GRAIN - 1; node->height > 0 && i < PIVOT_COUNT; i++) {
        int is_full = last < node->count;
        DEMAND(node->words[i] == (is_full ? node_highs(node)[last] : INT64_MAX) &&
                   node->words[PIVOT_COUNT + i] == (is_full ? node_lows(node)[last] : INT64_MAX),
               "pivot %d is wrong", (int)i);
        last += GRAIN;
    }
    return 0;
}

static int check_keys(const Epoch *epoch, const Node *node, Limits limits) {
    PyObject *before = NULL;
    for (unsigned i = node_first(node); i < node->count; i++) {
        PyObject *key = node_key(node, i);
        if (check_head(node, i) < 0) {
            return -1;
        }
        DEMAND(before == NULL || text_compare(before, key) < 0, "%R does not follow", key);
        DEMAND(limits.low == NULL || text_compare(limits.low, key) <= 0,
               "key %R is below its separator", key);
        DEMAND(limits.high == NULL || text_compare(key, limits.high) < 0,
               "key %R is above its separator", key);
        DEMAND(node_births(node)[i] <= epoch->stamp, "key %R comes from the future", key);
        DEMAND(epoch_owns(epoch, node) || node_births(node)[i] < epoch->since,
               "an older node holds the younger key %R", key);
        before = key;
    }
    return 0;
}

static int check_node(const Epoch *epoch, const Node *node, Limits limits, Py_ssize_t *size);

static int check_children(const Epoch *epoch, const Node *node, Limits limits) {
    for (unsigned i = 0; i < node->count; i++) {
        const Node *child = node_child(node, i);
        Limits inner = {i == 0 ? limits.low : node_key(node, i),
                        i + 1u < node->count ? node_key(node, i + 1) : limits.high};
        Py_ssize_t size;
        DEMAND(child->height + 1 == node->height, "leaves at different depths");
        /* Nodes at the right edge may be small: sorted loads. Others were filled as they shrank. */
        DEMAND(i + 1u == node->count || child->count >= FILL_COUNT_MIN, "a node holds only %d",
               (int)child->count);
        DEMAND(epoch_owns(epoch, node) || !epoch_owns(epoch, child),
               "a node of an ancestor leads to one of this epoch");
        if (check_node(epoch, child, inner, &size) < 0) {
            return -1;
        }
        DEMAND(size == node_sizes(node)[i], "%zd entries below, but the node says %zd", size,
               node_sizes(node)[i]);
    }
    return 0;
}

static int check_run(const Node *leaf) {
    if (leaf->run == NULL) {
        return 0;
    }
    DEMAND(PyList_GET_SIZE(leaf->run) == leaf->count, "a remembered run is of another length");
    for (unsigned i = 0; i < leaf->count; i++) {
        DEMAND(PyList_GET_ITEM(leaf->run, i) == node_slots(leaf)[i].value.object,
               "a remembered run holds another value");
    }
    return 0;
}

static int check_node(const Epoch *epoch, const Node *node, Limits limits, Py_ssize_t *size) {
    DEMAND(node->count <= node->capacity && node->capacity <= FAN_OUT &&
               node->capacity % GRAIN == 0,
           "a node holds %d of %d", (int)node->count, (int)node->capacity);
    DEMAND(node->birth <= epoch->stamp, "a node comes from the future");
    DEMAND(node->height == 0 || (node->count > 1 && node->run == NULL), "an inner node is bad");
    DEMAND(node->count > 0 || node == epoch->root, "an empty leaf");
    if (check_keys(epoch, node, limits) < 0 || check_padding(node) < 0 || check_run(node) < 0) {
        return -1;
    }
    if (node->height > 0 && check_children(epoch, node, limits) < 0) {
        return -1;
    }
    *size = node_size(node);
    return 0;
}

/* What an epoch put to death was born in its ancestors, and the youngest is on top. */
static int check_dead(const Epoch *epoch, const Dead *dead, uint64_t birth_max) {
    for (; dead != NULL; dead = dead->next) {
        DEMAND(dead->birth < epoch->since, "an epoch keeps what is dead and its own");
        DEMAND(dead->birth <= birth_max, "the dead are out of order");
        DEMAND(dead->key != NULL || ((Node *)dead->value)->birth == dead->birth,
               "a dead node has changed");
        if (check_dead(epoch, dead->child, dead->birth) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The line from a handle's epoch up. */
static int check_line(const Epoch *epoch) {
    for (; epoch != NULL; epoch = epoch->parent) {
        Py_ssize_t children = 0;
        const Epoch *previous = NULL;
        for (const Epoch *child = epoch->first_child; child != NULL; child = child->next) {
            DEMAND(child->parent == epoch && child->previous == previous, "a child is lost");
            DEMAND(child->since > epoch->stamp, "stamps do not grow from parent to child");
            previous = child;
            children++;
        }
        DEMAND(epoch->since <= epoch->stamp && epoch->root != NULL, "a dissolved epoch is in use");
        DEMAND(epoch->handle_count > 0 || children > 1, "an epoch that nobody needs was kept");
        DEMAND(Py_REFCNT(epoch) >= epoch->handle_count + children, "an epoch is not counted");
        if (check_dead(epoch, epoch->dead, UINT64_MAX) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *tree_check(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    const Epoch *epoch = ((Tree *)self)->epoch;
    Py_ssize_t size;
    if (epoch == NULL) {
        Py_RETURN_NONE;
    }
    if (check_line(epoch) < 0 || check_node(epoch, epoch->root, (Limits){NULL, NULL}, &size) < 0) {
        return NULL;
    }
    if (size != epoch->count) {
        PyErr_Format(PyExc_AssertionError, "%zd keys, but the tree says %zd", size, epoch->count);
        return NULL;
    }
    if (recent_check((Tree *)self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

typedef struct {
    Py_ssize_t all_count;
    Py_ssize_t own_count;
    size_t own_bytes;
} Census;

/* What a node's separators take that were born here and are no entry's key. */
static size_t own_separator_bytes(const Epoch *epoch, const Node *node) {
    size_t bytes = 0;
    for (unsigned i = 1; node->height > 0 && i < node->count; i++) {
        if (node_births(node)[i] >= epoch->since && Py_REFCNT(node_key(node, i)) == 1) {
            bytes += text_bytes(node_key(node, i));
        }
    }
    return bytes;
}

static void take_census(const Epoch *epoch, const Node *node, Census *census) {
    census->all_count++;
    if (epoch_owns(epoch, node) && !epoch_is_shared(epoch)) {
        census->own_count++;
        census->own_bytes += node_bytes(node) + own_separator_bytes(epoch, node);
    }
    for (unsigned i = 0; node->height > 0 && i < node->count; i++) {
        take_census(epoch, node_child(node, i), census);
    }
}

static Census census_of(PyObject *self) {
    const Epoch *epoch = ((Tree *)self)->epoch;
    Census census = {0, 0, 0};
    if (epoch != NULL) {
        take_census(epoch, epoch->root, &census);
    }
    return census;
}

/* node_counts(): all nodes, and those that this tree may change in place. */
PyObject *tree_node_counts(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Census census = census_of(self);
    return Py_BuildValue("nn", census.all_count, census.own_count);
}

/* __sizeof__: the tree with its latest answers, and the nodes that it alone may change, with texts that
 * are only theirs. */
PyObject *tree_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    size_t bytes = sizeof(Tree) + recent_bytes((Tree *)self) + census_of(self).own_bytes;
    return PyLong_FromSize_t(bytes);
}
