/* Epochs: who owns which nodes and references, and when they go.  The rules stand in btree.h.
 *
 * Releasing a value may run Python code, which may use, copy and drop trees of the same family.
 * So each function here first leaves a whole structure behind and releases last.
 */
#include "btree.h"

enum { SPARE_COUNT_MAX = 256 };

Py_ssize_t epochs_live;

/* An epoch without relatives; the caller gives it a root. NULL with MemoryError. */
Epoch *epoch_new(void) {
    Epoch *epoch = PyObject_GC_New(Epoch, &Epoch_Type);
    if (epoch == NULL) {
        return NULL;
    }
    epoch->since = epoch->stamp = 1;
    epoch->root = NULL;
    epoch->count = 0;
    epoch->handle_count = 0;
    epoch->parent = epoch->first_child = epoch->next = epoch->previous = NULL;
    epoch->dead = NULL;
    epoch->is_dying = epoch->is_tracked = 0;
    epochs_live++;
    return epoch;
}

/* Let `child` take a place below `parent`, whose reference it now owns. */
static void link_child(Epoch *child, Epoch *parent) {
    child->parent = parent;
    child->previous = NULL;
    child->next = parent->first_child;
    if (child->next != NULL) {
        child->next->previous = child;
    }
    parent->first_child = child;
}

static void unlink_child(Epoch *child) {
    Epoch *parent = child->parent;
    if (child->previous != NULL) {
        child->previous->next = child->next;
    } else if (parent != NULL) {
        parent->first_child = child->next;
    }
    if (child->next != NULL) {
        child->next->previous = child->previous;
    }
    child->next = child->previous = child->parent = NULL;
}

/* From now on the collector looks into this epoch. */
void epoch_track(Epoch *epoch) {
    if (!epoch->is_tracked) {
        epoch->is_tracked = 1;
        PyObject_GC_Track((PyObject *)epoch);
    }
}

/* A child that sees what `parent` sees and owns nothing yet; NULL with MemoryError.
 *
 * The allocation may run the collector, and that any code: the caller looks at its state anew. */
Epoch *epoch_branch(Epoch *parent) {
    Epoch *child = epoch_new();
    if (child == NULL) {
        return NULL;
    }
    child->since = child->stamp = parent->stamp + 1;
    child->root = parent->root;
    child->count = parent->count;
    Py_INCREF(parent);
    link_child(child, parent);
    if (parent->is_tracked) {
        epoch_track(child);
    }
    return child;
}

/* One more handle, with its own counted reference. */
Epoch *epoch_join(Epoch *epoch) {
    epoch->handle_count++;
    Py_INCREF(epoch);
    return epoch;
}

static void dissolve(Epoch *parent);

/* Whether an epoch serves nobody but one child, into which it can dissolve. */
static int is_spent(const Epoch *epoch) {
    const Epoch *child = epoch->first_child;
    return epoch->handle_count == 0 && !epoch->is_dying && child != NULL && child->next == NULL &&
           !child->is_dying;
}

/* One handle less; takes its reference. May run any code. */
void epoch_leave(Epoch *epoch) {
    epoch->handle_count--;
    if (is_spent(epoch)) {
        dissolve(epoch);
    }
    Py_DECREF(epoch);
}

/* --- Dead lists ------------------------------------------------------------------------------ */

/* Heap nodes for what will die next, kept from one use to the next. */
static Dead *spares;
static unsigned spare_count;

