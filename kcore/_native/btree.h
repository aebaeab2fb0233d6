/* A copy-on-write B+tree of strings: what the files of the compiled `btree` kernel share.
 *
 * reference/btree.py defines the behaviour; this kernel gives the same answers faster.
 *
 *     leaf   { tag of each key                                    one cache line
 *              | birth, run, count, capacity, height, prefix       two
 *              | key and value of each | high word of each head | birth of each }
 *
 *     inner  { nothing | birth, count, capacity, height, prefix
 *              | head of every eighth key                          two lines: the pivots
 *              | key and child of each | high word of each head | low word of each
 *              | birth of each | entries below each child }
 *
 * Capacities are multiples of GRAIN, at most FAN_OUT: a small or half-filled node is small.  Where
 * nodes fill much memory, it is put into huge pages (btree_region.c).
 *
 * **Search.** Keys compare by code points, which is the order of their UTF-8.  A node keeps the
 * bytes that all its keys begin with, and of each key the 16 bytes after them as two big-endian
 * words (a *head*), sign bit flipped so that vector units, which compare signed, may rank them, and
 * ranks without branches.  Full keys are compared only where whole heads are equal.
 *
 * In an inner node the rank among the pivots tells which eight heads to rank next, and whose children
 * to fetch meanwhile: five or six lines are read of some forty.
 *
 * Whoever asks for a key that is there needs no rank in the leaf: the keys' *tags*, a byte of a hash
 * each, are compared at once, and the one or two that agree are looked at.  So a lookup waits for
 * one line of a leaf: its slots are fetched together with the tags, before one of them is chosen.
 * Ranking is left to those who insert a key or ask for a range, and for them leaves keep high words
 * only: where these tie, keys are compared.
 * A full node is cut where keys part, near the middle, and the separator above is no longer than it
 * has to be (btree_cut.c): so few heads of inner nodes are equal to that of a key.
 * A large tree that is asked often keeps its latest answers beside it (btree_recent.c).
 *
 * **Ownership.** Trees that came from one another by `copy` stand in a tree of *epochs*.  An epoch
 * is one state of a line of writes.  All handles (trees and iterators) on one epoch see its root;
 * one that is alone on it, with nothing branched off, writes in place.  Otherwise a write first
 * opens a child epoch for its handle, and copies the nodes on its path that the child does not own.
 *
 *     a.copy()  -> b         epoch 1: a, b           nothing was allocated but the handle
 *     b.set("x", 2)          epoch 1: a <- epoch 2: b     one path copied, owned by 2
 *     del a                  epoch 1 has one user left and dissolves into 2: b owns all again
 *
 * Each node and each counted reference (a leaf's pair, an inner node's separator) is stamped with
 * its birth.  Stamps grow from parent to child, so `birth >= epoch.since` says "born here", and
 * whatever is reachable from an epoch was born in it or in its ancestors.  Copying a node touches
 * no reference count: the copy lists the same references, and they remain their births' epoch's.
 * What a write replaces is freed at once when it was born here, and otherwise put on the epoch's
 * *dead list*: these are the things that an ancestor sees and this epoch and its descendants do not.
 *
 *   An epoch without handles and with one child dissolves into it: what the child put to death and
 *   the parent bore is now invisible to all, and is freed; the rest of the child's dead stay.
 *
 *   An epoch without handles and children dies: it frees the nodes born in it (its root leads to
 *   all of them, and a child born here has a parent born here) and the references born in it.
 *
 * So memory comes back when snapshots die, at a cost of what they alone had kept.  One slack is
 * accepted: what two forks have both replaced is kept until one of them goes.
 *
 * **Collector.** Epochs are objects that only the garbage collector sees.  An epoch's references are
 * visited by the epoch alone, so each is visited once however many trees share the node.  Trees
 * whose values cannot be part of cycles are not tracked at all.
 *
 * **Python code runs** in the release of values only, and that comes after the structure is whole
 * again.  The kernel relies on the GIL.
 *
 * Rejected: counting references to nodes and values while copying (1.6 to 1.8 times the cost of a
 * write after a copy), a counter per node (the same misses), and copying a path at each write.
 */
