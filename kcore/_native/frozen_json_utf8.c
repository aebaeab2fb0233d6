/* From any accepted argument to bytes that are valid UTF-8. */
#include "frozen_json.h"
#include "frozen_plain.h"

enum { BLOCK_WORDS = 8 };

static int is_ascii_text(const char *at, const char *end) {
    uint64_t seen = 0;
    for (; end - at >= 8 * BLOCK_WORDS; at += 8 * BLOCK_WORDS) {
        for (int i = 0; i < BLOCK_WORDS; i++) {
            seen |= word_load(at + 8 * i);
        }
        if (seen & WORD_HIGHS) {
            return 0;
        }
    }
    for (; at < end; at++) {
        seen |= (unsigned char)*at;
    }
    return (seen & WORD_HIGHS) == 0;
}

/* Replace a UnicodeError by a JSONError for its place; `error_start` tells it in bytes. */
static Py_ssize_t taken_start(int (*error_start)(PyObject *, Py_ssize_t *)) {
    PyObject *type, *error, *traceback;
    Py_ssize_t start = -1;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (error_start((PyObject *)error, &start) < 0) {
        start = -1;
    }
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    return start;
}

/* Refuse bytes that are no UTF-8, naming the first wrong one. */
int utf8_check(const Reader *reader) {
    if (is_ascii_text(reader->start, reader->end)) {
        return 0;
    }
    PyObject *text = PyUnicode_DecodeUTF8(reader->start, reader->end - reader->start, NULL);
    if (text != NULL) {
        Py_DECREF(text);
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        Py_ssize_t start = taken_start(PyUnicodeDecodeError_GetStart);
        if (start >= 0) {
            reader_fail(reader, "invalid UTF-8", reader->start + start);
        }
    }
    return -1;
}

/* A str with a lone surrogate: the error counts bytes, so encode what stands before it. */
static void refuse_surrogate(PyObject *text) {
    Py_ssize_t start = taken_start(PyUnicodeEncodeError_GetStart);
    PyObject *head = start < 0 ? NULL : PyUnicode_Substring(text, 0, start);
    PyObject *before = head == NULL ? NULL : PyUnicode_AsUTF8String(head);
    Py_XDECREF(head);
    if (before != NULL) {
        Reader reader = {.start = PyBytes_AS_STRING(before)};
        reader_fail(&reader, "invalid UTF-8", reader.start + PyBytes_GET_SIZE(before));
        Py_DECREF(before);
    }
}

/* The bytes of any accepted argument: a new reference to a bytes object. */
PyObject *utf8_of(PyObject *data) {
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
        refuse_surrogate(data);
    }
    return bytes;
}
