/* Compressed sets of small integers, and maps from texts to such sets: what the files of the
 * compiled `postings` kernel share.
 *
 * reference/postings.py defines the behaviour; this kernel gives the same answers faster.
 *
 *     set     { use count | count | chunk, chunk, ... by the high 16 bits of their ids }
 *     chunk   { use count | count | sorted uint16, or 1024 words of 64 bits }
 *     branch  { use count | bit per child | child, child, ... }      a trie on the hash of a text
 *     entry   { use count | text | set | branch below }              what a text leads to
 *
 * `Bitmap` is a set that never changes. `Postings` is a trie of keys; the entry of a key holds the
 * set of the key itself and a trie of its values, each with a set:
 *
 *     env  {1,2,3,9}  -> prod {1,2}, dev {3}        (9 has the key, with a value that is no text)
 *
 * Everything is shared and nothing is copied before it must be: a copy of a map takes one more
 * use of its root, and a writer copies what others use too (use count above 1) on its way from the
 * root down, at most a few hundred bytes per level and 8 KB of one chunk. What only the writer uses
 * is changed in place. So a copy costs O(1), and n changes after it cost O(n), not n copies.
 *
 * A chunk of more than ARRAY_COUNT_MAX ids is a bit set, because it is smaller than the array then;
 * one that shrinks becomes an array at ARRAY_COUNT_AGAIN, so that ids which come and go around the
 * limit do not convert it each time; a union of many sets stays a bit set for the operation that
 * comes next. Empty chunks, sets and entries do not exist in a map.
 *
 * Rejected: runs as a third form of chunk (ids are reused after deletion, which tears runs apart),
 * transaction ids instead of use counts (a set handed out as a Bitmap outlives any transaction),
 * one flat hash table (a copy of it costs O(entries) at the first write).
 *
 * The order of a trie depends on hashes of texts, which differ from process to process: nothing
 * that leaves this kernel is in that order. Counts are plain integers: it relies on the GIL.
 */
#ifndef KCORE_POSTINGS_H
#define KCORE_POSTINGS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum {
    CHUNK_BITS = 16,
    WORDS_COUNT = 1024,       /* Of 64 bits: one per id of a chunk. */
    ARRAY_COUNT_MAX = 4096,   /* 2 bytes each: as large as the words. */
    ARRAY_COUNT_AGAIN = 3072,
    WORDS_COUNT_MIN = 512,    /* Unions of at most so many ids become arrays, too. */
    ARRAY_CAPACITY_MIN = 4,
    FEW_RATIO = 3,            /* Arrays this unequal: search the long one for ids of the short. */
    READ_SLACK_COUNT = 3,
    BLOCK_COUNT = 32,         /* Ids compared at once. */
    TRIE_BITS = 5,
    TRIE_SHIFT_MAX = 60,      /* Beyond it no bits are left; equal hashes stand in a plain list. */
};

/* --- postings_words.c: loops over 1024 words, by what the processor can do ------------------------ */

typedef struct {
    const char *name;
    /* out = a op b; returns how many bits are set in out. `out` may be `a`. */
    uint32_t (*both)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    uint32_t (*either)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    uint32_t (*without)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    uint32_t (*one)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    uint32_t (*count_both)(const uint64_t *a, const uint64_t *b);
    uint32_t (*count)(const uint64_t *a);
    /* Ids of the bits, in order; may write READ_SLACK_COUNT more behind them. */
    void (*read)(const uint64_t *words, uint16_t *out);
    /* Ids of a short array that are (`wanted` 1) or are not (0) in whole blocks of a long one, up
     * to the last of these; `left` is how many of the short array lie behind it. */
    uint32_t (*filter)(const uint16_t *few, uint32_t few_count, const uint16_t *many,
                       uint32_t block_count, int wanted, uint16_t *out, uint32_t *left);
} WordLoops;

extern const WordLoops *word_loops;
int words_ready(const char *wanted);

/* --- postings_chunk.c, postings_chunk_algebra.c: up to 65,536 ids --------------------------------- */

typedef struct {
    uint32_t use_count;
    uint32_t count;
    uint32_t capacity; /* Of the array, in ids; 0: words. */
    uint32_t unused;   /* The words start at a multiple of 8. */
} Chunk;

static inline uint16_t *chunk_ids(const Chunk *chunk) { return (uint16_t *)(chunk + 1); }
static inline uint64_t *chunk_words(const Chunk *chunk) { return (uint64_t *)(chunk + 1); }
static inline int is_words(const Chunk *chunk) { return chunk->capacity == 0; }

static inline Chunk *chunk_use(Chunk *chunk) {
    chunk->use_count++;
    return chunk;
}

