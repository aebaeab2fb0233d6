/* Immutable JSON trees: what the files of the compiled `frozen` kernel share.
 *
 * reference/frozen.py defines the behaviour; this kernel gives the same answers faster.
 *
 * A value is a map, a list, or a Python scalar (exact str, int64 int, finite float, bool, None).
 * Maps and lists are `Node`s:
 *
 *     map    { refcount, type | hash, depth | -> shape | slot 0 | slot 1 | ... }    32 + 8n bytes
 *     list   { refcount, type | hash, depth | length   | slot 0 | slot 1 | ... }    32 + 8n bytes
 *     shape  { use count, ... | key 0 | key 1 | ... }    once for all maps with these keys
 *
 * Why each rule holds, and what rests on it:
 *
 *   A node points only to values that existed before it.  So no cycle can exist, the types carry no
 *   garbage collector header, and a million pods cost the collector nothing.
 *
 *   Keys are sorted by code point and shapes are unique: two maps have the same keys if and only if
 *   they have the same shape pointer.  So equality compares slot by slot, and a key text lives once.
 *
 *   Keys are interned exact str.  So lookup is pointer comparison for every name written in source
 *   code, and no user-defined __eq__ or __hash__ ever runs inside the kernel.
 *
 *   Depth is at most DEPTH_COUNT_MAX, checked before a node is made and remembered in it.  So every
 *   walk, deallocation included, recurses at most that deep and needs neither guard nor trashcan.
 *
 *   A node is visible to Python only when all its slots are filled.  Slots are NULL before that, so
 *   a half-made node can be dropped on any error.
 *
 * The module keeps process-wide tables without locks: it relies on the GIL and does not support
 * subinterpreters.  Rejected: a transition trie of ordered shapes (grows for ever with user-chosen
 * keys) and a per-object hash table (five times the memory).
 */
#ifndef KCORE_FROZEN_H
#define KCORE_FROZEN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum {
    DEPTH_COUNT_MAX = 256, /* Nested containers; upstream's decoders stop in the same region. */
    KEY_SCAN_COUNT_MAX = 8, /* Up to here a scan of pointers beats a hash table. */
    KEY_TEXT_PADDING_BYTES = 16,
    FLOAT_TEXT_BYTES = 40, /* Longest: 21 digits or "0.00000" + 17 digits, sign, terminator. */
};

#define TOO_DEEP_TEXT "nested deeper than 256 levels"

/* hash(text) of an exact str, which remembers it. */
static inline Py_hash_t str_hash(PyObject *text) {
    Py_hash_t hash = ((PyASCIIObject *)text)->hash;
    return hash != -1 ? hash : PyObject_Hash(text);
}

/* --- frozen_shape.c: key sets shared by maps --------------------------------------------------- */

typedef struct {
    int is_html_plain;  /* No key holds a character that HTML would want escaped. */
    char *bytes;        /* "key": after "key":, and padding. */
    uint32_t ends[];    /* Of each in `bytes`, which lie behind. */
} KeyTexts;

typedef struct Shape {
    Py_ssize_t use_count;
    Py_ssize_t key_count;
    uint64_t hash;
    struct Shape *next;   /* In its bucket of the table of all shapes. */
    uint32_t *table;      /* Open addressing, index + 1 of the key; NULL for few keys. */
    size_t mask;          /* Of the table. */
    char hides_attributes; /* Whether a key is also a name that FrozenMap itself answers to. */
    char is_written;       /* Whether a map with these keys has been written as JSON. */
    KeyTexts *texts;       /* Made when it is written again; NULL before. */
    PyObject *keys[];     /* Sorted, unique, interned. */
} Shape;

Shape *shape_of(PyObject *const *keys, Py_ssize_t count);
Shape *shape_with(const Shape *shape, Py_ssize_t position, PyObject *key);
Shape *shape_without(const Shape *shape, Py_ssize_t position);
void shape_drop(Shape *shape);
Py_ssize_t shape_find_unseen(const Shape *shape, PyObject *key);
Py_ssize_t shape_position(const Shape *shape, PyObject *key);
PyObject *shapes_live(void);

/* The index of `key` (exact str), or -1. */
static inline Py_ssize_t shape_find(const Shape *shape, PyObject *key) {
    if (shape->table == NULL) {
        for (Py_ssize_t i = 0; i < shape->key_count; i++) {
            if (shape->keys[i] == key) {
                return i;
            }
        }
        if (PyUnicode_CHECK_INTERNED(key)) {
            return -1; /* Both interned and no pointer matched: it is a different text. */
        }
    }
    return shape_find_unseen(shape, key);
}

/* --- frozen_node.c, frozen_share.c: allocation, release, equality, hash, sharing ------------------ */

typedef struct {
    PyObject_HEAD
    uint32_t hash; /* 0: not computed yet. */
    uint16_t depth;
    uint16_t is_listed; /* In the table of frozen_share.c. */
    union {
        Shape *shape;
        Py_ssize_t length;
    };
    PyObject *slots[];
} Node;

extern PyTypeObject FrozenMap_Type;
extern PyTypeObject FrozenList_Type;
extern PyObject *frozen_empty_map;
extern PyObject *frozen_empty_list;
extern PyObject *frozen_attribute_names; /* set[str]: names FrozenMap itself answers to. */

static inline int is_map(PyObject *value) { return Py_IS_TYPE(value, &FrozenMap_Type); }
static inline int is_list(PyObject *value) { return Py_IS_TYPE(value, &FrozenList_Type); }
static inline int is_node(PyObject *value) { return is_map(value) || is_list(value); }

