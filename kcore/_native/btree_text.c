/* Keys as bytes: their UTF-8 as far as nodes look into them, and their order.
 *
 * ASCII texts, nearly all keys there are, are searched where they lie.  Of others the first bytes
 * are encoded on the stack, so nothing is allocated and nothing can fail.  Lone surrogates are
 * encoded like other code points, which keeps the order of str.
 */
#include "btree.h"

static Py_ssize_t encode(Py_UCS4 point, uint8_t bytes[4]) {
    if (point < 0x80) {
        bytes[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        bytes[0] = (uint8_t)(0xC0 | point >> 6);
        bytes[1] = (uint8_t)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        bytes[0] = (uint8_t)(0xE0 | point >> 12);
        bytes[1] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
        bytes[2] = (uint8_t)(0x80 | (point & 0x3F));
        return 3;
    }
    bytes[0] = (uint8_t)(0xF0 | point >> 18);
    bytes[1] = (uint8_t)(0x80 | (point >> 12 & 0x3F));
    bytes[2] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
    bytes[3] = (uint8_t)(0x80 | (point & 0x3F));
    return 4;
}

/* A probe for a key that is not ASCII. */
void probe_encode(Probe *probe, PyObject *key) {
    int kind = PyUnicode_KIND(key);
    const void *data = PyUnicode_DATA(key);
    Py_ssize_t length = PyUnicode_GET_LENGTH(key), used = 0;
    for (Py_ssize_t i = 0; i < length && used < REACH_BYTES; i++) {
        uint8_t bytes[4];
        Py_ssize_t size = encode(PyUnicode_READ(kind, data, i), bytes);
        size = size < REACH_BYTES - used ? size : REACH_BYTES - used;
        memcpy(probe->buffer + used, bytes, (size_t)size);
        used += size;
    }
    probe->key = key;
    probe->bytes = probe->buffer;
    probe->length = used;
}

/* All bits depend on all bytes that nodes look into. */
uint64_t probe_hash(const Probe *probe) {
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio. */
    Py_ssize_t length = probe->length < REACH_BYTES ? probe->length : REACH_BYTES;
    uint64_t hash = (uint64_t)length;
    for (Py_ssize_t at = 0; at < length; at += 8) {
        hash = (hash ^ (uint64_t)word_at(probe->bytes, length, at)) * factor;
        hash ^= hash >> 32;
    }
    hash *= factor;
    return hash ^ hash >> 32;
}

/* The order of two exact str by code points: negative, 0 or positive. */
int text_compare(PyObject *left, PyObject *right) {
    if (left == right) {
        return 0;
    }
    if (!PyUnicode_IS_COMPACT_ASCII(left) || !PyUnicode_IS_COMPACT_ASCII(right)) {
        return PyUnicode_Compare(left, right);
    }
    Py_ssize_t left_length = PyUnicode_GET_LENGTH(left), right_length = PyUnicode_GET_LENGTH(right);
    Py_ssize_t length = left_length < right_length ? left_length : right_length;
    int order = memcmp(PyUnicode_DATA(left), PyUnicode_DATA(right), (size_t)length);
    return order != 0 ? order : (left_length > right_length) - (left_length < right_length);
}

/* What a compact str takes. */
size_t text_bytes(PyObject *text) {
    size_t points = (size_t)PyUnicode_GET_LENGTH(text) + 1;
    return PyUnicode_IS_COMPACT_ASCII(text)
               ? sizeof(PyASCIIObject) + points
               : sizeof(PyCompactUnicodeObject) + points * (size_t)PyUnicode_KIND(text);
}
