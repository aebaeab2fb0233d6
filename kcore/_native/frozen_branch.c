/* Changing along several paths in one pass; see reference/frozen_patch.py.
 *
 * The paths form a tree.  A node that the tree passes through is copied once, whatever number of its
 * parts change, and where keys are missing the copy has its final shape from the start.  Like
 * a Path, each branch remembers how the last two shapes it met take its keys.
 *
 * Only what is sure to mean the same as one `set` after the other is done this way: no path leads
 * into what another puts in, and nothing is in the way.  Otherwise the answer is NULL without an
 * error, and the caller sets path by path, which also words the error.
 */
#include "frozen_branch.h"

/* --- the tree ------------------------------------------------------------------------------------- */

static int is_end(const Branch *branch) {
    return branch->key != NULL && PyUnicode_GET_LENGTH(branch->key) == 1 &&
           PyUnicode_READ_CHAR(branch->key, 0) == '-';
}

/* Whether two steps may lead from one node without meeting. */
static int are_apart(const Branch *one, const Branch *other) {
    if (one->key != NULL && other->key != NULL) {
        return !is_end(one) && !is_end(other);
    }
    return one->key == NULL && other->key == NULL && (one->index < 0) == (other->index < 0);
}

/* The child for `step`, new if need be. NULL: the steps meet, or MemoryError is set. */
static Branch *branch_child(Branch *branch, PyObject *step) {
    Branch fresh = {.key = PyUnicode_Check(step) ? step : NULL, .argument = -1};
    fresh.index = fresh.key == NULL ? step_number(step) : 0;
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        Branch *child = &branch->children[i];
        if (!are_apart(&fresh, child)) {
            return NULL;
        }
        if (child->key == fresh.key && child->index == fresh.index) {
            return child;
        }
    }
    size_t size = (size_t)(branch->child_count + 1) * sizeof *branch->children;
    Branch *wider = PyMem_Realloc(branch->children, size);
    if (wider == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    branch->children = wider;
    wider[branch->child_count] = fresh;
    return &wider[branch->child_count++];
}

/* Add a path. 1: done, 0: it meets another one, -1: MemoryError. `steps` must outlive the tree. */
int branch_grow(Branch *root, PyObject *steps, Py_ssize_t argument) {
    Branch *branch = root;
    if (PyTuple_GET_SIZE(steps) == 0 || PyTuple_GET_SIZE(steps) > DEPTH_COUNT_MAX) {
        return 0; /* The depth also bounds the recursion below. */
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(steps); i++) {
        if (branch->argument >= 0) {
            return 0;
        }
        branch = branch_child(branch, PyTuple_GET_ITEM(steps, i));
        if (branch == NULL) {
            return PyErr_Occurred() ? -1 : 0;
        }
    }
    if (branch->argument >= 0 || branch->child_count > 0) {
        return 0;
    }
    branch->argument = argument;
    return 1;
}

static void move_clear(Move *move) {
    if (move->from != NULL) {
        shape_drop(move->from);
        shape_drop(move->to);
        PyMem_Free(move->slots);
    }
    *move = (Move){NULL, NULL, NULL};
}

/* Release what the branch owns. */
void branch_clear(Branch *branch) {
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        branch_clear(&branch->children[i]);
    }
    for (int i = 0; i < MOVE_COUNT; i++) {
        move_clear(&branch->moves[i]);
    }
    PyMem_Free(branch->children);
    branch->children = NULL;
    branch->child_count = 0;
}

/* --- maps ------------------------------------------------------------------------------------------- */

/* The shape with all keys of the branch: a new use. */
static Shape *shape_joined(const Branch *branch, Shape *from) {
    Shape *shape = from;
    shape->use_count++;
    for (Py_ssize_t i = 0; i < branch->child_count && shape != NULL; i++) {
        PyObject *key = branch->children[i].key;
        if (shape_find(shape, key) < 0) {
            Shape *wider = shape_with(shape, shape_position(shape, key), key);
            shape_drop(shape);
            shape = wider;
        }
    }
    return shape;
}

/* Work out how maps of this shape take the keys, and remember it in place of the oldest. */
static const Move *branch_learn(Branch *branch, Shape *from) {
    Move move = {.from = from, .to = shape_joined(branch, from)};
    if (move.to == NULL) {
        return NULL;
    }
    move.slots = PyMem_New(Py_ssize_t, 2 * branch->child_count);
    if (move.slots == NULL) {
        shape_drop(move.to);
        PyErr_NoMemory();
        return NULL;
    }
    from->use_count++;
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        move.slots[2 * i] = shape_find(move.to, branch->children[i].key);
        move.slots[2 * i + 1] = shape_find(from, branch->children[i].key);
    }
    move_clear(&branch->moves[1]);
    branch->moves[1] = branch->moves[0];
    branch->moves[0] = move;
    return &branch->moves[0];
}

