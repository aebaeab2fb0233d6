/* Wording: the texts of what one template makes; see reference/wording.py.
 *
 * The texts differ only where the parts stand.  So the first is written with marks for parts, and
 * what lies between the marks is kept; a text with a mark in it by chance is never quick.
 */
#include "frozen_json.h"

enum { PART_COUNT_MAX = 32, MARK_BYTES = 40 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *template;
    Py_ssize_t gap_count; /* -1: there is no quick way. */
    Gap gaps[PART_COUNT_MAX];
    size_t length;
    char *text; /* Without the parts. */
} Wording;

static PyObject *slowly(const Wording *wording, PyObject *const *parts, size_t flags,
                        PyObject *names) {
    PyObject *value = PyObject_Vectorcall(wording->template, parts, flags, names);
    PyObject *text = value == NULL ? NULL : json_write(value, 0);
    Py_XDECREF(value);
    return text;
}

static PyObject *wording_call(PyObject *self, PyObject *const *parts, size_t flags,
                              PyObject *names) {
    const Wording *wording = (const Wording *)self;
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    int is_quick = names == NULL && count == wording->gap_count;
    for (Py_ssize_t i = 0; is_quick && i < count; i++) {
        is_quick = PyUnicode_CheckExact(parts[i]) && PyUnicode_IS_ASCII(parts[i]);
    }
    return is_quick ? json_fill(wording->text, wording->length, wording->gaps, count, parts)
                    : slowly(wording, parts, flags, names);
}

/* --- learning what lies between ------------------------------------------------------------------- */

static PyObject *mark_of(Py_ssize_t part) {
    return PyUnicode_FromFormat("part %zd of a wording: not a text", part);
}

/* Where a mark, with its quotes, is the only one of its like; NULL where it is not, or an error. */
static const char *mark_find(const char *text, Py_ssize_t part, size_t *length) {
    char mark[MARK_BYTES + 2];
    *length = (size_t)PyOS_snprintf(mark, sizeof mark, "\"part %zd of a wording: not a text\"",
                                    part);
    const char *found = strstr(text, mark);
    return found == NULL || strstr(found + 1, mark) != NULL ? NULL : found;
}

/* Cut the marks out of a text: 1, or 0 where they do not stand there once each. */
static int cut(Wording *wording, const char *text, Py_ssize_t count) {
    const char *places[PART_COUNT_MAX];
    size_t lengths[PART_COUNT_MAX];
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t at = i;
        const char *found = mark_find(text, i, &lengths[i]);
        if (found == NULL) {
            return 0;
        }
        for (; at > 0 && places[at - 1] > found; at--) { /* In the order of the text. */
            places[at] = places[at - 1];
            wording->gaps[at] = wording->gaps[at - 1];
        }
        places[at] = found;
        wording->gaps[at] = (Gap){.part = i};
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t size = (size_t)(places[i] - text);
        memcpy(wording->text + wording->length, text, size);
        wording->length += size;
        wording->gaps[i].start = wording->length;
        text = places[i] + lengths[wording->gaps[i].part];
    }
    memcpy(wording->text + wording->length, text, strlen(text));
    wording->length += strlen(text);
    return 1;
}

/* What the template makes of marks, as text; None where it takes none such. */
static PyObject *text_with_marks(const Wording *wording, Py_ssize_t count) {
    PyObject *marks[PART_COUNT_MAX], *text = NULL;
    Py_ssize_t made = 0;
    while (made < count && (marks[made] = mark_of(made)) != NULL) {
        made++;
    }
    if (made == count) {
        text = slowly(wording, marks, (size_t)count, NULL);
        if (text == NULL && !PyErr_ExceptionMatches(PyExc_MemoryError)) {
            PyErr_Clear();
            text = Py_NewRef(Py_None);
        }
    }
    while (made > 0) {
        Py_DECREF(marks[--made]);
    }
    return text;
}

/* 0, or -1 with MemoryError. */
static int learn(Wording *wording, Py_ssize_t count) {
    if (count > PART_COUNT_MAX) {
        return 0;
    }
    PyObject *text = text_with_marks(wording, count);
    if (text == NULL || text == Py_None) {
        Py_XDECREF(text);
        return text == NULL ? -1 : 0;
    }
    wording->text = PyMem_Malloc((size_t)PyBytes_GET_SIZE(text) + 1);
    if (wording->text == NULL) {
        Py_DECREF(text);
        PyErr_NoMemory();
        return -1;
    }
    if (cut(wording, PyBytes_AS_STRING(text), count)) {
        wording->gap_count = count;
    }
    Py_DECREF(text);
    return 0;
}

/* --- the type ------------------------------------------------------------------------------------- */

/* Wording(template) */
static PyObject *wording_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *template;
    if (no_keywords(type, kwargs) < 0 ||
        !PyArg_ParseTuple(args, "O!:Wording", &Template_Type, &template)) {
        return NULL;
    }
    PyObject *paths = PyObject_GetAttrString(template, "paths");
    Wording *wording = paths == NULL ? NULL : PyObject_New(Wording, type);
    if (wording == NULL) {
        Py_XDECREF(paths);
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(paths);
    Py_DECREF(paths);
    wording->call = wording_call;
    wording->template = Py_NewRef(template);
    wording->gap_count = -1;
    wording->length = 0;
    wording->text = NULL;
    if (learn(wording, count) < 0) {
        Py_CLEAR(wording);
    }
    return (PyObject *)wording;
}

static void wording_dealloc(PyObject *self) {
    Wording *wording = (Wording *)self;
    PyMem_Free(wording->text);
    Py_DECREF(wording->template);
    PyObject_Free(self);
}

PyDoc_STRVAR(wording_doc, "Wording(template, /)\n--\n\n"
                          "Wording(template)(part, ...) is dumps(template(part, ...)).");

PyTypeObject Wording_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.Wording",
    .tp_basicsize = sizeof(Wording),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = wording_doc,
    .tp_new = wording_new,
    .tp_dealloc = wording_dealloc,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Wording, call),
};
