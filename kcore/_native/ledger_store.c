/* What a store is made of, and the calls it is asked most: get, value, view, put, fork and, by cursors,
 * history.
 *
 * The class in Python keeps the rest, and is called back for what is rare: to copy a bucket that
 * forks share (`_writable`), to read the past (`_get_at`), to make a view (`_view`), to refuse
 * (`_refuse`, `_check`).
 */
#include "ledger.h"
#include <structmember.h>

static PyObject *writable_name, *get_at_name, *view_name, *refuse_name;

int store_prepare(void) {
    writable_name = PyUnicode_InternFromString("_writable");
    get_at_name = PyUnicode_InternFromString("_get_at");
    view_name = PyUnicode_InternFromString("_view");
    refuse_name = PyUnicode_InternFromString("_refuse");
    return writable_name == NULL || get_at_name == NULL || view_name == NULL || refuse_name == NULL
               ? -1
               : 0;
}

static Py_ssize_t place_of(const char *const *fields, Py_ssize_t count, PyObject *name) {
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PyUnicode_CompareWithASCIIString(name, fields[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* Sort arguments into the places of their fields, NULL where not given; -1 with TypeError. */
int arguments_sort(const char *method, const char *const *fields, Shape shape,
                   PyObject *const *args, Py_ssize_t count, PyObject *names, PyObject **found) {
    Py_ssize_t name_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count > shape.by_place) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments by place (%zd given)", method,
                     shape.by_place, count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < shape.all; i++) {
        found[i] = i < count ? args[i] : NULL;
    }
    for (Py_ssize_t i = 0; i < name_count; i++) {
        Py_ssize_t place = place_of(fields, shape.all, PyTuple_GET_ITEM(names, i));
        if (place < count) { /* Unknown, or given by its place before. */
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected argument %R", method,
                         PyTuple_GET_ITEM(names, i));
            return -1;
        }
        found[place] = args[count + i];
    }
    for (Py_ssize_t i = 0; i < shape.wanted; i++) {
        if (found[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() misses its argument '%s'", method, fields[i]);
            return -1;
        }
    }
    return 0;
}

/* Fetch the text of a key, most of which is in the line after its header, while its bucket is looked
 * up.  Whoever reads many keys then waits for this one's text and for what the last one held at once:
 * the processor does not look ahead as far as from there to the search. */
static void fetch_text(PyObject *key) { prefetch((const char *)key + LINE_BYTES); }

static Bucket *expect_bucket(PyObject *bucket) {
    if (bucket != NULL && !is_part(bucket, &Bucket_Type)) {
        PyErr_Format(PyExc_TypeError, "a store holds buckets, not %.100s",
                     Py_TYPE(bucket)->tp_name);
        Py_DECREF(bucket);
        return NULL;
    }
    return (Bucket *)bucket;
}

/* A bucket by its name, a new reference; NULL where there is none, perhaps with an exception. */
Bucket *bucket_named(const Store *store, PyObject *name) {
    if (store->buckets == NULL || !PyDict_Check(store->buckets)) {
        PyErr_SetString(PyExc_TypeError, "a store has no table of buckets");
        return NULL;
    }
    PyObject *found = PyDict_GetItemWithError(store->buckets, name);
    return expect_bucket(Py_XNewRef(found));
}

/* The bucket to write to, a new reference; NULL with an exception. */
Bucket *store_writable(Store *store, PyObject *name) {
    Bucket *bucket = bucket_named(store, name);
    if (bucket != NULL && bucket->line == store->line && store->line != NULL) {
        return bucket;
    }
    Py_XDECREF(bucket);
    if (bucket == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return expect_bucket(PyObject_CallMethodOneArg((PyObject *)store, writable_name, name));
}

/* What a key holds now, a new reference or None; NULL with an exception. */
static PyObject *get_now(const Store *store, PyObject *name, PyObject *key) {
    Bucket *bucket = bucket_named(store, name);
    if (bucket == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    PyObject *found = bucket_get(bucket, key);
    Py_DECREF(bucket);
    return found;
}

/* The same as an entry, NULL for None; -1 with an exception. */
int store_find(Store *store, PyObject *name, PyObject *key, Entry **entry) {
    PyObject *found = get_now(store, name, key);
    *entry = NULL;
    if (found == NULL) {
        return -1;
    }
    if (found == Py_None) {
        Py_DECREF(found);
    } else if (Py_IS_TYPE(found, &Entry_Type)) {
        *entry = (Entry *)found;
    } else {
        PyErr_SetString(PyExc_TypeError, "the tree holds entries");
        Py_DECREF(found);
        return -1;
    }
    return 0;
}

/* get(bucket, key, revision=None) */
static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    static const char *const fields[] = {"bucket", "key", "revision"};
    PyObject *found[3] = {NULL, NULL, NULL};
    if (count == 2 && names == NULL) {
        fetch_text(args[1]);
        return get_now((Store *)self, args[0], args[1]);
    }
    if (arguments_sort("get", fields, (Shape){2, 3, 3}, args, count, names, found) < 0) {
        return NULL;
    }
    if (found[2] != NULL && found[2] != Py_None) {
        int64_t revision;
        if (revision_parse(found[2], &revision) < 0) {
            return NULL;
        }
        if (revision != ((Store *)self)->revision) {
            return PyObject_CallMethodObjArgs(self, get_at_name, found[0], found[1], found[2],
                                              NULL);
        }
    }
    return get_now((Store *)self, found[0], found[1]);
}

/* value(bucket, key) */
static PyObject *value(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "value() takes 2 arguments (%zd given)", count);
    }
    Entry *entry;
    fetch_text(args[1]);
    if (store_find((Store *)self, args[0], args[1], &entry) < 0) {
        return NULL;
    }
    PyObject *found = Py_NewRef(entry == NULL ? Py_None : entry->value);
    Py_XDECREF(entry);
    return found;
}

