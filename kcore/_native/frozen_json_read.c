/* JSON text to a value: a recursive descent that puts finished parts on one stack.
 *
 * reference/json_text.py defines what is accepted and where each error is. Parts of the maps and
 * lists being read lie on `stack`; when a bracket closes, its parts become a node and leave the
 * stack. All bytes have been checked to be UTF-8 before, so strings need no second look; a NUL stands
 * behind them, so the next byte may be read without asking.
 *
 * Most texts say nearly the same as one before. What is remembered of them (frozen_json_order.c)
 * only makes reading faster; what is read never depends on it.
 */
#include "frozen_json.h"

enum { STACK_COUNT = 256, DIGIT_COUNT_FAST = 18 };

static Field document; /* What is expected of a whole text. */

/* Set a JSONError for the byte at `at`; NULL. */
PyObject *reader_fail(const Reader *reader, const char *message, const char *at) {
    PyObject *error = json_error_new(message, at - reader->start);
    if (error != NULL) {
        PyErr_SetObject((PyObject *)&JSONError_Type, error);
        Py_DECREF(error);
    }
    return NULL;
}

static int stack_grow(Reader *reader) {
    Py_ssize_t size = reader->size * 2;
    Pair *stack = PyMem_Realloc(reader->stack == reader->first_stack ? NULL : reader->stack,
                                (size_t)size * sizeof *stack);
    if (stack == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (reader->stack == reader->first_stack) {
        memcpy(stack, reader->first_stack, (size_t)reader->used * sizeof *stack);
    }
    reader->stack = stack;
    reader->size = size;
    return 0;
}

/* Put a part on the stack; takes both references, also on failure. */
int reader_push(Reader *reader, PyObject *key, PyObject *value) {
    if (value != NULL && reader->used == reader->size && stack_grow(reader) < 0) {
        Py_CLEAR(value);
    }
    if (value == NULL) {
        Py_XDECREF(key);
        return -1;
    }
    reader->stack[reader->used++] = (Pair){key, value};
    return 0;
}

static PyObject *read_unlike(Reader *reader, Py_ssize_t depth, Field *field);

static PyObject *read_list(Reader *reader, Py_ssize_t depth, Field *field) {
    Py_ssize_t base = reader->used;
    if (take(reader, ']')) {
        Py_INCREF(frozen_empty_list);
        return frozen_empty_list;
    }
    int has_news_outside = reader->has_news;
    reader->has_news = 0;
    do {
        if (reader_push(reader, NULL, read_unlike(reader, depth, field)) < 0) {
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
    node_finish(node);
    PyObject *list = reader->has_news ? (PyObject *)node : node_shared((PyObject *)node);
    reader->has_news |= has_news_outside;
    return list;
}

static PyObject *read_container(Reader *reader, Py_ssize_t depth, Field *field) {
    const char *open = reader->at++;
    if (depth >= DEPTH_COUNT_MAX) {
        return reader_fail(reader, TOO_DEEP_TEXT, open);
    }
    return *open == '{' ? reader_map(reader, depth + 1, field)
                        : read_list(reader, depth + 1, field);
}

/* Most numbers are a few digits. */
static PyObject *read_number(Reader *reader) {
    const char *start = reader->at, *at = start + (*start == '-'), *error = NULL;
    const char *digits = at;
    int64_t number = 0;
    while (*at >= '0' && *at <= '9' && at - digits < DIGIT_COUNT_FAST) {
        number = number * 10 + (*at++ - '0');
    }
    int is_plain = at > digits && (*digits != '0' || at - digits == 1);
    if (is_plain && (*at == ',' || *at == '}' || *at == ']')) {
        reader->at = at;
        return PyLong_FromLongLong(*start == '-' ? -number : number);
    }
    at = start;
    while ((*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == '.' || *at == 'e' ||
           *at == 'E') {
        at++;
    }
    reader->at = at;
    PyObject *result = number_read(start, at - start, &error);
    return error == NULL ? result : reader_fail(reader, error, start);
}

static PyObject *read_word(Reader *reader, const char *word, PyObject *value) {
    size_t length = strlen(word);
    if (!text_is_next(reader, word, length)) {
        return reader_fail(reader, "expected a value", reader->at);
    }
    reader->at += length;
    Py_INCREF(value);
    return value;
}

/* A value that is not looked for among texts that came before. */
static PyObject *read_unlike(Reader *reader, Py_ssize_t depth, Field *field) {
    skip_space(reader);
    switch (*reader->at) {
    case '"':
        return reader_string(reader, field);
    case '{':
    case '[':
        return read_container(reader, depth, field);
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

/* The next value; `field` is what it stands under, NULL if nothing is known of that. */
PyObject *reader_value(Reader *reader, Py_ssize_t depth, Field *field) {
    skip_space(reader);
    if (field == NULL || (*reader->at != '{' && *reader->at != '[')) {
        return read_unlike(reader, depth, field);
    }
    PyObject *value = memo_find(reader, depth, field);
    if (value == NULL) {
        const char *start = reader->at;
        value = read_container(reader, depth, field);
        if (value != NULL) {
            memo_offer(field, start, (size_t)(reader->at - start), value);
        }
    }
    return value;
}

static int length_check(const Reader *reader, Py_ssize_t bytes_max) {
    char message[64];
    if (reader->end - reader->start <= bytes_max) {
        return 0;
    }
    PyOS_snprintf(message, sizeof message, "longer than %zd bytes", bytes_max);
    reader_fail(reader, message, reader->start + (bytes_max < 0 ? 0 : bytes_max));
    return -1;
}

/* loads(data, bytes_max=...). */
PyObject *json_read(PyObject *data, Py_ssize_t bytes_max) {
    PyObject *value = NULL, *bytes = utf8_of(data);
    if (bytes == NULL) {
        return NULL;
    }
    Pair local[STACK_COUNT];
    const char *start = PyBytes_AS_STRING(bytes);
    Reader reader = {.start = start, .at = start, .end = start + PyBytes_GET_SIZE(bytes),
                     .stack = local, .size = STACK_COUNT, .first_stack = local};
    if (length_check(&reader, bytes_max) == 0 && utf8_check(&reader) == 0) {
        value = read_unlike(&reader, 0, &document);
    }
    if (value != NULL) {
        skip_space(&reader);
        if (reader.at < reader.end) {
            Py_CLEAR(value);
            reader_fail(&reader, "unexpected text after the value", reader.at);
        }
    }
    pairs_drop(reader.stack, reader.used);
    if (reader.stack != local) {
        PyMem_Free(reader.stack);
    }
    Py_DECREF(bytes);
    return value;
}

/* Forget all that was remembered of texts. */
void json_release(void) {
    orders_release();
    texts_release();
    written_release();
    Py_CLEAR(document.last);
}
