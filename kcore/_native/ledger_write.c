/* put and delete: one call changes the tree and the log.
 *
 * What may run the collector, and what may run out of memory, comes first: the tree is made
 * writable and room in the log reserved, and once the tree has changed nothing can fail.
 */
#include "ledger.h"

TreeAPI *trees;

/* A revision; -1 with an exception. */
int revision_parse(PyObject *value, int64_t *revision) {
    *revision = PyLong_AsLongLong(value);
    return *revision == -1 && PyErr_Occurred() ? -1 : 0;
}

/* The revision that a key must have; None: any. -1 with an exception. */
int expect_parse(PyObject *value, int64_t *expect) {
    *expect = ANYTHING;
    if (value == Py_None) {
        return 0;
    }
    if (revision_parse(value, expect) < 0) {
        return -1;
    }
    if (*expect < 0) {
        *expect = INT64_MAX; /* A revision that no key has. */
    }
    return 0;
}

static int parse(Write *write, PyObject *const *args, Py_ssize_t count, Py_ssize_t wanted) {
    if (count != wanted || !Py_IS_TYPE(args[0], trees->type) || !Py_IS_TYPE(args[1], &Log_Type)) {
        PyErr_SetString(PyExc_TypeError, "a write takes a tree, a log, a str key and more");
        return -1;
    }
    write->tree = (Tree *)args[0];
    write->log = (Log *)args[1];
    write->key = args[2];
    return revision_parse(args[wanted - 2], &write->revision) < 0
               ? -1
               : expect_parse(args[wanted - 1], &write->expect);
}

static int expect_key(PyObject *key) {
    if (PyUnicode_CheckExact(key)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "keys are exact str, not %.100s", Py_TYPE(key)->tp_name);
    return -1;
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

/* Write a key, where it is as expected: 1; else 0; -1 with an exception.
 *
 * Both entries are new references; the previous one is NULL where there was none. */
int write_put(const Write *write, Entry **current, Entry **previous) {
    Entry *found;
    if (expect_key(write->key) < 0) {
        return -1;
    }
    if (write->expect >= 0) {
        int is_expected = find(write, &found);
        if (is_expected <= 0) {
            return is_expected;
        }
    }
    Entry *entry = entry_new(write->key, write->value, write->revision);
    if (entry == NULL || trees->writable(write->tree, NULL) == NULL ||
        log_reserve(write->log) < 0) {
        Py_XDECREF(entry);
        return -1;
    }
    PyObject *replaced = trees->set(write->tree, write->key, (PyObject *)entry);
    if (replaced == NULL || (replaced != Py_None && expect_entry(replaced) < 0)) {
        Py_XDECREF(replaced);
        Py_DECREF(entry);
        return -1;
    }
    Record record = {write->revision, (Entry *)Py_NewRef((PyObject *)entry), NULL};
    if (replaced != Py_None) {
        record.previous = (Entry *)replaced;
        entry->create_revision = record.previous->create_revision;
        entry->version = record.previous->version + 1;
    }
    *current = entry;
    *previous = (Entry *)Py_XNewRef((PyObject *)record.previous);
    log_append(write->log, record);
    return 1;
}

/* Delete a key, where it is there and as expected: 1; else 0; -1 with an exception.
 *
 * What it held is a new reference. */
int write_delete(const Write *write, Entry **previous) {
    Entry *found;
    if (expect_key(write->key) < 0) {
        return -1;
    }
    int is_expected = find(write, &found);
    if (is_expected <= 0 || found == NULL) {
        return is_expected < 0 ? -1 : 0;
    }
    if (trees->writable(write->tree, NULL) == NULL || log_reserve(write->log) < 0) {
        return -1;
    }
    *previous = (Entry *)trees->pop(write->tree, write->key);
    if (*previous == NULL) {
        return -1;
    }
    log_append(write->log,
               (Record){write->revision, NULL, (Entry *)Py_NewRef((PyObject *)*previous)});
    return 1;
}

/* put(tree, log, key, value, revision, expect) */
PyObject *ledger_put(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Write write;
    Entry *current = NULL, *previous = NULL;
    if (count != 6) {
        return PyErr_Format(PyExc_TypeError, "put() takes 6 arguments (%zd given)", count);
    }
    if (parse(&write, args, count, 6) < 0) {
        return NULL;
    }
    write.value = args[3];
    int is_written = write_put(&write, &current, &previous);
    Py_XDECREF(previous);
    return is_written == 0 ? Py_NewRef(Py_None) : (PyObject *)current;
}

/* delete(tree, log, key, revision, expect) */
PyObject *ledger_delete(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Write write;
    Entry *previous = NULL;
    if (count != 5) {
        return PyErr_Format(PyExc_TypeError, "delete() takes 5 arguments (%zd given)", count);
    }
    if (parse(&write, args, count, 5) < 0) {
        return NULL;
    }
    int is_written = write_delete(&write, &previous);
    return is_written == 0 ? Py_NewRef(Py_None) : (PyObject *)previous;
}
