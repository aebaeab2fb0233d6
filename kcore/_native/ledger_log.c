/* The log: chunks of records, shared between copies.
 *
 * Releasing an entry may run code (its value's), so records go after the log is whole again.
 */
#include "ledger.h"

Log *log_new(int64_t count_max) {
    Log *log = PyObject_New(Log, &Log_Type);
    if (log != NULL) {
        log->chunks = NULL;
        log->chunk_count = log->chunk_capacity = 0;
        log->count_max = count_max;
        log->base = log->first = log->end = log->dropped_revision = 0;
    }
    return log;
}

static Chunk *chunk_resized(Chunk *chunk, Py_ssize_t capacity) {
    Chunk *larger = PyMem_Realloc(chunk, sizeof *chunk + (size_t)capacity * sizeof(Record));
    if (larger == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (chunk == NULL) {
        larger->use_count = 1;
        larger->count = 0;
    }
    larger->capacity = capacity;
    return larger;
}

static void chunk_drop(Chunk *chunk) {
    if (--chunk->use_count > 0) {
        return;
    }
    for (Py_ssize_t i = 0; i < chunk->count; i++) {
        Py_XDECREF(chunk->records[i].current);
        Py_XDECREF(chunk->records[i].previous);
    }
    PyMem_Free(chunk);
}

/* An independent log with the same past; NULL with MemoryError. */
Log *log_copy(const Log *log) {
    Log *copy = log_new(log->count_max);
    if (copy == NULL) {
        return NULL;
    }
    copy->base = log->base;
    copy->first = log->first;
    copy->end = log->end;
    copy->dropped_revision = log->dropped_revision;
    if (log->chunk_count == 0) { /* It forgot all its chunks, or had none yet. */
        return copy;
    }
    copy->chunks = PyMem_Malloc((size_t)log->chunk_count * sizeof(Chunk *));
    if (copy->chunks == NULL) {
        Py_DECREF(copy);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < log->chunk_count; i++) {
        copy->chunks[i] = log->chunks[i];
        copy->chunks[i]->use_count++;
    }
    copy->chunk_count = copy->chunk_capacity = log->chunk_count;
    return copy;
}

/* Give everything up. */
void log_clear(Log *log) {
    Chunk **chunks = log->chunks;
    Py_ssize_t count = log->chunk_count;
    log->chunks = NULL;
    log->chunk_count = log->chunk_capacity = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        chunk_drop(chunks[i]);
    }
    PyMem_Free(chunks);
}

/* Forget all there is; the next event has the place after it. */
void log_forget(Log *log) {
    if (log->end > log->first) {
        log->dropped_revision = log_record(log, log->end - 1)->revision;
    }
    log->base = log->first = log->end;
    log_clear(log);
}

static int add_chunk(Log *log) {
    if (log->chunk_count == log->chunk_capacity) {
        Py_ssize_t capacity = log->chunk_capacity + log->chunk_capacity / 2 + 1;
        Chunk **chunks = PyMem_Realloc(log->chunks, (size_t)capacity * sizeof(Chunk *));
        if (chunks == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        log->chunks = chunks;
        log->chunk_capacity = capacity;
    }
    Chunk *chunk = chunk_resized(NULL, CHUNK_COUNT_FIRST);
    if (chunk == NULL) {
        return -1;
    }
    log->chunks[log->chunk_count++] = chunk;
    return 0;
}

/* Let the last chunk, which others see too, be this log's own. */
static int unshare_last(Log *log) {
    Chunk **place = &log->chunks[log->chunk_count - 1], *shared = *place;
    Chunk *own = chunk_resized(NULL, shared->count < shared->capacity || shared->count >= CHUNK_COUNT
                                         ? shared->capacity
                                         : 2 * shared->capacity);
    if (own == NULL) {
        return -1;
    }
    own->count = shared->count;
    memcpy(own->records, shared->records, (size_t)shared->count * sizeof(Record));
    for (Py_ssize_t i = 0; i < own->count; i++) {
        Py_XINCREF(own->records[i].current);
        Py_XINCREF(own->records[i].previous);
    }
    shared->use_count--;
    *place = own;
    return 0;
}

/* Make sure that one record can be added without fail; -1 with MemoryError. */
int log_reserve(Log *log) {
    if (log->chunk_count == 0 || log->chunks[log->chunk_count - 1]->count == CHUNK_COUNT) {
        return add_chunk(log);
    }
    if (log->chunks[log->chunk_count - 1]->use_count > 1 && unshare_last(log) < 0) {
        return -1;
    }
    Chunk **place = &log->chunks[log->chunk_count - 1];
    if ((*place)->count == (*place)->capacity) {
        Chunk *larger = chunk_resized(*place, 2 * (*place)->capacity);
        if (larger == NULL) {
            return -1;
        }
        *place = larger;
    }
    return 0;
}

/* Add a record, whose references the log takes; room was reserved. May run any code, last. */
void log_append(Log *log, Record record) {
    Chunk *last = log->chunks[log->chunk_count - 1];
    CHECK(last->use_count == 1 && last->count < last->capacity);
    last->records[last->count++] = record;
    log->end++;
    if (log->end - log->first > log->count_max) {
        log_drop_to(log, log->first + 1);
    }
}

/* Forget what is before `sequence`, which is at most the end; whole chunks are given up. */
void log_drop_to(Log *log, int64_t sequence) {
    if (sequence <= log->first) {
        return;
    }
    log->dropped_revision = log_record(log, sequence - 1)->revision;
    log->first = sequence;
    while (log->chunk_count > 0 && sequence - log->base >= CHUNK_COUNT) {
        Chunk *oldest = log->chunks[0];
        log->chunk_count--;
        memmove(log->chunks, log->chunks + 1, (size_t)log->chunk_count * sizeof(Chunk *));
        log->base += CHUNK_COUNT;
        chunk_drop(oldest);
    }
}

/* How many events ever had a revision up to `revision`. */
int64_t log_sequence_after(const Log *log, int64_t revision) {
    if (log->end == log->first || log_record(log, log->end - 1)->revision <= revision) {
        return log->end;
    }
    int64_t low = log->first, high = log->end - 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (log_record(log, middle)->revision <= revision) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
