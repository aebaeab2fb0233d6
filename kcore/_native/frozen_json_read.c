/* JSON text to a value: a recursive descent that puts finished parts on one stack.
 *
 * reference/json_text.py defines what is accepted and where each error is. Parts of the maps and
 * lists being read lie on `stack`; when a bracket closes, its parts become a node and leave the
 * stack. All bytes have been checked to be UTF-8 before, so strings need no second look.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

static PyObject *read_value(Reader *reader, Py_ssize_t depth);

/* Set a JSONError for the byte at `at`; NULL. */
PyObject *reader_fail(const Reader *reader, const char *message, const char *at) {
    PyObject *error = json_error_new(message, at - reader->start);
    if (error != NULL) {
        PyErr_SetObject((PyObject *)&JSONError_Type, error);
        Py_DECREF(error);
    }
    return NULL;
}

static inline void skip_space(Reader *reader) {
    const char *at = reader->at;
    while (at < reader->end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) {
        at++;
    }
    reader->at = at;
}

/* Skip space, then `token` if it is next. */
static inline int take(Reader *reader, char token) {
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == token) {
        reader->at++;
        return 1;
    }
    return 0;
}

/* Put a part on the stack; takes both references, also on failure. */
static int push(Reader *reader, PyObject *key, PyObject *value) {
    if (value != NULL && reader->used == reader->size) {
        Py_ssize_t size = reader->size * 2 + 64;
        Pair *stack = PyMem_Realloc(reader->stack, (size_t)size * sizeof *stack);
        if (stack == NULL) {
            PyErr_NoMemory();
            Py_CLEAR(value);
        } else {
            reader->stack = stack;
            reader->size = size;
        }
    }
    if (value == NULL) {
        Py_XDECREF(key);
        return -1;
    }
    reader->stack[reader->used++] = (Pair){key, value};
    return 0;
}

static PyObject *finish_map(Reader *reader, Py_ssize_t base) {
    Pair *pairs = reader->stack + base;
    Py_ssize_t kept = pairs_sort(pairs, reader->used - base);
    if (kept < 0) {
        return NULL; /* Whoever called the reader drops the whole stack. */
    }
    reader->used = base + kept;
    PyObject *map = map_from_sorted(pairs, kept);
    if (map != NULL) {
        reader->used = base;
        pairs_drop(pairs, kept);
    }
    return map;
}

static PyObject *read_map(Reader *reader, Py_ssize_t depth) {
    Py_ssize_t base = reader->used;
    if (take(reader, '}')) {
        return map_from_sorted(NULL, 0);
    }
    while (1) {
        skip_space(reader);
        if (reader->at == reader->end || *reader->at != '"') {
            const char *message = reader->used > base ? "expected a key" : "expected a key or '}'";
            return reader_fail(reader, message, reader->at);
        }
        PyObject *key = reader_key(reader);
        if (key == NULL) {
            return NULL;
        }
        if (!take(reader, ':')) {
            Py_DECREF(key);
            return reader_fail(reader, "expected ':'", reader->at);
        }
        if (push(reader, key, read_value(reader, depth)) < 0) {
            return NULL;
        }
        if (take(reader, '}')) {
            return finish_map(reader, base);
        }
        if (!take(reader, ',')) {
            return reader_fail(reader, "expected ',' or '}'", reader->at);
        }
    }
}

static PyObject *read_list(Reader *reader, Py_ssize_t depth) {
    Py_ssize_t base = reader->used;
    if (take(reader, ']')) {
        Py_INCREF(frozen_empty_list);
        return frozen_empty_list;
    }
    do {
        if (push(reader, NULL, read_value(reader, depth)) < 0) {
            return NULL;
        }
    } while (take(reader, ','));
    if (!take(reader, ']')) {
        return reader_fail(reader, "expected ',' or ']'", reader->at);
    }
    Node *node = list_alloc(reader->used - base);
    if (node == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < node->length; i++) {
        node->slots[i] = reader->stack[base + i].value; /* The reference moves. */
    }
    reader->used = base;
    return node_shared(node_finish(node));
}

static PyObject *read_container(Reader *reader, Py_ssize_t depth) {
    const char *open = reader->at++;
    if (depth >= DEPTH_COUNT_MAX) {
        return reader_fail(reader, TOO_DEEP_TEXT, open);
    }
    return *open == '{' ? read_map(reader, depth + 1) : read_list(reader, depth + 1);
}

