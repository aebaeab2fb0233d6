/* Keys as bytes: the forms in which nodes of the `btree` kernel search them; a part of btree.h. */
#ifndef KCORE_BTREE_TEXT_H
#define KCORE_BTREE_TEXT_H

typedef struct {
    int64_t high;
    int64_t low;
} Head;

/* A key in the form that nodes search by; it borrows `key`. */
typedef struct {
    PyObject *key;
    const uint8_t *bytes; /* UTF-8, lone surrogates included. */
    Py_ssize_t length;    /* At most REACH_BYTES where the key is not ASCII. */
    uint64_t hash;        /* Of the part that nodes look into: the same however the text is kept. */
    uint8_t buffer[REACH_BYTES];
} Probe;

void probe_encode(Probe *probe, PyObject *key);
uint64_t probe_hash(const Probe *probe);
int text_compare(PyObject *left, PyObject *right);
size_t text_bytes(PyObject *text);

static inline void probe_init(Probe *probe, PyObject *key) {
    if (PyUnicode_IS_COMPACT_ASCII(key)) {
        probe->key = key;
        probe->bytes = PyUnicode_DATA(key);
        probe->length = PyUnicode_GET_LENGTH(key);
    } else {
        probe_encode(probe, key);
    }
    probe->hash = probe_hash(probe);
}

/* A byte of the hash, but never 0. */
static inline uint8_t probe_tag(const Probe *probe) {
    uint8_t tag = (uint8_t)(probe->hash >> 56);
    return tag != 0 ? tag : 1;
}

/* Eight bytes as a big-endian word. */
static inline uint64_t word_load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(word);
#elif defined(__BYTE_ORDER__)
    return word;
#else
    word = 0;
    for (int i = 0; i < 8; i++) {
        word = word << 8 | bytes[i];
    }
    return word;
#endif
}

/* The bytes from `offset` on as a word to compare signed; zeros follow the end. */
static inline int64_t word_at(const uint8_t *bytes, Py_ssize_t length, Py_ssize_t offset) {
    uint64_t word = 0;
    Py_ssize_t rest = length - offset;
    if (rest >= 8) {
        word = word_load(bytes + offset);
    } else if (rest > 0 && length >= 8) { /* Load the last eight, push out those before. */
        word = word_load(bytes + length - 8) << (8 * (8 - rest));
    } else {
        for (Py_ssize_t i = 0; i < rest; i++) {
            word |= (uint64_t)bytes[offset + i] << (8 * (7 - i));
        }
    }
    return (int64_t)(word ^ (UINT64_C(1) << 63));
}

/* Whether the bytes begin with these. */
static inline int has_prefix(const uint8_t *bytes, Py_ssize_t length, const uint8_t *prefix,
                             Py_ssize_t prefix_length) {
    if (length < prefix_length) {
        return 0;
    }
    if (prefix_length < 8) { /* Fixed lengths: each memcmp is one compare of words. */
        Py_ssize_t rest = prefix_length & 3;
        return (prefix_length < 4 || memcmp(bytes, prefix, 4) == 0) &&
               (rest < 1 || bytes[prefix_length - 1] == prefix[prefix_length - 1]) &&
               (rest < 2 ||
                memcmp(bytes + prefix_length - rest, prefix + prefix_length - rest, 2) == 0);
    }
    for (Py_ssize_t at = 0; at + 8 < prefix_length; at += 8) {
        if (memcmp(bytes + at, prefix + at, 8) != 0) {
            return 0;
        }
    }
    return memcmp(bytes + prefix_length - 8, prefix + prefix_length - 8, 8) == 0;
}

#endif