static inline Py_ssize_t node_count(PyObject *node) {
    return is_map(node) ? ((Node *)node)->shape->key_count : ((Node *)node)->length;
}

static inline Py_ssize_t value_depth(PyObject *value) {
    return is_node(value) ? (Py_ssize_t)((Node *)value)->depth : 0;
}

Node *map_alloc(Shape *shape);
Node *list_alloc(Py_ssize_t length);
PyObject *node_finish(Node *node);
void node_dealloc(PyObject *self);
PyObject *node_shared(PyObject *fresh);
void node_unlist(Node *node);
int value_equal(PyObject *left, PyObject *right);
Py_hash_t node_hash(PyObject *self);
PyObject *node_richcompare(PyObject *self, PyObject *other, int operation);

/* --- frozen_pairs.c: from key-value pairs to a map ----------------------------------------------- */

typedef struct {
    PyObject *key; /* NULL for list items. */
    PyObject *value;
} Pair;

int text_compare(PyObject *left, PyObject *right);
Py_ssize_t pairs_sort(Pair *pairs, Py_ssize_t count);
PyObject *map_from_sorted(const Pair *pairs, Py_ssize_t count);
void pairs_drop(Pair *pairs, Py_ssize_t count);
PyObject *key_interned(PyObject *key);

/* --- frozen_freeze.c: Python values in and out --------------------------------------------------- */

PyObject *value_freeze(PyObject *value, Py_ssize_t depth);
PyObject *value_checked(PyObject *value);
PyObject *value_thaw(PyObject *value);
PyObject *text_exact(PyObject *text);
const char *type_name(PyObject *value);
int frozen_freeze_ready(void);
extern PyObject *frozen_mapping_abc;

/* --- frozen_json_read.c, frozen_json_write.c, frozen_number.c ------------------------------------ */

PyObject *json_read(PyObject *data, Py_ssize_t bytes_max);
void json_release(void);
int caches_check(void);
PyObject *json_error_new(const char *message, Py_ssize_t position);
PyObject *json_write(PyObject *value, int html_escapes);
PyObject *json_text(PyObject *value);
int float_text(double number, char text[FLOAT_TEXT_BYTES]);
int int_text(int64_t number, char text[FLOAT_TEXT_BYTES]);
PyObject *number_read(const char *digits, Py_ssize_t length, const char **error);
extern PyTypeObject JSONError_Type;

/* --- frozen_path.c: reading and changing along a path ---------------------------------------------- */

PyObject *node_at(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *node_set(PyObject *self, PyObject *const *args, Py_ssize_t count);
PyObject *node_remove(PyObject *self, PyObject *steps);
PyObject *list_append(PyObject *self, PyObject *value);
PyObject *steps_set(PyObject *root, PyObject *steps, PyObject *value);

/* --- frozen_{lookup,paths,strings,patch,guard}.c: paths prepared once -------------------------------- */

PyObject *steps_exact(PyObject *steps);
Py_ssize_t step_number(PyObject *step);
int node_expected(PyObject *value);
int no_keywords(PyTypeObject *type, PyObject *kwargs);
PyObject *lookup_of(PyObject *steps);
PyObject *lookup_read(PyObject *self, PyObject *value, PyObject *fallback);
extern PyTypeObject Path_Type;
extern PyTypeObject Paths_Type;
extern PyTypeObject Strings_Type;
extern PyTypeObject Patch_Type;
extern PyTypeObject GuardedPatch_Type;
extern PyTypeObject Template_Type;

/* --- frozen_names.c, frozen_named_texts.c, frozen_wording.c ------------------------------------------ */

int text_is_subdomain(PyObject *text);
PyObject *module_is_subdomain(PyObject *module, PyObject *text);
extern PyTypeObject NamedTexts_Type;
extern PyTypeObject Wording_Type;

/* --- frozen_method.c: what a map answers to itself --------------------------------------------------- */

int method_names_ready(PyObject *own, const PyMethodDef *methods);
int method_find(PyObject *name, const PyMethodDef **method);
PyObject *method_bind(PyObject *self, const PyMethodDef *method);
int map_names_ready(void);
extern PyTypeObject Method_Type;

/* --- frozen_diff.c, frozen_views.c, frozen_check.c ------------------------------------------------- */

extern PyTypeObject Absent_Type;
extern PyObject *frozen_absent;
PyObject *value_diff(PyObject *module, PyObject *const *args, Py_ssize_t count);

typedef enum { WALK_KEYS, WALK_VALUES, WALK_ITEMS } Walk;

extern PyTypeObject Iterator_Type;
extern PyTypeObject Keys_Type;
extern PyTypeObject Values_Type;
extern PyTypeObject Items_Type;
PyObject *iterator_new(PyObject *node, Walk walk, int is_reversed);
PyObject *view_new(PyObject *node, Walk walk);

PyObject *module_check(PyObject *module, PyObject *value);

int refuse_change(void);
PyObject *refuse_operator(PyObject *left, PyObject *right);
PyObject *refuse_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int refuse_setattr(PyObject *self, PyObject *name, PyObject *value);
int refuse_setitem(PyObject *self, PyObject *key, PyObject *value);
PyObject *node_repr(PyObject *self);
PyObject *node_self(PyObject *self, PyObject *ignored);
PyObject *node_reduce(PyObject *self, PyObject *protocol);
PyObject *node_sizeof(PyObject *self, PyObject *ignored);

#endif
