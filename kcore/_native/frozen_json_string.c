/* Strings of JSON text.
 *
 * Short ones come from two small bounded caches: the same few hundred field names make up nearly
 * all keys, and words like "Always" or "TCP" many of the values. One place per text, the newest
 * wins. A field also remembers its last string, and whether asking the cache pays: where nearly
 * every value is new (a uid, a name), most are not asked for and do not push out others.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

enum {
    BUFFER_BYTES_MIN = 512,
    KEY_CACHE_COUNT = 2048,
    TEXT_CACHE_COUNT = 8192,
    KEY_BYTES_MAX = 64,
    TEXT_BYTES_MAX = 128,  /* An image with its digest fits. */
    TRUST_MAX = 3,
    TRIES_JUDGED = 64,     /* So many strings under a field tell whether the cache pays. */
    TRIES_MAX = 1024,      /* Then old times count half. */
    HITS_WANTED_OF_TRIES = 8,
    PROBE_MASK = 31,       /* Where it does not pay, every 32nd string is asked for all the same. */
};

typedef struct {
    uint64_t hash;
    PyObject *text;
} Cached;

static Cached key_cache[KEY_CACHE_COUNT];   /* Interned. */
static Cached text_cache[TEXT_CACHE_COUNT]; /* Not interned. */

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

