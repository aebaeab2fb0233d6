/* Writing a key: in place, or with splits down the path.
 *
 * Each step allocates before it changes anything, and leaves a whole tree: memory may run out
 * anywhere.
 */
#include "btree.h"

/* A key as nodes hold it: a new reference to an exact str. */
PyObject *key_exact(PyObject *key) {
    if (PyUnicode_CheckExact(key)) {
        return Py_NewRef(key);
    }
    if (!PyUnicode_Check(key)) {
        PyErr_Format(PyExc_TypeError, "keys are str, not %.100s", Py_TYPE(key)->tp_name);
        return NULL;
    }
    return PyUnicode_FromObject(key);
}

static int open_first_epoch(Tree *tree) {
    Epoch *epoch = epoch_new();
    if (epoch == NULL) {
        return -1;
    }
    Node *leaf = node_new(0, GRAIN, epoch->stamp);
    if (leaf == NULL || tree->epoch != NULL) {
        if (leaf != NULL) {
            node_free(leaf); /* The collector ran code that wrote to this tree. */
        }
        Py_DECREF(epoch);
        return leaf == NULL ? -1 : 0;
    }
    epoch->root = leaf;
    epoch->handle_count = 1;
    tree->epoch = epoch;
    return 0;
}

static int open_own_epoch(Tree *tree) {
    Epoch *shared = (Epoch *)Py_NewRef(tree->epoch);
    Epoch *child = epoch_branch(shared);
    if (child != NULL) {
        /* The collector may have run code that moved this tree; then the child is not needed. */
        if (tree->epoch == shared) {
            child->handle_count = 1;
            tree->epoch = child;
            epoch_leave(shared);
        } else {
            Py_DECREF(child);
        }
    }
    Py_DECREF(shared);
    return child == NULL ? -1 : 0;
}

/* The epoch in which this tree may write `value` (NULL: only delete); NULL with MemoryError. */
Epoch *tree_writable(Tree *tree, PyObject *value) {
    while (tree->epoch == NULL || epoch_is_shared(tree->epoch)) {
        int status = tree->epoch == NULL ? open_first_epoch(tree) : open_own_epoch(tree);
        if (status < 0) {
            return NULL;
        }
    }
    if (value != NULL && PyObject_IS_GC(value) && !tree->epoch->is_tracked) {
        epoch_track(tree->epoch);
        if (!PyObject_GC_IsTracked((PyObject *)tree)) {
            PyObject_GC_Track((PyObject *)tree);
        }
    }
    return tree->epoch;
}

/* Whether everything to the right of the place is empty: a sorted load is under way. */
static int is_at_end(const Path *path, unsigned level) {
    for (unsigned i = 0; i < level; i++) {
        if (path->steps[i].index + 1u != path->steps[i].node->count) {
            return 0;
        }
    }
    const Step *step = &path->steps[level];
    return step->index + (step->node->height > 0) == step->node->count;
}

/* Make sure that the node at `level`, which is not full, has room for one more slot. */
static int make_slot(Path *path, Epoch *epoch, unsigned level) {
    Node *node = path->steps[level].node;
    if (node->count < node->capacity) {
        return 0;
    }
    Node *larger = node_copy(node, node->capacity + GRAIN, epoch->stamp);
    if (larger == NULL) {
        return -1;
    }
    path_link(path, epoch, level, larger);
    node_free(node);
    return 0;
}

/* Let a root of one child stand above the root. */
static int raise_root(Path *path, Epoch *epoch) {
    Node *old = epoch->root;
    Node *root = node_new(old->height + 1u, GRAIN, epoch->stamp);
    if (root == NULL) {
        return -1;
    }
    node_insert(root, 0, (Slot){NULL, {.child = old}}, epoch->stamp, epoch->count);
    epoch->root = root;
    memmove(path->steps + 1, path->steps, path->depth * sizeof(Step));
    path->steps[0] = (Step){root, 0};
    path->depth++;
    return 0;
}

