/* A value's JSON text: compact, sorted because maps are, UTF-8, escapes only where JSON demands.
 *
 * `at` is where the next byte goes. Whoever writes asks for room first, and for ROOM_BYTES more than
 * it needs: so brackets, commas and short words need no asking.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

enum {
    SCRATCH_BYTES = 1 << 16, /* Most texts fit: no buffer of their own, one copy at the end. */
    ROOM_BYTES = 64,
    CHARACTER_BYTES_MAX = 6, /* \u00XX */
    KEY_TEXT_COUNT_MAX = 64, /* More keys are a user's, not fields, and not written often. */
    KEY_TEXT_LOCAL_BYTES = 2048,
};

typedef struct {
    char *data;
    char *end;
    char *first; /* What `data` is at the start; not to be freed. */
    Marks marks;
} Writer;

static char scratch[SCRATCH_BYTES]; /* No Python code runs while a text is written. */

/* Move to a bigger buffer; the place in it, or NULL with MemoryError. */
static char *writer_grow(Writer *writer, char *at, size_t extra) {
    size_t used = (size_t)(at - writer->data), size = (size_t)(writer->end - writer->data);
    if (extra > (size_t)PY_SSIZE_T_MAX - used) {
        PyErr_NoMemory();
        return NULL;
    }
    size = size > (size_t)PY_SSIZE_T_MAX / 2 ? (size_t)PY_SSIZE_T_MAX : size * 2;
    size = size - used < extra || size < used ? used + extra : size;
    char *data = PyMem_Realloc(writer->data == writer->first ? NULL : writer->data, size);
    if (data == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (writer->data == writer->first) {
        memcpy(data, writer->first, used);
    }
    writer->data = data;
    writer->end = data + size;
    return data + used;
}

static void writer_clear(Writer *writer) {
    if (writer->data != writer->first) {
        PyMem_Free(writer->data);
    }
}

/* Room for `extra` bytes and a little more; NULL with MemoryError. */
static inline char *room(Writer *writer, char *at, size_t extra) {
    if ((size_t)(writer->end - at) >= extra + ROOM_BYTES) {
        return at;
    }
    return writer_grow(writer, at, extra + ROOM_BYTES);
}

/* --- strings -------------------------------------------------------------------------------------- */

/* What Go's encoder escapes beyond JSON's demands, unless told otherwise. */
static int is_html_mark(Py_UCS4 character) {
    return character == '<' || character == '>' || character == '&' || character == 0x2028 ||
           character == 0x2029;
}

/* \uXXXX */
static char *put_hex(char *at, Py_UCS4 character) {
    static const char hex[] = "0123456789abcdef";
    *at++ = '\\';
    *at++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *at++ = hex[character >> shift & 15];
    }
    return at;
}

/* An escape of two characters where JSON has one, else \u00XX. */
static char *put_escape(char *at, Py_UCS4 character) {
    static const char short_names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (const char *name = short_names; *name != '\0'; name += 2) {
        if ((Py_UCS4)*name == character) {
            *at++ = '\\';
            *at++ = name[1];
            return at;
        }
    }
    return put_hex(at, character);
}

/* One code point, at most CHARACTER_BYTES_MAX bytes. */
static char *put_character(char *at, Py_UCS4 character, Marks marks) {
    if (character < 0x20 || character == '"' || character == '\\') {
        return put_escape(at, character);
    }
    if (marks == HTML_MARKS && is_html_mark(character)) {
        return put_hex(at, character);
    }
    if (character < 0x80) {
        *at++ = (char)character;
        return at;
    }
    if (character < 0x800) {
        *at++ = (char)(0xC0 | character >> 6);
    } else {
        if (character < 0x10000) {
            *at++ = (char)(0xE0 | character >> 12);
        } else {
            *at++ = (char)(0xF0 | character >> 18);
            *at++ = (char)(0x80 | (character >> 12 & 63));
        }
        *at++ = (char)(0x80 | (character >> 6 & 63));
    }
    *at++ = (char)(0x80 | (character & 63));
    return at;
}

/* A string with something to escape, or not ASCII. */
static char *put_any_text(Writer *writer, char *at, PyObject *text) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    const void *data = PyUnicode_DATA(text);
    int kind = PyUnicode_KIND(text), is_ascii = PyUnicode_IS_ASCII(text);
    if (length > (PY_SSIZE_T_MAX - ROOM_BYTES) / CHARACTER_BYTES_MAX) {
        PyErr_NoMemory();
        return NULL;
    }
    at = room(writer, at, (size_t)length * CHARACTER_BYTES_MAX);
    if (at == NULL) {
        return NULL;
    }
    *at++ = '"';
    for (Py_ssize_t i = 0; i < length; i++) {
        if (is_ascii) {
            const char *from = (const char *)data + i;
            size_t plain = plain_length(from, (size_t)(length - i), writer->marks);
            memcpy(at, from, plain);
            at += plain;
            i += (Py_ssize_t)plain;
            if (i == length) {
                break;
            }
        }
        at = put_character(at, PyUnicode_READ(kind, data, i), writer->marks);
    }
    *at++ = '"';
    return at;
}

