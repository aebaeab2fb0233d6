/* Journal: writes of a store that somebody hears of; see reference/ledger_journal.py. */
#include "ledger.h"

enum { REVISION_DIGITS_MAX = 24 };

/* `space/name` */
PyObject *key_of(PyObject *space, PyObject *name) {
    if (!PyUnicode_IS_COMPACT_ASCII(space) || !PyUnicode_IS_COMPACT_ASCII(name)) {
        return PyUnicode_FromFormat("%U/%U", space, name);
    }
    Py_ssize_t space_size = PyUnicode_GET_LENGTH(space), size = PyUnicode_GET_LENGTH(name);
    PyObject *key = PyUnicode_New(space_size + 1 + size, 127);
    if (key != NULL) {
        char *bytes = PyUnicode_DATA(key);
        memcpy(bytes, PyUnicode_DATA(space), (size_t)space_size);
        bytes[space_size] = '/';
        memcpy(bytes + space_size + 1, PyUnicode_DATA(name), (size_t)size);
    }
    return key;
}

/* The text of a number that is not negative. */
PyObject *revision_text(int64_t revision) {
    char digits[REVISION_DIGITS_MAX], *start = digits + sizeof digits;
    uint64_t rest = (uint64_t)revision; /* Without a sign a division by ten is a multiplication. */
    do {
        *--start = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    Py_ssize_t size = digits + sizeof digits - start;
    PyObject *text = PyUnicode_New(size, 127);
    if (text != NULL) {
        memcpy(PyUnicode_DATA(text), start, (size_t)size);
    }
    return text;
}

/* Put a value: its revision as a number; NULL with an exception. */
static PyObject *put(const Journal *journal, PyObject *bucket, PyObject *key, PyObject *value,
                     PyObject *expected) {
    int64_t expect;
    if (expect_parse(expected, &expect) < 0) {
        return NULL;
    }
    PyObject *entry = store_put_next(journal->store, bucket, key, value, expect, expected);
    if (entry == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(entry, &Entry_Type)) { /* A class that does not raise where it refuses. */
        Py_DECREF(entry);
        PyErr_SetString(PyExc_TypeError, "a refused write cannot be told of");
        return NULL;
    }
    PyObject *revision = PyLong_FromLongLong(((Entry *)entry)->mod_revision);
    Py_DECREF(entry);
    return revision;
}

/* Put a value and tell of it, as what `writer` makes of its arguments, or else as `to_bytes` writes
 * it: a new reference to the value; NULL with an exception. */
PyObject *journal_commit(const Journal *journal, PyObject *verb, PyObject *bucket, PyObject *key,
                         PyObject *value, PyObject *expected, const Writer *writer) {
    PyObject *revision = put(journal, bucket, key, value, expected), *noted = NULL;
    if (revision == NULL) {
        return NULL;
    }
    PyObject *bytes = writer == NULL
                          ? PyObject_CallOneArg(journal->to_bytes, value)
                          : PyObject_Vectorcall(writer->call, writer->args, writer->count, NULL);
    if (bytes != NULL) {
        PyObject *words[] = {verb, bucket, key, revision, bytes};
        noted = PyObject_Vectorcall(journal->note, words, 5, NULL);
    }
    Py_XDECREF(bytes);
    Py_DECREF(revision);
    Py_XDECREF(noted);
    return noted == NULL ? NULL : Py_NewRef(value);
}

/* commit(verb, bucket, key, value, expect) */
static PyObject *commit(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 5) {
        return PyErr_Format(PyExc_TypeError, "commit() takes 5 arguments (%zd given)", count);
    }
    return journal_commit((Journal *)self, args[0], args[1], args[2], args[3], args[4], NULL);
}

/* --- The type: nothing clears it, as nothing clears a tuple, since what it holds can be cleared --- */

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Journal *)self)->store);
    Py_VISIT(((Journal *)self)->note);
    Py_VISIT(((Journal *)self)->to_bytes);
    return 0;
}

static void dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    Py_DECREF(((Journal *)self)->store);
    Py_DECREF(((Journal *)self)->note);
    Py_DECREF(((Journal *)self)->to_bytes);
    Py_TYPE(self)->tp_free(self);
}

/* Journal(store, note, to_bytes) */
static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *store, *note, *to_bytes;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Journal takes its arguments by place");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!OO:Journal", &Store_Type, &store, &note, &to_bytes)) {
        return NULL;
    }
    Journal *journal = (Journal *)type->tp_alloc(type, 0);
    if (journal != NULL) {
        journal->store = (Store *)Py_NewRef(store);
        journal->note = Py_NewRef(note);
        journal->to_bytes = Py_NewRef(to_bytes);
    }
    return (PyObject *)journal;
}

static PyMethodDef methods[] = {
    {"commit", (PyCFunction)(void (*)(void))commit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Journal_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Journal",
    .tp_basicsize = sizeof(Journal),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = new,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_methods = methods,
};
