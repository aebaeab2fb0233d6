/* Last changes of buckets: what tells whether that which was worked out of them still holds. */
#include "ledger.h"

/* The revision of a bucket's last change; -1 with an exception. */
static int64_t last_change_of(const Store *store, PyObject *name) {
    Bucket *bucket = bucket_named(store, name);
    if (bucket == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    const Log *log = bucket_log(bucket);
    int64_t revision = -1;
    if (log != NULL) {
        revision = log->end > log->first ? log_record(log, log->end - 1)->revision
                                         : log->dropped_revision;
    }
    Py_DECREF(bucket);
    return revision;
}

/* last_change(bucket) */
PyObject *store_last_change(PyObject *self, PyObject *name) {
    int64_t revision = last_change_of((Store *)self, name);
    return revision < 0 ? NULL : PyLong_FromLongLong(revision);
}

/* Whether this is still the last change of its bucket; -1 with an exception. */
static int is_last(const Store *store, PyObject *name, int64_t revision) {
    int64_t last = last_change_of(store, name);
    return last < 0 ? -1 : last == revision;
}

/* is_unchanged(changes) */
PyObject *store_is_unchanged(PyObject *self, PyObject *changes) {
    if (!PyDict_Check(changes)) {
        return PyErr_Format(PyExc_TypeError, "changes are a dict, not %.100s",
                            Py_TYPE(changes)->tp_name);
    }
    Py_ssize_t place = 0;
    PyObject *name, *known;
    int holds = 1;
    while (holds > 0 && PyDict_Next(changes, &place, &name, &known)) {
        int64_t revision;
        holds = revision_parse(known, &revision) < 0 ? -1
                                                     : is_last((Store *)self, name, revision);
    }
    return holds < 0 ? NULL : PyBool_FromLong(holds);
}

/* A new reference to the one text that all equal names of buckets share: asking a store with the
 * text that it has itself is quick. */
PyObject *name_interned(PyObject *name) {
    Py_INCREF(name);
    if (PyUnicode_CheckExact(name)) {
        PyUnicode_InternInPlace(&name);
    }
    return name;
}

/* What a dict from buckets to their last changes says now; -1 with an exception. */
int depends_parse(PyObject *changes, Depends *depends) {
    Py_ssize_t place = 0;
    PyObject *name, *known;
    *depends = (Depends){0, PyMem_New(LastChange, PyDict_GET_SIZE(changes))};
    if (depends->changes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    while (PyDict_Next(changes, &place, &name, &known)) {
        int64_t revision;
        if (revision_parse(known, &revision) < 0) {
            depends_clear(depends);
            return -1;
        }
        depends->changes[depends->count++] = (LastChange){name_interned(name), revision};
    }
    return 0;
}

void depends_clear(Depends *depends) {
    for (Py_ssize_t i = 0; i < depends->count; i++) {
        Py_DECREF(depends->changes[i].bucket);
    }
    PyMem_Free(depends->changes);
    *depends = (Depends){0, NULL};
}

/* Whether the buckets are as they were; -1 with an exception. */
int store_holds(const Store *store, const Depends *depends) {
    int holds = 1;
    for (Py_ssize_t i = 0; holds > 0 && i < depends->count; i++) {
        holds = is_last(store, depends->changes[i].bucket, depends->changes[i].revision);
    }
    return holds;
}
