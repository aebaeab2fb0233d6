/* The reader's state and its memory of earlier texts, shared by the files that read JSON. */
#ifndef KCORE_FROZEN_JSON_H
#define KCORE_FROZEN_JSON_H

#include "frozen.h"

struct Order;

/* One key of an order, and what stood under it when such maps were read. */
typedef struct {
    PyObject *key;       /* Borrowed from the order's shape; NULL behind the last key. */
    const char *text;    /* "key" with its quotes; NULL for a key that needs an escape. */
    uint32_t text_bytes;
    uint32_t slot;       /* Of the value in a map. */
    struct Order *inner; /* That of the last map here, or of the last map in a list here. */
    struct Order *other; /* What was right the last time this key was not the next one. */
    PyObject *last;      /* The last plain ASCII string that came again; owned. */
    uint8_t trust;       /* In `last`. */
    uint8_t skipped;     /* Strings the cache was not asked for, counted round. */
    uint16_t tries;      /* How often the string cache was asked for a string here... */
    uint16_t hits;       /* ...and had it. */
    uint32_t memo_bytes;
    char *memo_text;     /* A map or list that stood here at least twice... */
    PyObject *memo;      /* ...and its value; both owned. */
    uint64_t sample;     /* What the last map or list here looked like. */
} Field;

/* A sequence of keys as texts have it, beside the sorted shape it stands for. */
typedef struct Order {
    uint64_t hash;
    Shape *shape; /* Holds a use; NULL: this place is free. */
    Field *fields; /* key_count of them, and one behind the last key. */
    Py_ssize_t count;
    int pin_count; /* Readers that are inside such a map. */
    int is_recent;
} Order;

typedef struct {
    const char *start;
    const char *at; /* The next byte. */
    const char *end; /* A NUL stands here. */
    Pair *stack; /* Parts of the maps and lists that are still open; owns its references. */
    Py_ssize_t used;
    Py_ssize_t size;
    Pair *first_stack; /* What `stack` is at the start; not to be freed. */
    int has_news; /* A string was read that is not worth remembering, so nothing around it is. */
} Reader;

static inline void skip_space(Reader *reader) {
    while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' ||
           *reader->at == '\r') {
        reader->at++;
    }
}

/* Skip space, then `token` if it is next. */
static inline int take(Reader *reader, char token) {
    skip_space(reader);
    if (*reader->at == token && reader->at < reader->end) {
        reader->at++;
        return 1;
    }
    return 0;
}

/* Whether `text` comes next. */
static inline int text_is_next(const Reader *reader, const char *text, size_t length) {
    return (size_t)(reader->end - reader->at) >= length &&
           memcmp(reader->at, text, length) == 0;
}

/* --- frozen_json_read.c ------------------------------------------------------------------------------ */

PyObject *reader_fail(const Reader *reader, const char *message, const char *at);
PyObject *reader_value(Reader *reader, Py_ssize_t depth, Field *field);
int reader_push(Reader *reader, PyObject *key, PyObject *value);

/* --- frozen_json_map.c ------------------------------------------------------------------------------- */

PyObject *reader_map(Reader *reader, Py_ssize_t depth, Field *field);

/* --- frozen_json_order.c ----------------------------------------------------------------------------- */

enum {
    ORDER_KEY_COUNT_MAX = 64,
    ORDER_COUNT = 1024, /* A busy API server sees some hundred. */
};

uint64_t order_hash(PyObject *const *keys, Py_ssize_t count);
Order *order_find(uint64_t hash, PyObject *const *keys, Py_ssize_t count);
Order *order_learn(uint64_t hash, PyObject *const *keys, Py_ssize_t count, Shape *shape);
Order *order_at(int place);
void orders_release(void);
void memos_release(void);

/* --- frozen_json_memo.c ------------------------------------------------------------------------------ */

PyObject *memo_find(Reader *reader, Py_ssize_t depth, const Field *field);
void memo_offer(Field *field, const char *text, size_t length, PyObject *value);
void memo_clear(Field *field);
size_t memo_total_bytes(void);

/* --- frozen_json_write.c, for frozen_wording.c ------------------------------------------------------- */

typedef struct {
    size_t start; /* In the text that is kept. */
    Py_ssize_t part;
} Gap;

PyObject *json_fill(const char *text, size_t length, const Gap *gaps, Py_ssize_t count,
                    PyObject *const *parts);

/* --- frozen_json_written.c --------------------------------------------------------------------------- */

const char *written_find(const PyObject *part, size_t *length);
void written_offer(PyObject *part, const char *text, size_t length);
void written_release(void);
int written_check(void);

/* --- frozen_json_string.c, frozen_json_utf8.c -------------------------------------------------------- */

PyObject *reader_string(Reader *reader, Field *field);
PyObject *reader_key(Reader *reader);
void texts_release(void);
PyObject *utf8_of(PyObject *data);
int utf8_check(const Reader *reader);

#endif
