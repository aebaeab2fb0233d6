/* Versioned entries, the log of their changes, and the store's most frequent calls: what the files
 * of the `ledger` kernel share.
 *
 * reference/ledger.py defines the behaviour; this kernel gives the same answers faster.
 *
 *     entry   { refcount, type | key | value | create revision | mod revision | version }  56 bytes
 *     record  { revision | current entry | previous entry }                                24 bytes
 *     chunk   { use count, count, capacity | record ... }    up to CHUNK_COUNT records
 *     log     { chunk ... }                                  full, except the last
 *
 * A record becomes an Event object only when somebody reads it, so remembering a change costs its
 * record and the entry that it made: 88 bytes, and what that entry holds.
 *
 * Logs share chunks.  Only the last one is written to, and a log that shares it copies it first.
 *
 * Entries carry no garbage collector header: their values are immutable trees and can be part of no
 * cycle.  (A value that is part of one would keep it alive, as it does in a Frozen.)
 *
 * Trees are written through the interface that the `btree` kernel offers to others.
 */
#ifndef KCORE_LEDGER_H
#define KCORE_LEDGER_H

#include "btree.h"

enum { CHUNK_COUNT = 512, CHUNK_COUNT_FIRST = 8 };

/* --- ledger_entry.c -------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *key;
    PyObject *value;
    int64_t create_revision;
    int64_t mod_revision;
    int64_t version;
} Entry;

typedef struct {
    PyObject_HEAD
    int64_t revision;
    Entry *current;  /* NULL: deleted. */
    Entry *previous; /* NULL: created. */
} Event;

extern PyTypeObject Entry_Type;
extern PyTypeObject Event_Type;

Entry *entry_new(PyObject *key, PyObject *value, int64_t revision);
PyObject *event_new(int64_t revision, Entry *current, Entry *previous);

/* --- ledger_log.c, ledger_log_type.c --------------------------------------------------------- */

typedef struct {
    int64_t revision;
    Entry *current;
    Entry *previous;
} Record;

typedef struct {
    Py_ssize_t use_count;
    Py_ssize_t count;
    Py_ssize_t capacity;
    Record records[];
} Chunk;

typedef struct {
    PyObject_HEAD
    Chunk **chunks;
    Py_ssize_t chunk_count;
    Py_ssize_t chunk_capacity;
    int64_t count_max;
    int64_t base; /* Sequence of the first record of the first chunk. */
    int64_t first;
    int64_t end;
    int64_t dropped_revision;
} Log;

extern PyTypeObject Log_Type;

Log *log_new(int64_t count_max);
Log *log_copy(const Log *log);
void log_clear(Log *log);
void log_forget(Log *log);
int log_reserve(Log *log);
void log_append(Log *log, Record record);
void log_drop_to(Log *log, int64_t sequence);
int64_t log_sequence_after(const Log *log, int64_t revision);
PyObject *log_event(const Log *log, int64_t sequence);

static inline const Record *log_record(const Log *log, int64_t sequence) {
    int64_t place = sequence - log->base;
    return &log->chunks[place / CHUNK_COUNT]->records[place % CHUNK_COUNT];
}

static inline PyObject *record_key(const Record *record) {
    return record->current != NULL ? record->current->key : record->previous->key;
}

/* --- ledger_write.c -------------------------------------------------------------------------- */

enum { ANYTHING = -1 }; /* No revision is expected. */

typedef struct {
    Tree *tree;
    Log *log;
    PyObject *key;
    PyObject *value; /* NULL: delete. */
    int64_t revision;
    int64_t expect;
} Write;