#ifndef KCORE_BTREE_H
#define KCORE_BTREE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum {
    FAN_OUT = 64,        /* Slots of a node; by measurement better than 16 and 32. */
    FILL_COUNT_MIN = 16, /* Fewer are merged with a neighbour. */
    GRAIN = 8,           /* Capacities are multiples: eight heads are one cache line. */
    HEAD_BYTES = 16,
    LINE_BYTES = 64,
    PIVOT_COUNT = FAN_OUT / GRAIN,
    PIVOT_WORDS = 2 * PIVOT_COUNT, /* The high words, then the low ones. */
    PREFIX_BYTES_MAX = 96,                       /* With it a header is two lines. */
    REACH_BYTES = PREFIX_BYTES_MAX + HEAD_BYTES, /* No node looks further into a key. */
    DEPTH_COUNT_MAX = 16,                       /* 16 children at least: more than memory holds. */
    GUESSED_COUNT = 48, /* Slots that most leaves have: two thirds are filled, in random order. */
};

#include "btree_hints.h"
#include "btree_text.h"

/* --- btree_rank.c: how many heads are below -------------------------------------------------- */

typedef struct Node Node;

/* Among a leaf's high words, and among an inner node's heads; where all are below, FAN_OUT at most
 * and the node's count at least.  Chosen for this processor by rank_choose. */
extern unsigned (*rank_highs)(const Node *leaf, int64_t high);
extern unsigned (*rank_heads)(const Node *inner, Head head);
int rank_choose(const char *name);
uint64_t tags_equal(const uint8_t *tags, uint8_t tag);

/* --- btree_node.c ---------------------------------------------------------------------------- */

typedef union {
    PyObject *object;
    Node *child;
} Value;

/* Slot 0 of an inner node has no key: it begins where the node begins. */
typedef struct {
    PyObject *key;
    Value value;
} Slot;

struct Node {
    uint8_t tags[FAN_OUT]; /* Of a leaf: a byte of the hash of each key; 0: no key. */
    uint64_t birth;
    PyObject *run; /* Of a leaf: its values as a list, made when first asked for; else NULL. */
    void *block;   /* What was allocated; the node stands at a cache line in it. */
    uint16_t count;
    uint16_t capacity;
    uint8_t height; /* 0: a leaf. */
    uint8_t prefix_length;
    uint8_t prefix[PREFIX_BYTES_MAX + 2];
    int64_t words[]; /* The pivots of an inner node, and the columns. */
};

_Static_assert(offsetof(Node, birth) == LINE_BYTES && sizeof(Node) % LINE_BYTES == 0,
               "tags are a line of their own");

/* Two neighbours and what separates them: `key`, whose reference was born at `birth`. */
typedef struct {
    Node *left;
    Node *right;
    PyObject *key;
    uint64_t birth;
} Cut;

/* The first column: where it begins does not depend on what a leaf's header says. */
static inline Slot *leaf_slots(const Node *leaf) { return (Slot *)leaf->words; }
static inline Slot *inner_slots(const Node *inner) { return (Slot *)(inner->words + PIVOT_WORDS); }

static inline Slot *node_slots(const Node *node) {
    return node->height > 0 ? inner_slots(node) : leaf_slots(node);
}

static inline int64_t *node_highs(const Node *node) {
    return (int64_t *)(node_slots(node) + node->capacity);
}

/* Of an inner node. */
static inline int64_t *node_lows(const Node *node) { return node_highs(node) + node->capacity; }

/* When the references of a slot were counted: to key and value, which come and go together. */
static inline uint64_t *node_births(const Node *node) {
    return (uint64_t *)(node_highs(node) + node->capacity * (node->height > 0 ? 2u : 1u));
}

/* Of an inner node: the entries below each child. */
static inline Py_ssize_t *node_sizes(const Node *node) {
    return (Py_ssize_t *)(node_births(node) + node->capacity);
}

/* The first slot with a key. */
static inline unsigned node_first(const Node *node) { return node->height > 0; }

static inline PyObject *node_key(const Node *node, unsigned index) {
    return node_slots(node)[index].key;
}

static inline Node *node_child(const Node *node, unsigned index) {
    return node_slots(node)[index].value.child;
}