/* Whether what the path leads to is in the right half of a cut: `key`, which is to come, or a child. */
static int is_right_of(const Cut *cut, const Step *step, unsigned at, PyObject *key) {
    if (step->index != at || step->node->height > 0) {
        return step->index >= at;
    }
    return text_compare(cut->key, key) <= 0;
}

/* Cut the full node at `level` in two; the node above has room in its capacity for another. */
static int split(Path *path, Epoch *epoch, unsigned level, PyObject *key) {
    Step *step = &path->steps[level], *above = &path->steps[level - 1];
    Node *node = step->node, *parent = above->node;
    unsigned edge_count = node->height > 0 ? 2 : 1; /* A single child would have no neighbour. */
    unsigned at = is_at_end(path, level) ? node->count - edge_count : cut_place(node);
    Cut cut;
    if (node_cut(node, at, epoch->stamp, &cut) < 0) {
        return -1;
    }
    node_slots(parent)[above->index].value.child = cut.left;
    node_sizes(parent)[above->index] = node_size(cut.left);
    node_insert(parent, above->index + 1,
                (Slot){cut.key, {.child = cut.right}}, cut.birth, node_size(cut.right));
    int is_right = is_right_of(&cut, step, at, key);
    step->node = is_right ? cut.right : cut.left;
    step->index -= is_right ? at : 0;
    above->index += (unsigned)is_right;
    node_free(node);
    return 0;
}

/* Split full nodes from the highest down, so that each finds room above, and `key` in the leaf. */
static int make_room(Path *path, Epoch *epoch, PyObject *key) {
    unsigned level = path->depth - 1;
    while (level > 0 && path->steps[level].node->count == FAN_OUT) {
        level--;
    }
    if (path->steps[level].node->count == FAN_OUT && raise_root(path, epoch) < 0) {
        return -1;
    }
    for (; level + 1 < path->depth; level++) {
        if (make_slot(path, epoch, level) < 0 || split(path, epoch, level + 1, key) < 0) {
            return -1;
        }
    }
    return make_slot(path, epoch, level);
}

/* Put a new pair where the path leads; the epoch owns the path. -1 with MemoryError. */
int path_insert(Path *path, Epoch *epoch, PyObject *key, PyObject *value) {
    if (make_room(path, epoch, key) < 0) {
        return -1;
    }
    Step *leaf = path_leaf(path);
    node_insert(leaf->node, leaf->index,
                (Slot){Py_NewRef(key), {.object = Py_NewRef(value)}}, epoch->stamp, 0);
    for (unsigned level = 0; level + 1 < path->depth; level++) {
        node_sizes(path->steps[level].node)[path->steps[level].index]++;
    }
    epoch->count++;
    return 0;
}

/* Let a key that is there have another value; returns what it had. */
static PyObject *replace(Path *path, Epoch *epoch, PyObject *key, PyObject *value) {
    if (epoch_reserve(epoch, 1) < 0) {
        return NULL;
    }
    Node *leaf = path_leaf(path)->node;
    unsigned index = path_leaf(path)->index;
    Slot *slot = &node_slots(leaf)[index], old = *slot;
    uint64_t birth = node_births(leaf)[index];
    *slot = (Slot){Py_NewRef(key), {.object = Py_NewRef(value)}};
    node_births(leaf)[index] = epoch->stamp;
    return epoch_take_pair(epoch, old.key, old.value.object, birth);
}

/* Write an exact key; returns what it had, or None. */
PyObject *tree_set(Tree *tree, PyObject *key, PyObject *value) {
    Epoch *epoch = tree_writable(tree, value);
    if (epoch == NULL) {
        return NULL;
    }
    Probe probe;
    Path path;
    probe_init(&probe, key);
    int is_there = path_find(&path, epoch->root, &probe);
    if (path_own(&path, epoch) < 0) {
        return NULL;
    }
    if (is_there) {
        PyObject *previous = replace(&path, epoch, key, value);
        recent_forget(tree, &probe);
        return previous;
    }
    return path_insert(&path, epoch, key, value) < 0 ? NULL : Py_NewRef(Py_None);
}