extern TreeAPI *trees;
int revision_parse(PyObject *value, int64_t *revision);
int expect_parse(PyObject *value, int64_t *expect);
int write_put(const Write *write, Entry **current, Entry **previous);
int write_delete(const Write *write, Entry **previous);
PyObject *ledger_put(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *ledger_delete(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* --- ledger_contents.c, ledger_bucket.c ------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *entries;  /* A tree. */
    PyObject *indexes;  /* A dict from names to functions; empty: there is nothing to keep. */
    PyObject *postings; /* A tree. */
} Contents;

typedef struct {
    PyObject_HEAD
    PyObject *line; /* Token of the store that may write. */
    PyObject *contents;
    PyObject *history;
    PyObject *now; /* After how many events the present is, and its view; or None. */
} Bucket;

extern PyTypeObject Contents_Type;
extern PyTypeObject Bucket_Type;

/* Nearly all parts are of the class in Python that stands right on the type: that is quick to see. */
static inline int is_part(PyObject *part, PyTypeObject *type) {
    return Py_TYPE(part)->tp_base == type || PyObject_TypeCheck(part, type);
}

PyObject *part_of(PyObject *part, PyTypeObject *type, const char *what);
PyObject *ledger_posting_key(PyObject *module, PyObject *const *args, Py_ssize_t count);
int contents_prepare(void);
int bucket_prepare(void);
int contents_reindex(const Contents *contents, PyObject *key, Entry *old, Entry *new);
Log *bucket_log(const Bucket *bucket);
PyObject *bucket_get(const Bucket *bucket, PyObject *key);
PyObject *bucket_view(const Bucket *bucket, int64_t revision);
PyObject *bucket_put(const Bucket *bucket, PyObject *key, PyObject *value, int64_t revision,
                     int64_t expect);
PyObject *bucket_delete(const Bucket *bucket, PyObject *key, int64_t revision, int64_t expect);

/* --- ledger_words.c -------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *fields[];
} Words;

extern PyTypeObject Compare_Type;
extern PyTypeObject Put_Type;
extern PyTypeObject Delete_Type;
extern PyTypeObject Get_Type;
extern PyTypeObject TxnResult_Type;

PyObject *words_new(PyTypeObject *type, PyObject *const *fields, Py_ssize_t count);
int words_export(PyObject *module);

/* --- ledger_store.c, ledger_txn.c ------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *buckets;      /* A dict from names; forks share it until one of them writes. */
    PyObject *buckets_line; /* Token of the store that may change it; NULL: nobody. */
    PyObject *line;         /* This store's token; NULL: it has written nothing since a fork. */
    PyObject *empty;        /* The bucket that stands for those that are not there. */
    PyObject *interests;    /* Of watchers, which no fork has. */
    int64_t history_count_max;
    int64_t revision;
    int64_t compact_revision;
} Store;

/* Of a method's arguments: how many must be given, may be given by place, and there are. */
typedef struct {
    Py_ssize_t wanted;
    Py_ssize_t by_place;
    Py_ssize_t all;
} Shape;

extern PyTypeObject Store_Type;

int store_prepare(void);
int arguments_sort(const char *method, const char *const *fields, Shape shape,
                   PyObject *const *args, Py_ssize_t count, PyObject *names, PyObject **found);
Bucket *store_writable(Store *store, PyObject *name);
int store_find(Store *store, PyObject *name, PyObject *key, Entry **entry);
PyObject *store_put_next(Store *store, PyObject *name, PyObject *key, PyObject *value,
                         int64_t expect, PyObject *expected);
Bucket *bucket_named(const Store *store, PyObject *name);
Log *store_log(const Store *store, PyObject *name);
int txn_prepare(void);
PyObject *store_txn(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);

/* --- ledger_changes.c ------------------------------------------------------------------------ */

/* Buckets with their last changes, on which something depends. */
typedef struct {
    PyObject *bucket;
    int64_t revision;
} LastChange;

typedef struct {
    Py_ssize_t count;
    LastChange *changes;
} Depends;

PyObject *store_last_change(PyObject *self, PyObject *name);
PyObject *store_is_unchanged(PyObject *self, PyObject *changes);
PyObject *name_interned(PyObject *name);
int depends_parse(PyObject *changes, Depends *depends);
void depends_clear(Depends *depends);
int store_holds(const Store *store, const Depends *depends);

/* --- ledger_journal.c, ledger_press.c, ledger_amend.c ---------------------------------------- */

typedef struct {
    PyObject_HEAD
    Store *store;
    PyObject *note;     /* Hears of every write. */
    PyObject *to_bytes; /* What it hears of a value. */
} Journal;

/* A call that writes a value as text. */
typedef struct {
    PyObject *call;
    PyObject *const *args;
    size_t count;
} Writer;

extern PyTypeObject Journal_Type;
extern PyTypeObject Press_Type;
extern PyTypeObject Amendment_Type;

PyObject *key_of(PyObject *space, PyObject *name);
PyObject *revision_text(int64_t revision);
PyObject *journal_commit(const Journal *journal, PyObject *verb, PyObject *bucket, PyObject *key,
                         PyObject *value, PyObject *expected, const Writer *writer);

/* --- ledger_cursor.c ------------------------------------------------------------------------- */

extern PyTypeObject Cursor_Type;

/* Kernels that read what cursors stand before find this under LEDGER_API_NAME. */
typedef struct {
    /* The cursor of which these are the methods `pending` and `next`, borrowed; NULL: they are not. */
    PyObject *(*behind)(PyObject *pending, PyObject *next);
    int64_t (*count_ahead)(PyObject *cursor); /* How often `next` has something, -1: an exception. */
    /* What `next` gives: 1, with new references; 0: there is nothing; -1 with an exception. */
    int (*take)(PyObject *cursor, Record *taken);
} CursorAPI;

#define LEDGER_API_NAME "kcore._native.ledger._api"

int cursor_prepare(void);
int cursor_export(PyObject *module);

#endif
