/* Strings of JSON text.
 *
 * Short ones come from two small bounded caches: the same few hundred field names make up nearly
 * all keys, and words like "Always" or "TCP" many of the values. One place per text, the newest
 * wins; a text that is not there costs one probe more than without the cache.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

enum {
    BUFFER_BYTES_MIN = 512,
    KEY_CACHE_COUNT = 2048,
    TEXT_CACHE_COUNT = 8192,
    CACHED_BYTES_MAX = 32, /* Field names and enumerations fit; texts that differ each time do not. */
};

static PyObject *key_cache[KEY_CACHE_COUNT];   /* Interned. */
static PyObject *text_cache[TEXT_CACHE_COUNT]; /* Not interned. */

typedef struct {
    char *data;
    size_t used;
    size_t size;
} Buffer;

/* Room for `extra` more bytes, at least doubling; -1 with MemoryError. */
static int buffer_reserve(Buffer *buffer, size_t extra) {
    if (buffer->size - buffer->used >= extra) {
        return 0;
    }
    size_t size = buffer->size * 2 > BUFFER_BYTES_MIN ? buffer->size * 2 : BUFFER_BYTES_MIN;
    size = size - buffer->used < extra ? buffer->used + extra : size; /* Less than the input. */
    char *data = PyMem_Realloc(buffer->data, size);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    buffer->data = data;
    buffer->size = size;
    return 0;
}

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Four hex digits at `at`; -1 for a wrong one, -2 where the text ends first. */
static int hex4(const char *at, const char *end) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = at + i < end ? hex_value(at[i]) : -2;
        if (digit < 0) {
            return digit;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *to, uint32_t character) {
    if (character < 0x80) {
        *to++ = (char)character;
        return to;
    }
    if (character < 0x800) {
        *to++ = (char)(0xC0 | character >> 6);
    } else {
        if (character < 0x10000) {
            *to++ = (char)(0xE0 | character >> 12);
        } else {
            *to++ = (char)(0xF0 | character >> 18);
            *to++ = (char)(0x80 | (character >> 12 & 63));
        }
        *to++ = (char)(0x80 | (character >> 6 & 63));
    }
    *to++ = (char)(0x80 | (character & 63));
    return to;
}

/* The character of `\uXXXX` at `at`, and how many bytes say it (6 or 12); 0 for a wrong one. */
static int read_unicode(Reader *reader, const char *at, uint32_t *character) {
    int first = hex4(at + 2, reader->end);
    if (first < 0) {
        return first == -1 ? 0 : -1;
    }
    *character = (uint32_t)first;
    if (first >> 11 != 0xD800 >> 11) {
        return 6;
    }
    *character = 0xFFFD; /* Unless the other half follows. */
    if (first < 0xDC00 && reader->end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
        int second = hex4(at + 8, reader->end);
        if (second >= 0xDC00 && second <= 0xDFFF) {
            *character = 0x10000 + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
            return 12;
        }
    }
    return 6;
}

/* The character of the escape at `at` and its length; 0 for a wrong one, -1 at the text's end. */
static int read_escape(Reader *reader, const char *at, uint32_t *character) {
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    if (at + 1 >= reader->end) {
        return -1;
    }
    if (at[1] == 'u') {
        return read_unicode(reader, at, character);
    }
    for (const char *name = names; *name != '\0'; name += 2) {
        if (*name == at[1]) {
            *character = (uint32_t)name[1];
            return 2;
        }
    }
    return 0;
}

