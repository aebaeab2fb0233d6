/* Ways from the root to a leaf, and making every node on one the epoch's own. */
#include "btree.h"

/* Whoever inserts or asks for a range ranks in the leaf, too: fetch for them what look-ups leave. */
static void fetch_highs(const Node *leaf) {
    const int64_t *highs = node_highs(leaf);
    for (unsigned at = 0; at < leaf->capacity; at += GRAIN) {
        prefetch(highs + at);
    }
}

/* The way to a key's place; whether the key is there. */
int path_find(Path *path, Node *root, const Probe *probe) {
    Node *node = root;
    int is_equal;
    path->depth = 0;
    for (unsigned height = root->height; height > 0; height--) {
        CHECK(path->depth < DEPTH_COUNT_MAX && node->height == height);
        unsigned index = inner_route(node, probe);
        path->steps[path->depth++] = (Step){node, index};
        node = node_child(node, index);
        node_prefetch(node, height - 1);
    }
    fetch_highs(node);
    int found = leaf_find(node, probe);
    unsigned index = found < 0 ? node_lower(node, probe, &is_equal) : (unsigned)found;
    CHECK(found >= 0 || !is_equal);
    path->steps[path->depth++] = (Step){node, index};
    return found >= 0;
}

static void descend_edge(Path *path, Node *node, int at_end) {
    for (;;) {
        CHECK(path->depth < DEPTH_COUNT_MAX);
        Step *step = &path->steps[path->depth++];
        step->node = node;
        if (node->height == 0) {
            step->index = at_end ? node->count : 0;
            return;
        }
        step->index = at_end ? node->count - 1u : 0;
        node = node_child(node, step->index);
    }
}

/* The way to the first slot of all, or to behind the last. */
void path_to_edge(Path *path, Node *root, int at_end) {
    path->depth = 0;
    descend_edge(path, root, at_end);
}

/* Go to the first slot of the next leaf; 0 when there is none. */
int path_next_leaf(Path *path) {
    for (unsigned level = path->depth - 1; level-- > 0;) {
        Step *step = &path->steps[level];
        if (step->index + 1u < step->node->count) {
            step->index++;
            path->depth = level + 1;
            descend_edge(path, node_child(step->node, step->index), 0);
            return 1;
        }
    }
    return 0;
}

/* Go behind the last slot of the leaf before; 0 when there is none. */
int path_previous_leaf(Path *path) {
    for (unsigned level = path->depth - 1; level-- > 0;) {
        Step *step = &path->steps[level];
        if (step->index > 0) {
            step->index--;
            path->depth = level + 1;
            descend_edge(path, node_child(step->node, step->index), 1);
            return 1;
        }
    }
    return 0;
}

/* Add the sizes of children [from, to) to a count, up to `enough`. */
static Py_ssize_t add_sizes(Py_ssize_t count, const Node *node, unsigned from, unsigned to,
                            Py_ssize_t enough) {
    for (unsigned i = from; i < to && count < enough; i++) {
        count += node_sizes(node)[i];
    }
    return count;
}

/* How many entries stand between two places, 0 where the end is not behind the start; `enough` where
 * there are more.  From the start on, so that who wants few reads few sizes. */
Py_ssize_t path_distance(const Path *start, const Path *end, Py_ssize_t enough) {
    unsigned parting = 0, last = start->depth - 1;
    while (parting < last && start->steps[parting].index == end->steps[parting].index) {
        parting++;
    }
    const Step *from = &start->steps[parting], *to = &end->steps[parting];
    if (from->index >= to->index) {
        return 0;
    }
    Py_ssize_t count = to->index - from->index;
    if (parting < last) {
        count = start->steps[last].node->count - start->steps[last].index;
        for (unsigned level = last - 1; level > parting; level--) {
            const Step *step = &start->steps[level];
            count = add_sizes(count, step->node, step->index + 1u, step->node->count, enough);
        }
        count = add_sizes(count, from->node, from->index + 1u, to->index, enough);
        for (unsigned level = parting + 1; level < last; level++) {
            count = add_sizes(count, end->steps[level].node, 0, end->steps[level].index, enough);
        }
        count += end->steps[last].index;
    }
    return count < enough ? count : enough;
}

/* Put a node in the place of the one at `level`; the node above is the epoch's own. */
void path_link(Path *path, Epoch *epoch, unsigned level, Node *node) {
    if (level == 0) {
        epoch->root = node;
    } else {
        Step *above = &path->steps[level - 1];
        CHECK(epoch_owns(epoch, above->node));
        node_slots(above->node)[above->index].value.child = node;
    }
    path->steps[level].node = node;
}

/* Copy what on the way the epoch does not own, and forget the leaf's run: it is about to change.
 * After an error the tree is as good as before. */
int path_own(Path *path, Epoch *epoch) {
    for (unsigned level = 0; level < path->depth; level++) {
        Node *node = path->steps[level].node;
        if (epoch_owns(epoch, node)) {
            continue;
        }
        unsigned room = node->count < FAN_OUT ? node->count + 1u : FAN_OUT;
        if (epoch_reserve(epoch, 1) < 0) {
            return -1;
        }
        Node *copy = node_copy(node, capacity_for(room), epoch->stamp);
        if (copy == NULL) {
            return -1;
        }
        path_link(path, epoch, level, copy);
        epoch_drop_node(epoch, node);
    }
    Py_CLEAR(path_leaf(path)->node->run); /* Frees no value: the leaf holds all of them. */
    return 0;
}
