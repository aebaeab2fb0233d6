/* Taking a key out, and filling nodes before they become too small.
 *
 * Nodes that might shrink below FILL_COUNT_MIN are filled from the highest down, each time leaving
 * a whole tree; then the pair is removed, which cannot fail.
 */
#include "btree.h"

/* The root has one child left: it takes the root's place. */
static void lower_root(Path *path, Epoch *epoch) {
    Node *root = epoch->root;
    epoch->root = node_child(root, 0);
    node_free(root);
    path->depth--;
    memmove(path->steps, path->steps + 1, path->depth * sizeof(Step));
}

/* Both neighbours fit into one node. */
static void put_joined(Path *path, unsigned level, unsigned left_index, Node *joined) {
    Step *above = &path->steps[level - 1];
    Node *parent = above->node;
    node_slots(parent)[left_index].value.child = joined;
    node_sizes(parent)[left_index] += node_sizes(parent)[left_index + 1];
    node_remove(parent, left_index + 1);
    above->index = left_index;
    path->steps[level].node = joined;
}

/* They do not: each gets half. */
static int put_halves(Path *path, Epoch *epoch, unsigned level, unsigned left_index,
                      Node *joined) {
    Step *step = &path->steps[level], *above = &path->steps[level - 1];
    Node *parent = above->node;
    unsigned at = joined->count / 2u;
    Cut cut;
    if (node_cut(joined, at, epoch->stamp, &cut) < 0) {
        return -1;
    }
    node_slots(parent)[left_index].value.child = cut.left;
    node_sizes(parent)[left_index] = node_size(cut.left);
    node_slots(parent)[left_index + 1].value.child = cut.right;
    node_sizes(parent)[left_index + 1] = node_size(cut.right);
    node_rekey(parent, left_index + 1, cut.key, cut.birth);
    int is_right = step->index >= at;
    step->node = is_right ? cut.right : cut.left;
    step->index -= is_right ? at : 0;
    above->index = left_index + (unsigned)is_right;
    node_free(joined);
    return 0;
}

/* Merge the node at `level` with a neighbour, or even both out. -1 with MemoryError. */
static int fill(Path *path, Epoch *epoch, unsigned level) {
    Step *step = &path->steps[level], *above = &path->steps[level - 1];
    unsigned left_index = above->index > 0 ? above->index - 1 : 0;
    Node *left = node_child(above->node, left_index);
    Node *right = node_child(above->node, left_index + 1);
    Cut halves = {left, right, node_key(above->node, left_index + 1),
                  node_births(above->node)[left_index + 1]};
    if (epoch_reserve(epoch, 3) < 0) {
        return -1;
    }
    Node *joined = node_join(&halves, epoch->stamp);
    if (joined == NULL) {
        return -1;
    }
    unsigned index = step->index;
    step->index += step->node == right ? left->count : 0;
    if (joined->count <= FAN_OUT) {
        put_joined(path, level, left_index, joined);
    } else if (put_halves(path, epoch, level, left_index, joined) < 0) {
        step->index = index;
        node_free(joined);
        return -1;
    }
    if (left->height == 0) { /* Between inner nodes it has moved down. */
        epoch_drop_key(epoch, halves.key, halves.birth);
    }
    epoch_drop_node(epoch, left);
    epoch_drop_node(epoch, right);
    return 0;
}

static int fill_path(Path *path, Epoch *epoch) {
    unsigned level = path->depth - 1;
    while (level > 0 && path->steps[level].node->count <= FILL_COUNT_MIN) {
        level--;
    }
    while (level + 1 < path->depth) {
        if (fill(path, epoch, level + 1) < 0) {
            return -1;
        }
        if (level == 0 && epoch->root->count == 1) {
            lower_root(path, epoch);
        } else {
            level++;
        }
    }
    return 0;
}

/* Take a key out; returns its value, or NULL with KeyError or MemoryError. */
PyObject *tree_pop(Tree *tree, PyObject *key) {
    Probe probe;
    Path path;
    probe_init(&probe, key);
    /* Look before branching off an epoch for nothing. */
    if (tree->epoch == NULL || !path_find(&path, tree->epoch->root, &probe)) {
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    Epoch *epoch = tree_writable(tree, NULL);
    if (epoch == NULL) {
        return NULL;
    }
    /* The collector may have run code that took the key out. */
    if (!path_find(&path, epoch->root, &probe)) {
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    if (path_own(&path, epoch) < 0 || fill_path(&path, epoch) < 0 ||
        epoch_reserve(epoch, 1) < 0) {
        return NULL;
    }
    Step *leaf = path_leaf(&path);
    Slot old = node_slots(leaf->node)[leaf->index];
    uint64_t birth = node_births(leaf->node)[leaf->index];
    node_remove(leaf->node, leaf->index);
    recent_forget(tree, &probe);
    for (unsigned level = 0; level + 1 < path.depth; level++) {
        node_sizes(path.steps[level].node)[path.steps[level].index]--;
    }
    epoch->count--;
    return epoch_take_pair(epoch, old.key, old.value.object, birth);
}