static inline const Move *branch_move(Branch *branch, Shape *from) {
    for (int i = 0; i < MOVE_COUNT; i++) {
        if (branch->moves[i].from == from) {
            return &branch->moves[i];
        }
    }
    return branch_learn(branch, from);
}

/* What the child puts in the place of `old`: a new reference. */
static inline PyObject *child_apply(Branch *child, PyObject *old, PyObject *const *new) {
    if (child->argument < 0) {
        return branch_apply(child, old, new);
    }
    Py_INCREF(new[child->argument]);
    return new[child->argument];
}

/* How deep the parts of a copy are, kept in step while some are replaced. */
typedef struct {
    Py_ssize_t before;  /* The deepest part of what is copied. */
    Py_ssize_t deepest; /* As far as known. */
    int is_doubtful;    /* The deepest part was replaced by a less deep one. */
} Depths;

static inline Depths depths_of(const Node *node) {
    return (Depths){.before = node->depth - 1, .deepest = node->depth - 1};
}

static inline void depths_replace(Depths *depths, PyObject *old, PyObject *fresh) {
    Py_ssize_t depth = value_depth(fresh);
    if (depth >= depths->deepest) {
        depths->deepest = depth;
    } else if (value_depth(old) == depths->before) {
        depths->is_doubtful = 1;
    }
}

/* The copy is complete: record its depth, without looking at all parts where that can be. */
static inline PyObject *copy_finish(Node *copy, const Depths *depths) {
    if (depths->is_doubtful) {
        return node_finish(copy);
    }
    copy->depth = (uint16_t)(depths->deepest + 1);
    return (PyObject *)copy;
}

/* Give the slots that are still empty the parts of `node`, in order. */
static void fill_gaps(Node *copy, const Node *node, Py_ssize_t count) {
    if (copy->shape == node->shape) { /* Or two lists of one length. */
        for (Py_ssize_t i = 0; i < count; i++) {
            if (copy->slots[i] == NULL) {
                Py_INCREF(node->slots[i]);
                copy->slots[i] = node->slots[i];
            }
        }
        return;
    }
    for (Py_ssize_t i = 0, from = 0; from < count; i++) {
        int is_old = copy->shape->keys[i] == node->shape->keys[from];
        if (copy->slots[i] == NULL) {
            Py_INCREF(node->slots[from]);
            copy->slots[i] = node->slots[from];
        }
        from += is_old;
    }
}

/* The copy with its gaps filled, or the value itself where nothing new came in: a new reference. */
static PyObject *changed_or_same(Node *copy, const Node *node, int is_changed, Py_ssize_t count,
                                 const Depths *depths) {
    if (!is_changed) {
        Py_DECREF(copy);
        return Py_NewRef((PyObject *)node);
    }
    fill_gaps(copy, node, count);
    return copy_finish(copy, depths);
}

static PyObject *map_apply(Branch *branch, PyObject *value, PyObject *const *new) {
    Node *node = (Node *)value;
    const Move *move = branch_move(branch, node->shape);
    Node *copy = move == NULL ? NULL : map_alloc(move->to);
    Depths depths = depths_of(node);
    int is_changed = copy != NULL && move->to != move->from;
    if (copy == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        Py_ssize_t to = move->slots[2 * i], from = move->slots[2 * i + 1];
        PyObject *old = from < 0 ? Py_None : node->slots[from];
        PyObject *fresh = child_apply(&branch->children[i], old, new);
        if (fresh == NULL) {
            Py_DECREF(copy);
            return NULL;
        }
        copy->slots[to] = fresh;
        is_changed |= fresh != old;
        depths_replace(&depths, old, fresh);
    }
    return changed_or_same(copy, node, is_changed, node->shape->key_count, &depths);
}

/* --- lists ------------------------------------------------------------------------------------------ */

static PyObject *list_extend(Branch *branch, PyObject *value, PyObject *const *new) {
    Py_ssize_t length = ((Node *)value)->length;
    PyObject *item = child_apply(&branch->children[0], Py_None, new);
    Node *copy = item == NULL ? NULL : list_alloc(length + 1);
    if (copy == NULL) {
        Py_XDECREF(item);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_INCREF(((Node *)value)->slots[i]);
        copy->slots[i] = ((Node *)value)->slots[i];
    }
    copy->slots[length] = item;
    Depths depths = depths_of((Node *)value);
    depths.deepest = value_depth(item) > depths.deepest ? value_depth(item) : depths.deepest;
    return copy_finish(copy, &depths);
}