/* The view of a bucket's present that is known, a new reference; None: `_view` must make it.  NULL
 * with an exception. */
static PyObject *view_known(const Store *store, PyObject *name) {
    Bucket *bucket = bucket_named(store, name);
    if (bucket == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    PyObject *known = bucket_view(bucket, store->revision);
    Py_DECREF(bucket);
    return known;
}

/* view(bucket, revision=None) */
static PyObject *view(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    static const char *const fields[] = {"bucket", "revision"};
    PyObject *found[2];
    if (arguments_sort("view", fields, (Shape){1, 2, 2}, args, count, names, found) < 0) {
        return NULL;
    }
    PyObject *revision = found[1] == NULL ? Py_None : found[1];
    if (revision == Py_None) {
        PyObject *known = view_known((Store *)self, found[0]);
        if (known != Py_None) {
            return known;
        }
        Py_DECREF(known);
    }
    return PyObject_CallMethodObjArgs(self, view_name, found[0], revision, NULL);
}

/* The history of a bucket, a new reference; NULL with an exception, which is KeyError without it. */
Log *store_log(const Store *store, PyObject *name) {
    Bucket *bucket = bucket_named(store, name);
    if (bucket == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_KeyError, name);
        }
        return NULL;
    }
    Log *log = bucket_log(bucket);
    Py_XINCREF(log);
    Py_DECREF(bucket);
    return log;
}

/* history(bucket) */
static PyObject *history(PyObject *self, PyObject *name) {
    return (PyObject *)store_log((Store *)self, name);
}

/* Write a key at the next revision, where it is at revision `expect`; else the class refuses, and is
 * told `expected`, which is that as a number or None. */
PyObject *store_put_next(Store *store, PyObject *name, PyObject *key, PyObject *value,
                         int64_t expect, PyObject *expected) {
    Bucket *bucket = store_writable(store, name);
    if (bucket == NULL) {
        return NULL;
    }
    int64_t revision = store->revision + 1;
    PyObject *entry = bucket_put(bucket, key, value, revision, expect);
    Py_DECREF(bucket);
    if (entry == Py_None) {
        Py_DECREF(entry);
        return PyObject_CallMethodObjArgs((PyObject *)store, refuse_name, name, key, expected,
                                          NULL);
    }
    if (entry != NULL) {
        store->revision = revision;
    }
    return entry;
}

