/* Versioned entries and the log of their changes: what the files of the `ledger` kernel share.
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
int log_reserve(Log *log);
void log_append(Log *log, Record record);
void log_drop_to(Log *log, int64_t sequence);
int64_t log_sequence_after(const Log *log, int64_t revision);

static inline const Record *log_record(const Log *log, int64_t sequence) {
    int64_t place = sequence - log->base;
    return &log->chunks[place / CHUNK_COUNT]->records[place % CHUNK_COUNT];
}

static inline PyObject *record_key(const Record *record) {
    return record->current != NULL ? record->current->key : record->previous->key;
}

/* --- ledger_write.c -------------------------------------------------------------------------- */

extern TreeAPI *trees;
PyObject *ledger_put(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *ledger_delete(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