static inline char *put_text(Writer *writer, char *at, PyObject *text) {
    if (PyUnicode_IS_ASCII(text)) {
        size_t length = (size_t)PyUnicode_GET_LENGTH(text);
        const char *from = (const char *)PyUnicode_1BYTE_DATA(text);
        at = room(writer, at, length);
        if (at == NULL) {
            return NULL;
        }
        *at = '"';
        int is_plain = writer->marks == JSON_MARKS
                           ? copy_if_plain(at + 1, from, length, JSON_MARKS)
                           : copy_if_plain(at + 1, from, length, HTML_MARKS);
        if (is_plain) {
            at += length + 1;
            *at++ = '"';
            return at;
        }
    }
    return put_any_text(writer, at, text);
}

/* --- keys: escaped once per shape ------------------------------------------------------------------- */

static int has_html_mark(PyObject *text) {
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        if (is_html_mark(PyUnicode_READ_CHAR(text, i))) {
            return 1;
        }
    }
    return 0;
}

/* `"key":` of every key of the shape. NULL: no memory, and then keys are escaped one by one. */
static KeyTexts *key_texts_new(const Shape *shape) {
    char local[KEY_TEXT_LOCAL_BYTES], *at = local;
    Writer writer = {local, local + sizeof local, local, JSON_MARKS};
    uint32_t ends[KEY_TEXT_COUNT_MAX];
    int is_html_plain = 1;
    for (Py_ssize_t i = 0; i < shape->key_count && at != NULL; i++) {
        at = put_text(&writer, at, shape->keys[i]);
        if (at != NULL) {
            *at++ = ':';
            ends[i] = (uint32_t)(at - writer.data);
            is_html_plain &= !has_html_mark(shape->keys[i]);
        }
    }
    size_t used = at == NULL ? 0 : (size_t)(at - writer.data);
    size_t ends_size = (size_t)shape->key_count * sizeof *ends;
    KeyTexts *texts = NULL;
    if (at != NULL && used < INT32_MAX) {
        texts = PyMem_Calloc(1, sizeof *texts + ends_size + used + KEY_TEXT_PADDING_BYTES);
    }
    if (texts != NULL) {
        texts->is_html_plain = is_html_plain;
        texts->bytes = (char *)(texts->ends + shape->key_count);
        memcpy(texts->ends, ends, ends_size);
        memcpy(texts->bytes, writer.data, used);
    }
    writer_clear(&writer);
    PyErr_Clear();
    return texts;
}

/* The texts of a shape that was written before and has few keys; else NULL. */
static inline const KeyTexts *key_texts_of(Shape *shape, Marks marks) {
    if (shape->texts == NULL && shape->is_written && shape->key_count <= KEY_TEXT_COUNT_MAX) {
        shape->texts = key_texts_new(shape);
    }
    shape->is_written = 1;
    return shape->texts == NULL || (marks == HTML_MARKS && !shape->texts->is_html_plain)
               ? NULL
               : shape->texts;
}

/* --- values --------------------------------------------------------------------------------------- */

static char *put_value(Writer *writer, char *at, PyObject *value);

/* The key texts are padded, so whole blocks may be copied. */
static inline char *put_key(Writer *writer, char *at, const KeyTexts *texts, Py_ssize_t index) {
    uint32_t start = index == 0 ? 0 : texts->ends[index - 1];
    uint32_t length = texts->ends[index] - start;
    at = room(writer, at, length);
    if (at != NULL) {
        for (uint32_t done = 0; done < length; done += KEY_TEXT_PADDING_BYTES) {
            memcpy(at + 1 + done, texts->bytes + start + done, KEY_TEXT_PADDING_BYTES);
        }
        *at = index == 0 ? '{' : ',';
        at += 1 + length;
    }
    return at;
}

