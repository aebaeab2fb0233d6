/* Reading ranges: cursors, pages and counts.
 *
 * A cursor is a handle on the epoch it started in: it shows that state however the tree changes
 * meanwhile, and gives it up with its last item.
 */
#include "btree.h"

typedef struct {
    PyObject_HEAD
    Epoch *epoch; /* NULL: exhausted. */
    Py_ssize_t remaining;
    Walk walk;
    int is_reversed;
    Path path; /* Forwards at the next slot, backwards behind it. */
} Cursor;

static int is_open(PyObject *bound) { return PyUnicode_GET_LENGTH(bound) == 0; }

/* The way to where a bound is; an open one is at an end. */
static void find_bound(const Epoch *epoch, PyObject *bound, int at_end, Path *path) {
    if (is_open(bound)) {
        path_to_edge(path, epoch->root, at_end);
    } else {
        Probe probe;
        probe_init(&probe, bound);
        path_find(path, epoch->root, &probe);
    }
}

/* Find where a walk begins and how many entries it meets. */
static Py_ssize_t begin(const Epoch *epoch, const Bounds *bounds, Path *path) {
    Path start, end;
    find_bound(epoch, bounds->start, 0, &start);
    find_bound(epoch, bounds->end, 1, &end);
    *path = bounds->is_reversed ? end : start;
    return path_distance(&start, &end, bounds->limit > 0 ? bounds->limit : epoch->count);
}

/* Step over the next slot; returns its leaf and index. */
static Node *advance(Path *path, int is_reversed, unsigned *index) {
    Step *leaf = path_leaf(path);
    if (is_reversed) {
        if (leaf->index == 0) {
            path_previous_leaf(path);
            leaf = path_leaf(path);
        }
        *index = --leaf->index;
    } else {
        if (leaf->index == leaf->node->count) {
            path_next_leaf(path);
            leaf = path_leaf(path);
        }
        *index = leaf->index++;
    }
    CHECK(*index < leaf->node->count);
    return leaf->node;
}

/* How many values ahead of the one that is counted are fetched: they lie anywhere in memory. */
enum { AHEAD = 32 };

/* Fetch what the walk comes to: header and slots of the next leaf, whose count the node above knows. */
static void fetch_neighbour(const Path *path, int is_reversed) {
    if (path->depth < 2) {
        return;
    }
    const Step *above = &path->steps[path->depth - 2];
    int next = (int)above->index + (is_reversed ? -1 : 1);
    if (next >= 0 && next < above->node->count) {
        const Node *leaf = node_child(above->node, (unsigned)next);
        const Slot *slots = leaf_slots(leaf), *end = slots + node_sizes(above->node)[next];
        prefetch(&leaf->birth);
        for (; slots < end; slots += LINE_BYTES / sizeof(Slot)) {
            prefetch(slots);
        }
    }
}

/* Fetch values that a walk over `slots`, now at `index`, comes to. */
static void fetch_values(const Node *leaf, unsigned index) {
    const Slot *slots = node_slots(leaf);
    unsigned from = index == 0 ? 1 : index + AHEAD, to = index + AHEAD;
    for (; from <= to && from < leaf->count; from++) {
        prefetch_to_write(slots[from].value.object);
    }
}

/* --- Cursors --------------------------------------------------------------------------------- */

PyObject *cursor_new(Tree *tree, const Bounds *bounds, Walk walk) {
    Cursor *cursor = PyObject_GC_New(Cursor, &Cursor_Type);
    if (cursor == NULL) {
        return NULL;
    }
    cursor->epoch = NULL;
    cursor->remaining = 0;
    cursor->walk = walk;
    cursor->is_reversed = bounds->is_reversed;
    if (tree->epoch != NULL) {
        cursor->remaining = begin(tree->epoch, bounds, &cursor->path);
    }
    if (cursor->remaining > 0) {
        cursor->epoch = epoch_join(tree->epoch);
        if (cursor->epoch->is_tracked) {
            PyObject_GC_Track((PyObject *)cursor);
        }
    }
    return (PyObject *)cursor;
}

static int cursor_clear(PyObject *self) {
    Cursor *cursor = (Cursor *)self;
    Epoch *epoch = cursor->epoch;
    cursor->epoch = NULL;
    if (epoch != NULL) {
        epoch_leave(epoch);
    }
    return 0;
}

static void cursor_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    cursor_clear(self);
    PyObject_GC_Del(self);
}

static int cursor_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Cursor *)self)->epoch);
    return 0;
}

/* The values of a leaf as a list, the same for as long as the leaf does not change. */
static PyObject *leaf_run(Node *leaf) {
    if (leaf->run == NULL) {
        PyObject *run = PyList_New(leaf->count);
        if (run == NULL) {
            return NULL;
        }
        for (unsigned i = 0; i < leaf->count; i++) {
            PyList_SET_ITEM(run, i, Py_NewRef(node_slots(leaf)[i].value.object));
        }
        if (leaf->run == NULL) {
            leaf->run = run;
        } else {
            Py_DECREF(run); /* The collector ran code that asked for the same. */
        }
    }
    return Py_NewRef(leaf->run);
}