/* Fetch what a search reads first: an inner node's header and pivots, or a leaf's tags and, since one
 * of its slots is wanted as soon as these are there, most of its slots.  Waiting for them line by line
 * would cost as many misses. */
static inline void node_prefetch(const Node *node, unsigned height) {
    if (height == 0) {
        prefetch(node->tags);
        for (unsigned i = 0; i < GUESSED_COUNT; i += LINE_BYTES / sizeof(Slot)) {
            prefetch(leaf_slots(node) + i);
        }
    } else {
        prefetch(&node->birth);
        prefetch(node->words);
        prefetch(node->words + PIVOT_COUNT);
    }
}

static inline unsigned capacity_for(unsigned count) {
    return (count + GRAIN - 1) / GRAIN * GRAIN;
}

extern Py_ssize_t nodes_live;

Node *node_new(unsigned height, unsigned capacity, uint64_t birth);
Node *node_copy(const Node *node, unsigned capacity, uint64_t birth);
void node_free(Node *node);
size_t node_bytes(const Node *node);
Py_ssize_t node_size(const Node *node);
void node_append(Node *node, const Node *source, unsigned from, unsigned to);
void node_insert(Node *node, unsigned index, Slot slot, uint64_t birth, Py_ssize_t size);
void node_remove(Node *node, unsigned index);
void node_rekey(Node *node, unsigned index, PyObject *key, uint64_t birth);
Node *node_join(const Cut *halves, uint64_t birth);
unsigned node_lower(const Node *node, const Probe *probe, int *is_equal);
unsigned inner_route(const Node *inner, const Probe *probe);
int leaf_find(const Node *leaf, const Probe *probe);

/* --- btree_cut.c: where nodes are cut --------------------------------------------------------- */

unsigned cut_place(const Node *node);
int node_cut(const Node *node, unsigned at, uint64_t birth, Cut *cut);

/* --- btree_heads.c: what a node searches by --------------------------------------------------- */

void heads_set(Node *node, unsigned index);
void heads_refresh(Node *node);
void heads_take(Node *part, const Node *whole, unsigned from);
void heads_finish(Node *node);
void heads_pivot(Node *node);

/* --- btree_region.c: huge pages -------------------------------------------------------------- */

extern Py_ssize_t regions_settled;

void region_fill(const void *place, size_t bytes);

/* --- btree_epoch.c: who owns what ------------------------------------------------------------ */

/* A node (`key` NULL) or the references of one slot (`value` NULL for a separator).  A dead list is
 * a pairing heap, the youngest birth on top: the part to release comes off without a look at the
 * rest, and two lists join in O(1). */
typedef struct Dead {
    uint64_t birth;
    PyObject *key;
    void *value;
    struct Dead *child;
    struct Dead *next;
} Dead;

typedef struct Epoch {
    PyObject_HEAD
    uint64_t since; /* What it owns was born at `since` or later, */
    uint64_t stamp; /* and what it writes now is born at `stamp`. */
    Node *root;     /* NULL once dissolved. */
    Py_ssize_t count;
    Py_ssize_t handle_count;
    struct Epoch *parent;      /* Counted reference. */
    struct Epoch *first_child; /* Children are linked, not counted: they hold their parent. */
    struct Epoch *next;
    struct Epoch *previous;
    Dead *dead;
    int is_dying;
    int is_tracked; /* Some value may be part of a cycle. */
} Epoch;

extern PyTypeObject Epoch_Type;
extern Py_ssize_t epochs_live;

Epoch *epoch_new(void);
Epoch *epoch_branch(Epoch *parent);
Epoch *epoch_join(Epoch *epoch);
void epoch_leave(Epoch *epoch);
int epoch_reserve(Epoch *epoch, unsigned count);
void epoch_drop_node(Epoch *epoch, Node *node);
void epoch_drop_key(Epoch *epoch, PyObject *key, uint64_t birth);
PyObject *epoch_take_pair(Epoch *epoch, PyObject *key, PyObject *value, uint64_t birth);
void epoch_track(Epoch *epoch);

static inline int epoch_owns(const Epoch *epoch, const Node *node) {
    return node->birth >= epoch->since;
}