/* A string that is not plain ASCII, or a wrong one; `at` is the first byte that is not plain. */
static PyObject *read_special(Reader *reader, const char *open, const char *at) {
    Buffer buffer = {NULL, 0, 0};
    PyObject *text = NULL;
    const char *from = open + 1;
    while (1) {
        while (at < reader->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
            at++;
        }
        if (from == open + 1 && at < reader->end && *at == '"') { /* No escape at all. */
            reader->at = at + 1;
            return PyUnicode_DecodeUTF8(from, at - from, NULL);
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

/* --- plain strings -------------------------------------------------------------------------------- */

/* The first byte that is special, or beyond ASCII. */
static inline const char *plain_end(const char *at, const char *end) {
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned found = block_special(block, JSON_MARKS) | (unsigned)_mm_movemask_epi8(block);
        if (found != 0) {
            return at + __builtin_ctz(found);
        }
    }
#else
    for (; end - at >= 8; at += 8) {
        uint64_t word = word_load(at);
        if ((word_special(word, JSON_MARKS) | (word & WORD_HIGHS)) != 0) {
            break;
        }
    }
#endif
    while (at < end && !byte_special(*at, JSON_MARKS) && (unsigned char)*at < 0x80) {
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

/* Never 0. */
static inline uint64_t text_hash(const char *from, Py_ssize_t length) {
    uint64_t hash = (uint64_t)length * UINT64_C(0x9E3779B97F4A7C15);
    if (length >= 8) {
        Py_ssize_t done = 0;
        for (; done < length - 8; done += 8) {
            hash = (hash ^ word_load(from + done)) * UINT64_C(0xBF58476D1CE4E5B9);
            hash ^= hash >> 31;
        }
        hash = (hash ^ word_load(from + length - 8)) * UINT64_C(0xBF58476D1CE4E5B9);
    } else {
        uint64_t word = 0;
        memcpy(&word, from, (size_t)length);
        hash = (hash ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
    }
    return (hash ^ (hash >> 29)) | 1;
}

static inline int is_text(PyObject *text, const char *from, Py_ssize_t length) {
    return PyUnicode_GET_LENGTH(text) == length &&
           memcmp(PyUnicode_1BYTE_DATA(text), from, (size_t)length) == 0;
}

/* The ASCII string in its place if it is this text, else a new one that takes the place. */
static inline PyObject *cached_text(Cached *place, uint64_t hash, const char *from,
                                    Py_ssize_t length, int is_key, int *is_hit) {
    if (place->hash == hash && is_text(place->text, from, length)) {
        *is_hit = 1;
        Py_INCREF(place->text);
        return place->text;
    }
    *is_hit = 0;
    PyObject *text = ascii_text(from, length);
    if (text != NULL && is_key) {
        Py_SETREF(text, key_interned(text));
    }
    if (text != NULL) {
        Py_INCREF(text);
        Py_XSETREF(place->text, text);
        place->hash = hash;
    }
    return text;
}

/* Whether to ask the cache for a string under this field. */
static inline int is_cache_worthwhile(Field *field) {
    if (field->tries < TRIES_JUDGED || field->hits * HITS_WANTED_OF_TRIES >= field->tries) {
        return 1;
    }
    return (++field->skipped & PROBE_MASK) == 0;
}

/* Take into account whether the cache had the string; `text` may become the one to expect. */
static inline void field_judge(Field *field, PyObject *text, int is_hit) {
    field->tries++;
    field->hits = (uint16_t)(field->hits + is_hit);
    if (field->tries >= TRIES_MAX) {
        field->tries /= 2;
        field->hits /= 2;
    }
    if (field->trust > 0) {
        field->trust--;
    } else if (is_hit) {
        Py_INCREF(text);
        Py_XSETREF(field->last, text);
        field->trust = 1;
    }
}

/* A string of plain ASCII. */
static PyObject *plain_text(Reader *reader, Field *field, const char *from, Py_ssize_t length) {
    int is_hit;
    if (length > TEXT_BYTES_MAX) {
        return ascii_text(from, length);
    }
    if (field != NULL && !is_cache_worthwhile(field)) {
        reader->has_news = 1;
        return ascii_text(from, length);
    }
    uint64_t hash = text_hash(from, length);
    Cached *place = &text_cache[hash >> 1 & (TEXT_CACHE_COUNT - 1)];
    PyObject *text = cached_text(place, hash, from, length, 0, &is_hit);
    if (field != NULL && text != NULL) {
        field_judge(field, text, is_hit);
    }
    return text;
}

/* The string that stood under the field last time, if it stands there again. */
static inline PyObject *last_again(Reader *reader, Field *field) {
    size_t length = (size_t)PyUnicode_GET_LENGTH(field->last);
    const char *from = reader->at + 1;
    if ((size_t)(reader->end - from) <= length || from[length] != '"' ||
        memcmp(from, PyUnicode_1BYTE_DATA(field->last), length) != 0) {
        return NULL;
    }
    field->trust += field->trust < TRUST_MAX;
    reader->at = from + length + 1;
    Py_INCREF(field->last);
    return field->last;
}

/* The string whose opening quote is next; `field` is what it stands under, or NULL. */
PyObject *reader_string(Reader *reader, Field *field) {
    if (field != NULL && field->last != NULL) {
        PyObject *last = last_again(reader, field);
        if (last != NULL) {
            return last;
        }
    }
    const char *open = reader->at, *at = plain_end(open + 1, reader->end);
    if (at < reader->end && *at == '"') {
        reader->at = at + 1;
        return plain_text(reader, field, open + 1, at - open - 1);
    }
    return read_special(reader, open, at);
}

/* The same for a map's key; interned if it may come again. */
PyObject *reader_key(Reader *reader) {
    const char *open = reader->at, *from = open + 1, *at = plain_end(from, reader->end);
    if (at == reader->end || *at != '"') {
        return read_special(reader, open, at);
    }
    reader->at = at + 1;
    if (at - from > KEY_BYTES_MAX) {
        return ascii_text(from, at - from);
    }
    int is_hit;
    uint64_t hash = text_hash(from, at - from);
    Cached *place = &key_cache[hash >> 1 & (KEY_CACHE_COUNT - 1)];
    return cached_text(place, hash, from, at - from, 1, &is_hit);
}

static void cache_release(Cached *cache, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Py_CLEAR(cache[i].text);
        cache[i].hash = 0;
    }
}

/* Forget all strings. */
void texts_release(void) {
    cache_release(key_cache, KEY_CACHE_COUNT);
    cache_release(text_cache, TEXT_CACHE_COUNT);
}