/* `(values, low, high)` of the rest of a leaf, as far as the walk goes. */
static PyObject *next_run(Cursor *cursor) {
    unsigned low;
    Node *leaf = advance(&cursor->path, 0, &low);
    Py_ssize_t high = leaf->count;
    if (high - low > cursor->remaining) {
        high = low + cursor->remaining;
    }
    path_leaf(&cursor->path)->index = (unsigned)high;
    cursor->remaining -= high - low;
    PyObject *run = leaf_run(leaf);
    return run == NULL ? NULL : Py_BuildValue("Nnn", run, (Py_ssize_t)low, high);
}

static PyObject *next_slot(Cursor *cursor) {
    unsigned index;
    Node *leaf = advance(&cursor->path, cursor->is_reversed, &index);
    PyObject *value = node_slots(leaf)[index].value.object;
    cursor->remaining--;
    if (!cursor->is_reversed && cursor->remaining > 0) {
        if (index == 0) {
            fetch_neighbour(&cursor->path, 0);
        }
        fetch_values(leaf, index);
    }
    if (cursor->walk == WALK_VALUES) {
        return Py_NewRef(value);
    }
    return PyTuple_Pack(2, node_key(leaf, index), value);
}

static PyObject *cursor_next(PyObject *self) {
    Cursor *cursor = (Cursor *)self;
    if (cursor->epoch == NULL) {
        return NULL;
    }
    PyObject *found = cursor->walk == WALK_RUNS ? next_run(cursor) : next_slot(cursor);
    if (cursor->remaining == 0) {
        cursor_clear(self);
    }
    return found;
}

static PyObject *cursor_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Cursor *cursor = (Cursor *)self;
    return PyLong_FromSsize_t(cursor->walk == WALK_RUNS ? 0 : cursor->remaining);
}

static PyMethodDef cursor_methods[] = {
    {"__length_hint__", cursor_length_hint, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Cursor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.btree._Cursor",
    .tp_basicsize = sizeof(Cursor),
    .tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = cursor_dealloc,
    .tp_traverse = cursor_traverse,
    .tp_clear = cursor_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = cursor_next,
    .tp_methods = cursor_methods,
};

/* --- Pages and counts ------------------------------------------------------------------------ */

/* How many values a page lays down before it counts the first: as many as make no difference any
 * more.  They wait in the second cache, whose lines come side by side in greater number. */
enum { LAID_COUNT = 256 };

/* A list under way: pointers are laid down first and counted `LAID_COUNT` values later, when what
 * they point to has come.  Nothing is allocated meanwhile, so nobody sees the list. */
typedef struct {
    PyObject **items;
    Py_ssize_t count;
    Py_ssize_t laid;
    Py_ssize_t counted;
} Page;

static void lay(Page *page, Step *leaf, int is_reversed) {
    Py_ssize_t rest = is_reversed ? leaf->index : leaf->node->count - leaf->index;
    Py_ssize_t step = is_reversed ? -1 : 1;
    const Slot *slot = node_slots(leaf->node) + leaf->index - (is_reversed != 0);
    Py_ssize_t count = page->count - page->laid;
    count = count < rest ? count : rest;
    for (Py_ssize_t i = 0; i < count; i++, slot += step) {
        PyObject *value = slot->value.object;
        prefetch_for_later(value);
        page->items[page->laid++] = value;
        if (page->laid - page->counted > LAID_COUNT) {
            Py_INCREF(page->items[page->counted++]);
        }
    }
    leaf->index += (unsigned)(count * step);
}

/* The values of a range as a list. */
PyObject *tree_page(Tree *tree, const Bounds *bounds) {
    if (tree->epoch == NULL) {
        return PyList_New(0);
    }
    Epoch *epoch = epoch_join(tree->epoch); /* Making a list may run the collector. */
    Path path;
    Py_ssize_t count = begin(epoch, bounds, &path);
    PyObject *list = PyList_New(count);
    if (list != NULL) {
        Page page = {((PyListObject *)list)->ob_item, count, 0, 0};
        while (page.laid < count) {
            fetch_neighbour(&path, bounds->is_reversed);
            lay(&page, path_leaf(&path), bounds->is_reversed);
            if (page.laid < count) {
                (void)(bounds->is_reversed ? path_previous_leaf(&path) : path_next_leaf(&path));
            }
        }
        while (page.counted < count) {
            Py_INCREF(page.items[page.counted++]);
        }
    }
    epoch_leave(epoch);
    return list;
}

/* How many entries a range holds. O(log n). */
Py_ssize_t tree_count(Tree *tree, const Bounds *bounds) {
    Path path;
    return tree->epoch == NULL ? 0 : begin(tree->epoch, bounds, &path);
}