static PyObject *list_apply(Branch *branch, PyObject *value, PyObject *const *new) {
    Node *node = (Node *)value, *copy;
    Depths depths = depths_of(node);
    int is_changed = 0;
    if (is_end(&branch->children[0])) {
        return list_extend(branch, value, new);
    }
    if (branch->children[0].key != NULL || (copy = list_alloc(node->length)) == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        Py_ssize_t index = branch->children[i].index;
        index += index < 0 ? node->length : 0;
        int is_inside = index >= 0 && index < node->length;
        PyObject *old = is_inside ? node->slots[index] : NULL;
        PyObject *fresh = is_inside ? child_apply(&branch->children[i], old, new) : NULL;
        if (fresh == NULL) {
            Py_DECREF(copy);
            return NULL;
        }
        copy->slots[index] = fresh;
        is_changed |= fresh != old;
        depths_replace(&depths, old, fresh);
    }
    return changed_or_same(copy, node, is_changed, node->length, &depths);
}

/* `value` with all that the branch puts in: a new reference.
 *
 * NULL without an error: path by path, please. NULL with an error: MemoryError.
 */
PyObject *branch_apply(Branch *branch, PyObject *value, PyObject *const *new) {
    if (is_list(value)) {
        return list_apply(branch, value, new);
    }
    if (branch->children[0].key == NULL || (value != Py_None && !is_map(value))) {
        return NULL;
    }
    return map_apply(branch, value == Py_None ? frozen_empty_map : value, new);
}

/* --- the other way round --------------------------------------------------------------------------- */

/* The child that leads to this key, or NULL. */
static const Branch *child_of_key(const Branch *branch, const PyObject *key) {
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        if (branch->children[i].key == key) {
            return &branch->children[i];
        }
    }
    return NULL;
}

/* The child that leads to this place of a list, or NULL; it may count from the end. */
static const Branch *child_of_index(const Branch *branch, const Node *list, Py_ssize_t index) {
    for (Py_ssize_t i = 0; i < branch->child_count; i++) {
        const Branch *child = &branch->children[i];
        if (child->index + (child->index < 0 ? list->length : 0) == index) {
            return child;
        }
    }
    return NULL;
}

/* Compare a part with the model's, `child` being what leads there, or NULL. */
static int part_read(const Branch *child, PyObject *model, PyObject *value, PyObject **parts) {
    if (child == NULL) {
        return value_equal(model, value);
    }
    if (child->argument < 0) {
        return branch_read(child, model, value, parts);
    }
    parts[child->argument] = value;
    return READ_SAME;
}

/* Both have their keys in order; the value may have one more where a path ends. */
static int map_read(const Branch *branch, const Node *from, const Node *to, PyObject **parts) {
    const Shape *old = from->shape, *new = to->shape;
    Py_ssize_t found_count = 0, next = 0;
    for (Py_ssize_t slot = 0; slot < new->key_count; slot++) {
        const Branch *child = child_of_key(branch, new->keys[slot]);
        int answer = READ_UNSURE;
        if (next < old->key_count && old->keys[next] == new->keys[slot]) {
            answer = part_read(child, from->slots[next++], to->slots[slot], parts);
        } else if (child != NULL && child->argument >= 0) {
            answer = part_read(child, NULL, to->slots[slot], parts);
        }
        if (answer != READ_SAME) {
            return answer;
        }
        found_count += child != NULL;
    }
    return next == old->key_count && found_count == branch->child_count ? READ_SAME : READ_UNSURE;
}

static int list_read(const Branch *branch, const Node *from, const Node *to, PyObject **parts) {
    Py_ssize_t found_count = 0;
    if (to->length != from->length) {
        return READ_UNSURE; /* A path may make the list longer. */
    }
    for (Py_ssize_t i = 0; i < from->length; i++) {
        const Branch *child = child_of_index(branch, from, i);
        int answer = part_read(child, from->slots[i], to->slots[i], parts);
        if (answer != READ_SAME) {
            return answer;
        }
        found_count += child != NULL;
    }
    return found_count == branch->child_count ? READ_SAME : READ_UNSURE;
}

/* Whether `value` is `model` but for the parts where paths end; these are put, borrowed, in `parts`.
 *
 * Sure only of paths that lead through what is there.
 */
int branch_read(const Branch *branch, PyObject *model, PyObject *value, PyObject **parts) {
    int is_in_map = branch->children[0].key != NULL;
    if (!is_node(model) || is_in_map != is_map(model) || Py_TYPE(value) != Py_TYPE(model)) {
        return READ_UNSURE;
    }
    return is_in_map ? map_read(branch, (Node *)model, (Node *)value, parts)
                     : list_read(branch, (Node *)model, (Node *)value, parts);
}