static char *put_map(Writer *writer, char *at, Node *node) {
    Shape *shape = node->shape;
    const KeyTexts *texts = key_texts_of(shape, writer->marks);
    for (Py_ssize_t i = 0; i < shape->key_count && at != NULL; i++) {
        if (texts != NULL) {
            at = put_key(writer, at, texts, i);
        } else {
            *at++ = i == 0 ? '{' : ',';
            at = put_text(writer, at, shape->keys[i]);
            if (at != NULL) {
                *at++ = ':';
            }
        }
        at = at == NULL ? NULL : put_value(writer, at, node->slots[i]);
    }
    at = at == NULL ? NULL : room(writer, at, 0);
    if (at != NULL) {
        *at++ = '}';
    }
    return at;
}

static char *put_list(Writer *writer, char *at, Node *node) {
    for (Py_ssize_t i = 0; i < node->length && at != NULL; i++) {
        *at++ = i == 0 ? '[' : ',';
        at = put_value(writer, at, node->slots[i]);
    }
    at = at == NULL ? NULL : room(writer, at, 0);
    if (at != NULL) {
        *at++ = ']';
    }
    return at;
}

static char *put_word(char *at, const char *word, size_t length) {
    memcpy(at, word, length);
    return at + length;
}

/* A map or list with something in it: its text may have been kept when it was written before. */
static char *put_part(Writer *writer, char *at, PyObject *part) {
    size_t length, start = (size_t)(at - writer->data);
    const char *text = writer->marks == JSON_MARKS ? written_find(part, &length) : NULL;
    if (text != NULL) {
        at = room(writer, at, length);
        return at == NULL ? NULL : put_word(at, text, length);
    }
    int is_map = Py_IS_TYPE(part, &FrozenMap_Type);
    at = is_map ? put_map(writer, at, (Node *)part) : put_list(writer, at, (Node *)part);
    if (at != NULL && writer->marks == JSON_MARKS) {
        written_offer(part, writer->data + start, (size_t)(at - writer->data) - start);
    }
    return at;
}

/* Anything; leaves some room, for a comma or a bracket to follow. */
static char *put_value(Writer *writer, char *at, PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyUnicode_Type) {
        return put_text(writer, at, value);
    }
    at = room(writer, at, 0);
    if (at == NULL) {
        return NULL;
    }
    if (type == &FrozenMap_Type) {
        Node *node = (Node *)value;
        return node->shape->key_count == 0 ? put_word(at, "{}", 2) : put_part(writer, at, value);
    }
    if (type == &FrozenList_Type) {
        Node *node = (Node *)value;
        return node->length == 0 ? put_word(at, "[]", 2) : put_part(writer, at, value);
    }
    if (type == &PyLong_Type) {
        return at + int_text(PyLong_AsLongLong(value), at);
    }
    if (type == &PyFloat_Type) {
        int length = float_text(PyFloat_AS_DOUBLE(value), at);
        return length < 0 ? NULL : at + length;
    }
    if (value == Py_None) {
        return put_word(at, "null", 4);
    }
    return value == Py_True ? put_word(at, "true", 4) : put_word(at, "false", 5);
}

/* The text as bytes; `value` must be frozen, a plain scalar included. */
PyObject *json_write(PyObject *value, int html_escapes) {
    Writer writer = {scratch, scratch + SCRATCH_BYTES, scratch, JSON_MARKS};
    PyObject *result = NULL, *frozen = value_checked(value);
    writer.marks = html_escapes ? HTML_MARKS : JSON_MARKS;
    char *at = frozen == NULL ? NULL : put_value(&writer, scratch, frozen);
    if (at != NULL) {
        result = PyBytes_FromStringAndSize(writer.data, at - writer.data);
    }
    Py_XDECREF(frozen);
    writer_clear(&writer);
    return result;
}

/* A text with parts in its gaps, which are in order; the parts are exact str in ASCII. */
PyObject *json_fill(const char *text, size_t length, const Gap *gaps, Py_ssize_t count,
                    PyObject *const *parts) {
    Writer writer = {scratch, scratch + SCRATCH_BYTES, scratch, JSON_MARKS};
    PyObject *result = NULL;
    char *at = scratch;
    size_t done = 0;
    for (Py_ssize_t i = 0; i <= count && at != NULL; i++) {
        size_t next = i < count ? gaps[i].start : length;
        at = room(&writer, at, next - done);
        if (at != NULL) {
            at = put_word(at, text + done, next - done);
            done = next;
            at = i < count ? put_text(&writer, at, parts[gaps[i].part]) : at;
        }
    }
    if (at != NULL) {
        result = PyBytes_FromStringAndSize(writer.data, at - writer.data);
    }
    writer_clear(&writer);
    return result;
}

/* The text as str, for repr. */
PyObject *json_text(PyObject *value) {
    PyObject *bytes = json_write(value, 0), *text = NULL;
    if (bytes != NULL) {
        text = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), NULL);
        Py_DECREF(bytes);
    }
    return text;
}