/* A string with at least one escape, or a wrong one; `at` is the first byte that is not plain. */
static PyObject *read_escaped(Reader *reader, const char *open, const char *at) {
    Buffer buffer = {NULL, 0, 0};
    PyObject *text = NULL;
    const char *from = open + 1;
    while (1) {
        while (at < reader->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
            at++;
        }
        if (buffer_reserve(&buffer, (size_t)(at - from) + 4) < 0) {
            break;
        }
        memcpy(buffer.data + buffer.used, from, (size_t)(at - from));
        buffer.used += (size_t)(at - from);
        if (at < reader->end && *at == '"') {
            reader->at = at + 1;
            text = PyUnicode_DecodeUTF8(buffer.data, (Py_ssize_t)buffer.used, NULL);
            break;
        }
        if (at < reader->end && *at != '\\') {
            reader_fail(reader, "control character in string", at);
            break;
        }
        uint32_t character = 0;
        int length = read_escape(reader, at, &character);
        if (length <= 0) {
            reader_fail(reader, length == 0 ? "invalid escape" : "unterminated string",
                        length == 0 ? at : open);
            break;
        }
        buffer.used = (size_t)(put_utf8(buffer.data + buffer.used, character) - buffer.data);
        from = at += length;
    }
    PyMem_Free(buffer.data);
    return text;
}

/* The end of the plain part of a string; `*is_ascii` is cleared if it is not. */
static const char *plain_end(const char *at, const char *end, int *is_ascii) {
    while (end - at >= 8) {
        uint64_t word = word_load(at);
        if ((word_special(word, JSON_MARKS) | (word & WORD_HIGHS)) != 0) {
            break;
        }
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        *is_ascii &= (unsigned char)*at < 0x80;
        at++;
    }
    return at;
}

static PyObject *ascii_text(const char *from, Py_ssize_t length) {
    if (length < 2) { /* CPython shares those: do not write into them. */
        return PyUnicode_DecodeUTF8(from, length, NULL);
    }
    PyObject *text = PyUnicode_New(length, 127);
    if (text != NULL) {
        memcpy(PyUnicode_1BYTE_DATA(text), from, (size_t)length);
    }
    return text;
}

/* Where a cache keeps this text: the low bits choose the place. */
static size_t text_place(const char *from, Py_ssize_t length) {
    uint64_t hash = (uint64_t)length * UINT64_C(0x9E3779B97F4A7C15);
    for (; length >= 8; from += 8, length -= 8) {
        hash = (hash ^ word_load(from)) * UINT64_C(0xBF58476D1CE4E5B9);
        hash ^= hash >> 31;
    }
    for (; length > 0; from++, length--) {
        hash = (hash ^ (unsigned char)*from) * UINT64_C(0x100000001B3);
    }
    return (size_t)(hash ^ (hash >> 29));
}

/* The ASCII string in `place` if it is this text, else a new one that takes the place. */
static PyObject *cached_text(PyObject **place, const char *from, Py_ssize_t length, int is_key) {
    if (*place != NULL && PyUnicode_GET_LENGTH(*place) == length &&
        memcmp(PyUnicode_1BYTE_DATA(*place), from, (size_t)length) == 0) {
        Py_INCREF(*place);
        return *place;
    }
    PyObject *text = ascii_text(from, length);
    if (text != NULL && is_key) {
        Py_SETREF(text, key_interned(text));
    }
    if (text != NULL) {
        Py_INCREF(text);
        Py_XSETREF(*place, text);
    }
    return text;
}

static PyObject *read_text(Reader *reader, int is_key) {
    const char *open = reader->at, *from = open + 1;
    int is_ascii = 1;
    const char *at = plain_end(from, reader->end, &is_ascii);
    if (at == reader->end || *at != '"') {
        return read_escaped(reader, open, at);
    }
    reader->at = at + 1;
    Py_ssize_t length = at - from;
    if (!is_ascii) {
        return PyUnicode_DecodeUTF8(from, length, NULL);
    }
    if (length > CACHED_BYTES_MAX) {
        return ascii_text(from, length);
    }
    size_t place = text_place(from, length);
    PyObject **cached = is_key ? &key_cache[place & (KEY_CACHE_COUNT - 1)]
                               : &text_cache[place & (TEXT_CACHE_COUNT - 1)];
    return cached_text(cached, from, length, is_key);
}

/* The string whose opening quote is next. */
PyObject *reader_string(Reader *reader) { return read_text(reader, 0); }

/* The same for a map's key; interned if it may come again. */
PyObject *reader_key(Reader *reader) { return read_text(reader, 1); }