static inline int epoch_is_shared(const Epoch *epoch) {
    return epoch->handle_count > 1 || epoch->first_child != NULL;
}

/* --- btree_path.c: ways through the tree ----------------------------------------------------- */

typedef struct {
    Node *node;
    unsigned index;
} Step;

/* From the root to a leaf. */
typedef struct {
    unsigned depth;
    Step steps[DEPTH_COUNT_MAX];
} Path;

int path_find(Path *path, Node *root, const Probe *probe);
void path_to_edge(Path *path, Node *root, int at_end);
int path_next_leaf(Path *path);
int path_previous_leaf(Path *path);
Py_ssize_t path_distance(const Path *start, const Path *end, Py_ssize_t enough);
void path_link(Path *path, Epoch *epoch, unsigned level, Node *node);
int path_own(Path *path, Epoch *epoch);

static inline Step *path_leaf(Path *path) { return &path->steps[path->depth - 1]; }

/* --- btree_set.c, btree_pop.c, btree_load.c: changes ----------------------------------------- */

typedef struct Recent Recent;

typedef struct {
    PyObject_HEAD
    Epoch *epoch;          /* NULL: empty, and never written to. */
    Recent *recent;        /* NULL while it was not asked often. */
    Py_ssize_t asked_count; /* Until then. */
} Tree;

extern PyTypeObject Tree_Type;

Tree *tree_new(void);
Epoch *tree_writable(Tree *tree, PyObject *value);
PyObject *key_exact(PyObject *key);
int path_insert(Path *path, Epoch *epoch, PyObject *key, PyObject *value);
PyObject *tree_set(Tree *tree, PyObject *key, PyObject *value);
PyObject *tree_pop(Tree *tree, PyObject *key);
PyObject *tree_load(PyObject *type, PyObject *pairs);

/* --- btree_recent.c: what a tree was asked for lately ---------------------------------------- */

/* The least height and number of questions for which pairs are kept. */
typedef struct {
    unsigned height_min;
    Py_ssize_t asked_min;
} RecentRule;

RecentRule recent_use(RecentRule wanted);
PyObject *recent_find(Recent *recent, const Probe *probe);
void recent_keep(Tree *tree, const Probe *probe, Slot slot);
void recent_forget(Tree *tree, const Probe *probe);
void recent_drop(Tree *tree);
size_t recent_bytes(const Tree *tree);
int recent_check(const Tree *tree);

/* --- btree_cursor.c, btree_check.c ----------------------------------------------------------- */

typedef enum { WALK_ITEMS, WALK_VALUES, WALK_RUNS } Walk;

typedef struct {
    PyObject *start;
    PyObject *end;
    Py_ssize_t limit; /* 0: none. */
    int is_reversed;
} Bounds;

extern PyTypeObject Cursor_Type;
PyObject *cursor_new(Tree *tree, const Bounds *bounds, Walk walk);
PyObject *tree_page(Tree *tree, const Bounds *bounds);
Py_ssize_t tree_count(Tree *tree, const Bounds *bounds);

/* --- btree_module.c: for other kernels ------------------------------------------------------- */

/* Kernels that write trees find this under BTREE_API_NAME. All keys are str. */
typedef struct {
    PyTypeObject *type;
    /* Called before: find and set or pop after it run no code but the release of a value. */
    Epoch *(*writable)(Tree *tree, PyObject *value);
    PyObject *(*find)(Tree *tree, PyObject *key); /* Borrowed; NULL without an error: absent. */
    PyObject *(*set)(Tree *tree, PyObject *key, PyObject *value); /* What it had, or None. */
    PyObject *(*pop)(Tree *tree, PyObject *key);                  /* What it had. */
    void (*region_fill)(const void *place, size_t bytes);
} TreeAPI;

#define BTREE_API_NAME "kcore._native.btree._api"

PyObject *tree_find(Tree *tree, PyObject *key);
PyObject *tree_check(PyObject *self, PyObject *ignored);
PyObject *tree_node_counts(PyObject *self, PyObject *ignored);
PyObject *tree_sizeof(PyObject *self, PyObject *ignored);

#endif