/* put(bucket, key, value, *, expect=None) */
static PyObject *put(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    static const char *const fields[] = {"bucket", "key", "value", "expect"};
    PyObject *found[4];
    int64_t expect = ANYTHING;
    if (arguments_sort("put", fields, (Shape){3, 3, 4}, args, count, names, found) < 0 ||
        (found[3] != NULL && expect_parse(found[3], &expect) < 0)) {
        return NULL;
    }
    fetch_text(found[1]);
    return store_put_next((Store *)self, found[0], found[1], found[2], expect,
                          found[3] == NULL ? Py_None : found[3]);
}

/* fork(memo=None): both sides share all buckets, and neither owns the table any more.  A store refers
 * to no part that forks, so it asks the memo nothing. */
static PyObject *store_fork(PyObject *self, PyObject *const *Py_UNUSED(args), Py_ssize_t count) {
    if (count > 1) {
        return PyErr_Format(PyExc_TypeError, "fork() takes at most 1 argument (%zd given)", count);
    }
    Store *store = (Store *)self;
    Store *twin = (Store *)Py_TYPE(self)->tp_alloc(Py_TYPE(self), 0);
    if (twin != NULL) {
        twin->buckets = Py_XNewRef(store->buckets);
        twin->empty = Py_XNewRef(store->empty);
        twin->history_count_max = store->history_count_max;
        twin->revision = store->revision;
        twin->compact_revision = store->compact_revision;
        Py_CLEAR(store->buckets_line);
        Py_CLEAR(store->line);
    }
    return (PyObject *)twin;
}

/* --- The type -------------------------------------------------------------------------------- */

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Store *store = (Store *)self;
    Py_VISIT(store->buckets);
    Py_VISIT(store->buckets_line);
    Py_VISIT(store->line);
    Py_VISIT(store->empty);
    Py_VISIT(store->interests);
    return 0;
}

static int clear(PyObject *self) {
    Store *store = (Store *)self;
    Py_CLEAR(store->buckets);
    Py_CLEAR(store->buckets_line);
    Py_CLEAR(store->line);
    Py_CLEAR(store->empty);
    Py_CLEAR(store->interests);
    return 0;
}

static void dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *next_revision(PyObject *self, void *Py_UNUSED(closure)) {
    return PyLong_FromLongLong(((Store *)self)->revision + 1);
}

static PyMemberDef members[] = {
    {"_buckets", T_OBJECT, offsetof(Store, buckets), 0, NULL},
    {"_buckets_line", T_OBJECT, offsetof(Store, buckets_line), 0, NULL},
    {"_line", T_OBJECT, offsetof(Store, line), 0, NULL},
    {"_empty", T_OBJECT, offsetof(Store, empty), 0, NULL},
    {"_interests", T_OBJECT, offsetof(Store, interests), 0, NULL},
    {"_history_count_max", T_LONGLONG, offsetof(Store, history_count_max), 0, NULL},
    {"_revision", T_LONGLONG, offsetof(Store, revision), 0, NULL},
    {"_compact_revision", T_LONGLONG, offsetof(Store, compact_revision), 0, NULL},
    {"revision", T_LONGLONG, offsetof(Store, revision), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"next_revision", next_revision, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"get", (PyCFunction)(void (*)(void))get, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"view", (PyCFunction)(void (*)(void))view, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"put", (PyCFunction)(void (*)(void))put, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"txn", (PyCFunction)(void (*)(void))store_txn, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"value", (PyCFunction)(void (*)(void))value, METH_FASTCALL, NULL},
    {"history", history, METH_O, NULL},
    {"last_change", store_last_change, METH_O, NULL},
    {"is_unchanged", store_is_unchanged, METH_O, NULL},
    {"fork", (PyCFunction)(void (*)(void))store_fork, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Store_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.StoreCore",
    .tp_basicsize = sizeof(Store),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = getters,
};
