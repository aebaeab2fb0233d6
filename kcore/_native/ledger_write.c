/* put and delete: one call changes the tree and the log.
 *
 * What may run the collector, and what may run out of memory, comes first: the tree is made
 * writable and room in the log reserved, and once the tree has changed nothing can fail.
 */
#include "ledger.h"

TreeAPI *trees;

typedef struct {
    Tree *tree;
    Log *log;
    PyObject *key;
    PyObject *value; /* NULL: delete. */
    int64_t revision;
    int64_t expect; /* -1: anything. */
} Write;

static int parse(Write *write, PyObject *const *args, Py_ssize_t count, Py_ssize_t wanted) {
    PyObject *revision = args[wanted - 2], *expect = args[wanted - 1];
    if (count != wanted || !Py_IS_TYPE(args[0], trees->type) || !Py_IS_TYPE(args[1], &Log_Type) ||
        !PyUnicode_CheckExact(args[2])) {
        PyErr_SetString(PyExc_TypeError, "a write takes a tree, a log, a str key and more");
        return -1;
    }
    write->tree = (Tree *)args[0];
    write->log = (Log *)args[1];
    write->key = args[2];
    write->revision = PyLong_AsLongLong(revision);
    write->expect = -1;
    if (expect != Py_None) {
        write->expect = PyLong_AsLongLong(expect);
        if (write->expect < 0 && !PyErr_Occurred()) {
            write->expect = INT64_MAX; /* A revision that no key has. */
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int expect_entry(PyObject *value) {
    if (value == NULL || Py_IS_TYPE(value, &Entry_Type)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "the tree holds entries, not %.100s", Py_TYPE(value)->tp_name);
    return -1;
}

/* Whether the key is at the revision expected; -1 with an exception. `*found` is borrowed. */
static int find(const Write *write, Entry **found) {
    PyObject *value = trees->find(write->tree, write->key);
    if (expect_entry(value) < 0) {
        return -1;
    }
    *found = (Entry *)value;
    return write->expect < 0 || write->expect == (value == NULL ? 0 : (*found)->mod_revision);
}

/* put(tree, log, key, value, revision, expect) */
PyObject *ledger_put(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Write write;
    Entry *found;
    if (count != 6) {
        return PyErr_Format(PyExc_TypeError, "put() takes 6 arguments (%zd given)", count);
    }
    if (parse(&write, args, count, 6) < 0) {
        return NULL;
    }
    if (write.expect >= 0) {
        int is_expected = find(&write, &found);
        if (is_expected <= 0) {
            return is_expected < 0 ? NULL : Py_NewRef(Py_None);
        }
    }
    Entry *entry = entry_new(write.key, args[3], write.revision);
    if (entry == NULL || trees->writable(write.tree, NULL) == NULL || log_reserve(write.log) < 0) {
        Py_XDECREF(entry);
        return NULL;
    }
    PyObject *previous = trees->set(write.tree, write.key, (PyObject *)entry);
    if (previous == NULL || (previous != Py_None && expect_entry(previous) < 0)) {
        Py_XDECREF(previous);
        Py_DECREF(entry);
        return NULL;
    }
    Record record = {write.revision, (Entry *)Py_NewRef((PyObject *)entry), NULL};
    if (previous != Py_None) {
        record.previous = (Entry *)previous;
        entry->create_revision = record.previous->create_revision;
        entry->version = record.previous->version + 1;
    }
    log_append(write.log, record);
    return (PyObject *)entry;
}

/* delete(tree, log, key, revision, expect) */
PyObject *ledger_delete(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Write write;
    Entry *found;
    if (count != 5) {
        return PyErr_Format(PyExc_TypeError, "delete() takes 5 arguments (%zd given)", count);
    }
    if (parse(&write, args, count, 5) < 0) {
        return NULL;
    }
    int is_expected = find(&write, &found);
    if (is_expected <= 0 || found == NULL) {
        return is_expected < 0 ? NULL : Py_NewRef(Py_None);
    }
    if (trees->writable(write.tree, NULL) == NULL || log_reserve(write.log) < 0) {
        return NULL;
    }
    PyObject *previous = trees->pop(write.tree, write.key);
    if (previous == NULL) {
        return NULL;
    }
    log_append(write.log, (Record){write.revision, NULL, (Entry *)Py_NewRef(previous)});
    return previous;
}