/* Make sure that `count` more things can be put to death; -1 with MemoryError. */
int epoch_reserve(Epoch *epoch, unsigned count) {
    while (spare_count < count && epoch->parent != NULL) { /* Without ancestors, all is its own. */
        Dead *dead = PyMem_Malloc(sizeof *dead);
        if (dead == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        dead->next = spares;
        spares = dead;
        spare_count++;
    }
    return 0;
}

static void keep_spare(Dead *dead) {
    if (spare_count < SPARE_COUNT_MAX) {
        dead->next = spares;
        spares = dead;
        spare_count++;
    } else {
        PyMem_Free(dead);
    }
}

/* Two heaps in one; either may be NULL. */
static Dead *meld(Dead *left, Dead *right) {
    if (left == NULL || right == NULL) {
        return left != NULL ? left : right;
    }
    if (left->birth < right->birth) {
        Dead *swapped = left;
        left = right;
        right = swapped;
    }
    right->next = left->child;
    left->child = right;
    return left;
}

/* A list of heaps in one: in pairs, and then from the last pair on. */
static Dead *meld_all(Dead *heaps) {
    Dead *pairs = NULL, *heap = NULL;
    while (heaps != NULL) {
        Dead *first = heaps, *second = first->next;
        heaps = second != NULL ? second->next : NULL;
        first->next = NULL;
        if (second != NULL) {
            second->next = NULL;
            first = meld(first, second);
        }
        first->next = pairs;
        pairs = first;
    }
    while (pairs != NULL) {
        Dead *rest = pairs->next;
        pairs->next = NULL;
        heap = meld(heap, pairs);
        pairs = rest;
    }
    return heap;
}

/* All of a heap as a list. */
static Dead *flatten(Dead *heap) {
    for (Dead *dead = heap; dead != NULL; dead = dead->next) {
        if (dead->child != NULL) {
            Dead *last = dead->child;
            while (last->next != NULL) {
                last = last->next;
            }
            last->next = dead->next;
            dead->next = dead->child;
            dead->child = NULL;
        }
    }
    return heap;
}

/* Take those born at `since` or later out of a heap, as a list. */
static Dead *take_since(Dead **heap, uint64_t since) {
    Dead *taken = NULL;
    while (*heap != NULL && (*heap)->birth >= since) {
        Dead *top = *heap;
        *heap = meld_all(top->child);
        top->child = NULL;
        top->next = taken;
        taken = top;
    }
    return taken;
}

static void put_to_death(Epoch *epoch, PyObject *key, void *value, uint64_t birth) {
    CHECK(spares != NULL);
    Dead *dead = spares;
    spares = dead->next;
    spare_count--;
    *dead = (Dead){birth, key, value, NULL, NULL};
    epoch->dead = meld(epoch->dead, dead);
}

/* This epoch no longer uses a node; room was reserved. */
void epoch_drop_node(Epoch *epoch, Node *node) {
    if (epoch_owns(epoch, node)) {
        node_free(node);
    } else {
        put_to_death(epoch, NULL, node, node->birth);
    }
}

/* This epoch no longer uses a separator; room was reserved. */
void epoch_drop_key(Epoch *epoch, PyObject *key, uint64_t birth) {
    if (birth >= epoch->since) {
        Py_DECREF(key);
    } else {
        put_to_death(epoch, key, NULL, birth);
    }
}

/* This epoch no longer uses a pair; returns a new reference to the value. Room was reserved. */
PyObject *epoch_take_pair(Epoch *epoch, PyObject *key, PyObject *value, uint64_t birth) {
    if (birth >= epoch->since) {
        Py_DECREF(key);
        return value;
    }
    put_to_death(epoch, key, value, birth);
    return Py_NewRef(value);
}

/* Release what nobody sees any more. */
static void release_all(Dead *list) {
    while (list != NULL) {
        Dead dead = *list;
        keep_spare(list);
        list = dead.next;
        if (dead.key == NULL) {
            node_free(dead.value);
        } else {
            Py_DECREF(dead.key);
            Py_XDECREF((PyObject *)dead.value);
        }
    }
}

/* Join a spent epoch and its only child: `child` takes over all that `parent` owned.
 *
 * Of the child's dead, those born in the parent are seen by nobody now and are released, last. */
static void dissolve(Epoch *parent) {
    Epoch *child = parent->first_child, *above = parent->parent;
    Dead *list;
    if (above == NULL) {
        list = flatten(child->dead);
        child->dead = NULL;
    } else {
        list = take_since(&child->dead, parent->since);
        child->dead = meld(child->dead, parent->dead);
        parent->dead = NULL;
    }
    CHECK(parent->dead == NULL);
    child->since = parent->since;
    parent->root = NULL;
    unlink_child(child);
    if (above != NULL) {
        unlink_child(parent);
        link_child(child, above); /* With the reference that `parent` had. */
    }
    release_all(list);
    Py_DECREF(parent); /* The reference that `child` had. */
}

/* --- The collector's view, and the end ------------------------------------------------------- */

static int visit_owned(const Epoch *epoch, const Node *node, visitproc visit, void *arg) {
    if (!epoch_owns(epoch, node)) {
        return 0;
    }
    Py_VISIT(node->run);
    for (unsigned i = 0; i < node->count; i++) {
        if (node->height > 0) {
            int stop = visit_owned(epoch, node_child(node, i), visit, arg);
            if (stop) {
                return stop;
            }
        } else if (node_births(node)[i] >= epoch->since) {
            Py_VISIT(node_slots(node)[i].value.object);
        }
    }
    return 0;
}

static int epoch_traverse(PyObject *self, visitproc visit, void *arg) {
    Epoch *epoch = (Epoch *)self;
    Py_VISIT(epoch->parent);
    return epoch->root == NULL ? 0 : visit_owned(epoch, epoch->root, visit, arg);
}

/* Free the nodes born since `since` from here down, and the references born since then. */
static void free_owned(Node *node, uint64_t since) {
    if (node->birth < since) {
        return;
    }
    for (unsigned i = 0; i < node->count; i++) {
        if (node->height > 0) {
            free_owned(node_child(node, i), since);
        }
        if (node_births(node)[i] >= since && node_key(node, i) != NULL) {
            Py_DECREF(node_key(node, i));
            if (node->height == 0) {
                Py_DECREF(node_slots(node)[i].value.object);
            }
        }
    }
    node_free(node);
}

/* While it goes, an epoch stays below its parent, which keeps the parent's nodes where they are. */
static void epoch_dealloc(PyObject *self) {
    Epoch *epoch = (Epoch *)self, *parent = epoch->parent;
    PyObject_GC_UnTrack(self);
    epoch->is_dying = 1;
    CHECK(epoch->first_child == NULL && epoch->handle_count == 0);
    Node *root = epoch->root;
    epoch->root = NULL;
    if (root != NULL) {
        free_owned(root, epoch->since);
    }
    for (Dead *dead = flatten(epoch->dead), *next; dead != NULL; dead = next) {
        next = dead->next; /* Others see these things, or put them to death as well. */
        keep_spare(dead);
    }
    unlink_child(epoch);
    epochs_live--;
    PyObject_GC_Del(self);
    if (parent != NULL) {
        if (is_spent(parent)) {
            dissolve(parent);
        }
        Py_DECREF(parent);
    }
}

PyTypeObject Epoch_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.btree._Epoch",
    .tp_basicsize = sizeof(Epoch),
    .tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = epoch_dealloc,
    .tp_traverse = epoch_traverse,
};