static PyObject *read_number(Reader *reader) {
    const char *start = reader->at, *at = start, *error = NULL;
    while (at < reader->end && ((*at >= '0' && *at <= '9') || *at == '-' || *at == '+' ||
                                *at == '.' || *at == 'e' || *at == 'E')) {
        at++;
    }
    reader->at = at;
    PyObject *number = number_read(start, at - start, &error);
    return error == NULL ? number : reader_fail(reader, error, start);
}

static PyObject *read_word(Reader *reader, const char *word, PyObject *value) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) {
        return reader_fail(reader, "expected a value", reader->at);
    }
    reader->at += length;
    Py_INCREF(value);
    return value;
}

static PyObject *read_value(Reader *reader, Py_ssize_t depth) {
    skip_space(reader);
    switch (reader->at < reader->end ? *reader->at : '\0') {
    case '"':
        return reader_string(reader);
    case '{':
    case '[':
        return read_container(reader, depth);
    case 't':
        return read_word(reader, "true", Py_True);
    case 'f':
        return read_word(reader, "false", Py_False);
    case 'n':
        return read_word(reader, "null", Py_None);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        return read_number(reader);
    default:
        return reader_fail(reader, "expected a value", reader->at);
    }
}

/* --- the whole text ----------------------------------------------------------------------------- */

static int is_ascii_text(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        if (word_load(at) & UINT64_C(0x8080808080808080)) {
            return 0;
        }
    }
    for (; at < end; at++) {
        if ((unsigned char)*at >= 0x80) {
            return 0;
        }
    }
    return 1;
}

/* Refuse bytes that are no UTF-8, naming the first wrong one. */
static int check_utf8(const Reader *reader) {
    if (is_ascii_text(reader->start, reader->end)) {
        return 0;
    }
    PyObject *text = PyUnicode_DecodeUTF8(reader->start, reader->end - reader->start, NULL);
    if (text != NULL) {
        Py_DECREF(text);
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyObject *type, *error, *traceback;
        Py_ssize_t start = 0;
        PyErr_Fetch(&type, &error, &traceback);
        PyErr_NormalizeException(&type, &error, &traceback);
        if (PyUnicodeDecodeError_GetStart(error, &start) == 0) {
            reader_fail(reader, "invalid UTF-8", reader->start + start);
        }
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(traceback);
    }
    return -1;
}

/* The bytes of any accepted argument: a new reference to a bytes object. */
static PyObject *utf8_of(PyObject *data) {
    if (PyBytes_Check(data)) {
        Py_INCREF(data);
        return data;
    }
    if (PyByteArray_Check(data) || PyMemoryView_Check(data)) {
        return PyBytes_FromObject(data);
    }
    if (!PyUnicode_Check(data)) {
        PyErr_Format(PyExc_TypeError, "loads takes bytes or str, not %s", type_name(data));
        return NULL;
    }
    PyObject *bytes = PyUnicode_AsUTF8String(data);
    if (bytes == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyObject *type, *error, *traceback, *before = NULL;
        Py_ssize_t start = 0;
        PyErr_Fetch(&type, &error, &traceback);
        PyErr_NormalizeException(&type, &error, &traceback);
        if (PyUnicodeEncodeError_GetStart(error, &start) == 0) {
            PyObject *head = PyUnicode_Substring(data, 0, start);
            before = head == NULL ? NULL : PyUnicode_AsUTF8String(head);
            Py_XDECREF(head);
        }
        if (before != NULL) {
            Reader reader = {.start = PyBytes_AS_STRING(before)};
            reader_fail(&reader, "invalid UTF-8", reader.start + PyBytes_GET_SIZE(before));
            Py_DECREF(before);
        }
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(traceback);
    }
    return bytes;
}

/* loads(data). */
PyObject *json_read(PyObject *data) {
    PyObject *value = NULL, *bytes = utf8_of(data);
    if (bytes == NULL) {
        return NULL;
    }
    const char *start = PyBytes_AS_STRING(bytes);
    Reader reader = {.start = start, .at = start, .end = start + PyBytes_GET_SIZE(bytes)};
    if (check_utf8(&reader) == 0) {
        value = read_value(&reader, 0);
    }
    if (value != NULL) {
        skip_space(&reader);
        if (reader.at < reader.end) {
            Py_CLEAR(value);
            reader_fail(&reader, "unexpected text after the value", reader.at);
        }
    }
    pairs_drop(reader.stack, reader.used);
    PyMem_Free(reader.stack);
    Py_DECREF(bytes);
    return value;
}
