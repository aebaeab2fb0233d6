/* What a tree was asked for lately: a small table in front of the way down.
 *
 * Programs ask for the same keys again and again, and of a large tree each way down reads some
 * twenty cache lines.  A handle that is asked often keeps the pairs it answered with, each at the
 * one place that its key's hash allows, so that the next question for it reads two or three.
 *
 * The pairs are borrowed from the leaves.  What a handle sees changes by its own writes alone, and
 * these forget the pair they replace; a copy begins with nothing.
 */
#include "btree.h"

enum { RECENT_COUNT = 8192 }; /* A power of two; some 200 KB, which second-level caches hold. */

typedef struct {
    uint64_t hash;
    PyObject *key; /* NULL: nothing is kept here. */
    PyObject *value;
} Pair;

struct Recent {
    Pair pairs[RECENT_COUNT];
};

/* Whom it helps: low trees are in the cache themselves, and who asks little is not paid for it. */
static RecentRule rule = {.height_min = 2, .asked_min = RECENT_COUNT};

/* Keep answers by this rule from now on; the one before. */
RecentRule recent_use(RecentRule wanted) {
    RecentRule before = rule;
    rule = wanted;
    return before;
}

static Pair *place_of(Recent *recent, uint64_t hash) {
    return &recent->pairs[hash % RECENT_COUNT];
}

/* The value of a key that was answered lately, borrowed; NULL: go and look. */
PyObject *recent_find(Recent *recent, const Probe *probe) {
    const Pair *pair = place_of(recent, probe->hash);
    int is_it = pair->hash == probe->hash && pair->key != NULL &&
                text_compare(pair->key, probe->key) == 0;
    return is_it ? pair->value : NULL;
}

/* Keep a pair that the tree has just answered with. */
void recent_keep(Tree *tree, const Probe *probe, Slot slot) {
    if (tree->recent == NULL) {
        if (tree->epoch->root->height < rule.height_min || ++tree->asked_count < rule.asked_min) {
            return;
        }
        tree->asked_count = 0;
        tree->recent = PyMem_Calloc(1, sizeof(Recent));
        if (tree->recent == NULL) {
            return; /* Looking each time is as right. */
        }
    }
    *place_of(tree->recent, probe->hash) = (Pair){probe->hash, slot.key, slot.value.object};
}

/* A key has another pair now, or none. */
void recent_forget(Tree *tree, const Probe *probe) {
    if (tree->recent != NULL) {
        place_of(tree->recent, probe->hash)->key = NULL;
    }
}

void recent_drop(Tree *tree) {
    PyMem_Free(tree->recent);
    tree->recent = NULL;
}

size_t recent_bytes(const Tree *tree) { return tree->recent == NULL ? 0 : sizeof(Recent); }

/* All that is kept is what the tree has; -1 with AssertionError. */
int recent_check(const Tree *tree) {
    for (unsigned i = 0; tree->recent != NULL && i < RECENT_COUNT; i++) {
        const Pair *pair = &tree->recent->pairs[i];
        if (pair->key == NULL) {
            continue;
        }
        Probe probe;
        Path path;
        probe_init(&probe, pair->key);
        int is_there = path_find(&path, tree->epoch->root, &probe);
        const Step *leaf = path_leaf(&path);
        if (!is_there || node_key(leaf->node, leaf->index) != pair->key ||
            node_slots(leaf->node)[leaf->index].value.object != pair->value) {
            PyErr_Format(PyExc_AssertionError, "%R was replaced and is remembered", pair->key);
            return -1;
        }
        if (pair->hash != probe.hash || i != probe.hash % RECENT_COUNT) {
            PyErr_Format(PyExc_AssertionError, "%R is remembered at a wrong place", pair->key);
            return -1;
        }
    }
    return 0;
}
