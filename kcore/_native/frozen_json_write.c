/* A value's JSON text: compact, sorted because maps are, UTF-8, escapes only where JSON demands. */
#include "frozen.h"

enum { BUFFER_BYTES_MIN = 512 };

/* Make room for `extra` more bytes, at least doubling. */
int buffer_grow(Buffer *buffer, size_t extra) {
    if (extra > (size_t)PY_SSIZE_T_MAX - buffer->used) {
        PyErr_NoMemory();
        return -1;
    }
    size_t size = buffer->size < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : buffer->size;
    while (size - buffer->used < extra) {
        size = size > (size_t)PY_SSIZE_T_MAX / 2 ? (size_t)PY_SSIZE_T_MAX : size * 2;
    }
    char *data = PyMem_Realloc(buffer->data, size);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    buffer->data = data;
    buffer->size = size;
    return 0;
}

static int put(Buffer *buffer, const char *text, size_t length) {
    if (buffer_reserve(buffer, length) < 0) {
        return -1;
    }
    memcpy(buffer->data + buffer->used, text, length);
    buffer->used += length;
    return 0;
}

/* What Go's encoder escapes beyond JSON's demands, unless told otherwise. */
static int is_html_mark(Py_UCS4 character) {
    return character == '<' || character == '>' || character == '&' || character == 0x2028 ||
           character == 0x2029;
}

/* uXXXX */
static char *put_hex(char *to, Py_UCS4 character) {
    static const char hex[] = "0123456789abcdef";
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *to++ = hex[character >> shift & 15];
    }
    return to;
}

/* Write one code point at `to`, which has room for 6 bytes; the end. */
static char *put_character(char *to, Py_UCS4 character, int html_escapes) {
    static const char short_names[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    if (character < 0x20 || character == '"' || character == '\\') {
        *to++ = '\\';
        for (const char *name = short_names; *name != '\0'; name += 2) {
            if ((Py_UCS4)*name == character) {
                *to++ = name[1];
                return to;
            }
        }
        return put_hex(to, character);
    }
    if (html_escapes && is_html_mark(character)) {
        *to++ = '\\';
        return put_hex(to, character);
    }
    if (character < 0x80) {
        *to++ = (char)character;
    } else if (character < 0x800) {
        *to++ = (char)(0xC0 | character >> 6);
        *to++ = (char)(0x80 | (character & 63));
    } else if (character < 0x10000) {
        *to++ = (char)(0xE0 | character >> 12);
        *to++ = (char)(0x80 | (character >> 6 & 63));
        *to++ = (char)(0x80 | (character & 63));
    } else {
        *to++ = (char)(0xF0 | character >> 18);
        *to++ = (char)(0x80 | (character >> 12 & 63));
        *to++ = (char)(0x80 | (character >> 6 & 63));
        *to++ = (char)(0x80 | (character & 63));
    }
    return to;
}

static inline int is_plain(char byte) {
    return (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Copy ASCII text while nothing needs an escape, by words where possible; how many bytes it was. */
static Py_ssize_t put_plain(char *to, const char *from, Py_ssize_t length) {
    Py_ssize_t done = 0;
    if (length >= 8) {
        for (; done < length; done += 8) {
            done = done > length - 8 ? length - 8 : done; /* The last word overlaps. */
            uint64_t word = bytes_load(from + done);
            if (bytes_special(word)) {
                return done;
            }
            memcpy(to + done, &word, 8);
        }
        return length;
    }
    for (; done < length && is_plain(from[done]); done++) {
        to[done] = from[done];
    }
    return done;
}

static int put_text(Buffer *buffer, PyObject *text) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    const void *data = PyUnicode_DATA(text);
    int kind = PyUnicode_KIND(text);
    if (length > PY_SSIZE_T_MAX / 6 - 2) {
        PyErr_NoMemory();
        return -1;
    }
    if (buffer_reserve(buffer, (size_t)length * 6 + 2) < 0) { /* 6: a \u00XX escape. */
        return -1;
    }
    char *to = buffer->data + buffer->used;
    *to++ = '"';
    if (PyUnicode_IS_ASCII(text) && !buffer->html_escapes) {
        i = put_plain(to, data, length);
        to += i;
    }
    for (; i < length; i++) {
        to = put_character(to, PyUnicode_READ(kind, data, i), buffer->html_escapes);
    }
    *to++ = '"';
    buffer->used = (size_t)(to - buffer->data);
    return 0;
}

static int put_value(Buffer *buffer, PyObject *value);

static int put_map(Buffer *buffer, Node *node) {
    for (Py_ssize_t i = 0; i < node->shape->key_count; i++) {
        if (put(buffer, i == 0 ? "{" : ",", 1) < 0 || put_text(buffer, node->shape->keys[i]) < 0 ||
            put(buffer, ":", 1) < 0 || put_value(buffer, node->slots[i]) < 0) {
            return -1;
        }
    }
    return node->shape->key_count == 0 ? put(buffer, "{}", 2) : put(buffer, "}", 1);
}

static int put_list(Buffer *buffer, Node *node) {
    for (Py_ssize_t i = 0; i < node->length; i++) {
        if (put(buffer, i == 0 ? "[" : ",", 1) < 0 || put_value(buffer, node->slots[i]) < 0) {
            return -1;
        }
    }
    return node->length == 0 ? put(buffer, "[]", 2) : put(buffer, "]", 1);
}

static int put_value(Buffer *buffer, PyObject *value) {
    char text[FLOAT_TEXT_BYTES];
    int length;
    if (PyUnicode_CheckExact(value)) {
        return put_text(buffer, value);
    }
    if (is_map(value)) {
        return put_map(buffer, (Node *)value);
    }
    if (is_list(value)) {
        return put_list(buffer, (Node *)value);
    }
    if (PyLong_CheckExact(value)) {
        length = int_text(PyLong_AsLongLong(value), text);
    } else if (PyFloat_CheckExact(value)) {
        length = float_text(PyFloat_AS_DOUBLE(value), text);
    } else if (value == Py_None) {
        return put(buffer, "null", 4);
    } else {
        return value == Py_True ? put(buffer, "true", 4) : put(buffer, "false", 5);
    }
    return length < 0 ? -1 : put(buffer, text, (size_t)length);
}

/* The text as bytes; `value` must be frozen, a plain scalar included. */
PyObject *json_write(PyObject *value, int html_escapes) {
    Buffer buffer = {.html_escapes = html_escapes};
    PyObject *result = NULL, *frozen = value_checked(value);
    if (frozen != NULL && put_value(&buffer, frozen) == 0) {
        result = PyBytes_FromStringAndSize(buffer.data, (Py_ssize_t)buffer.used);
    }
    Py_XDECREF(frozen);
    PyMem_Free(buffer.data);
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