Chunk *array_alloc(uint32_t capacity);
Chunk *words_alloc(void);
void chunk_drop(Chunk *chunk);
Chunk *chunk_fitting(Chunk *chunk);
Chunk *chunk_of_words(const uint64_t *words, uint32_t count);
int chunk_has(const Chunk *chunk, uint16_t id);
int chunk_add(Chunk **place, uint16_t id);
int chunk_discard(Chunk **place, uint16_t id);
uint32_t chunk_rank(const Chunk *chunk, uint16_t id);
uint16_t chunk_select(const Chunk *chunk, uint32_t position);
uint32_t chunk_read(const Chunk *chunk, uint32_t start, uint16_t *out, uint32_t limit);
int chunk_equal(const Chunk *a, const Chunk *b);
void chunk_pour(const Chunk *chunk, uint64_t *words);

typedef enum { BOTH, EITHER, WITHOUT, ONE } Algebra;

int chunk_combine(Algebra algebra, Chunk *a, Chunk *b, Chunk **result);
uint32_t chunk_count_both(const Chunk *a, const Chunk *b);

/* --- postings_set.c, postings_set_algebra.c: ids of 32 bits --------------------------------------- */

typedef struct {
    Chunk *chunk;
    uint32_t high;
} Part;

typedef struct {
    uint32_t use_count;
    uint32_t part_count;
    uint32_t capacity;
    uint32_t unused;
    uint64_t count;
    Part parts[]; /* By `high`. */
} Set;

static inline Set *set_use(Set *set) {
    set->use_count++;
    return set;
}

extern Set *set_empty;

int sets_ready(void);
Set *set_alloc(uint32_t capacity);
void set_drop(Set *set);
int set_push(Set **place, uint32_t high, Chunk *chunk);
uint32_t set_part(const Set *set, uint32_t high);
int set_has(const Set *set, uint32_t id);
int set_add(Set **place, uint32_t id);
int set_discard(Set **place, uint32_t id);
uint64_t set_rank(const Set *set, uint32_t id);
uint32_t set_select(const Set *set, uint64_t position);
int set_equal(const Set *a, const Set *b);
int set_check(const Set *set);
Set *set_combine(Algebra algebra, Set *a, Set *b);
Set *set_union(Set **sets, Py_ssize_t count);
uint64_t set_count_both(const Set *a, const Set *b);

/* --- postings_trie.c: texts to sets --------------------------------------------------------------- */

typedef struct Branch Branch;

typedef struct {
    uint32_t use_count;
    uint32_t unused;
    Py_hash_t hash;
    PyObject *text; /* Exact str. */
    Set *set;       /* NULL: none. */
    Branch *below;    /* NULL: none. */
} Entry;

/* A child is a Branch, or an Entry with the lowest bit of its address set. */
typedef uintptr_t Child;

struct Branch {
    uint32_t use_count;
    uint32_t child_count;
    uint32_t capacity;
    uint32_t bits; /* Which of 32 slots are taken; 0 in a list of equal hashes. */
    Child children[];
};

static inline int is_entry(Child child) { return (int)(child & 1); }
static inline Entry *child_entry(Child child) { return (Entry *)(child - 1); }
static inline Branch *child_branch(Child child) { return (Branch *)child; }

Branch *branch_use(Branch *branch);
void branch_drop(Branch *branch);
Entry *trie_find(Branch *branch, PyObject *text, Py_hash_t hash);
int trie_own(Branch **place, PyObject *text, Py_hash_t hash, int makes, Entry **found);
void trie_remove(Branch **place, PyObject *text, Py_hash_t hash);
int trie_each(const Branch *branch, int (*visit)(Entry *entry, void *context), void *context);
int trie_check(const Branch *branch, int shift, uint64_t path);
void trie_hash_limit(int bits);
Py_hash_t text_hash(PyObject *text);

/* --- postings_pairs.c: maps of keys and values, as they come from Python -------------------------- */

typedef int (*PairVisit)(PyObject *key, PyObject *value, void *context);

int pairs_ready(void);
int pairs_each(PyObject *pairs, PairVisit visit, void *context);
int pairs_have(PyObject *pairs, PyObject *key, PyObject *text);

/* --- postings_bitmap.c: the Python type, postings_map.c and postings_hits.c: the other one -------- */

typedef struct {
    PyObject_HEAD
    Branch *keys; /* NULL: none. */
} Postings;

extern PyTypeObject Bitmap_Type;
extern PyTypeObject BitmapIterator_Type;
extern PyTypeObject Postings_Type;

PyObject *bitmap_of(Set *set);
int id_of(PyObject *number, uint32_t *id);
PyObject *postings_hits(PyObject *self, PyObject *pairs);

static inline int no_memory(void) {
    PyErr_NoMemory();
    return -1;
}

#endif
