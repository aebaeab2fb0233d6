/* What a bucket is made of, and how it is written.
 *
 * Contents and buckets are classes in Python; here are the fields that writes go through, so that a
 * write finds them without looking up attributes.  Whatever is called may put other parts into the
 * fields, so each part is held while it is used.
 */
#include "ledger.h"
#include <structmember.h>

static PyObject *revision_name;

int bucket_prepare(void) {
    revision_name = PyUnicode_InternFromString("revision");
    return revision_name == NULL ? -1 : 0;
}

/* A part, borrowed; NULL with TypeError where it is something else. */
PyObject *part_of(PyObject *part, PyTypeObject *type, const char *what) {
    if (part != NULL && is_part(part, type)) {
        return part;
    }
    PyErr_Format(PyExc_TypeError, "%s is missing or of a wrong type", what);
    return NULL;
}

Log *bucket_log(const Bucket *bucket) {
    return (Log *)part_of(bucket->history, &Log_Type, "a bucket's history");
}

static Contents *contents_of(const Bucket *bucket) {
    return (Contents *)part_of(bucket->contents, &Contents_Type, "a bucket's contents");
}

static Tree *tree_of(const Contents *contents) {
    return (Tree *)part_of(contents->entries, trees->type, "a bucket's tree");
}

/* What a key holds, or None. */
PyObject *bucket_get(const Bucket *bucket, PyObject *key) {
    Contents *contents = contents_of(bucket);
    Tree *tree = contents == NULL ? NULL : tree_of(contents);
    if (tree == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(key)) {
        return PyErr_Format(PyExc_TypeError, "keys are str, not %.100s", Py_TYPE(key)->tp_name);
    }
    PyObject *found = trees->find(tree, key);
    return Py_NewRef(found == NULL ? Py_None : found);
}

static int is_number(PyObject *number, int64_t wanted) {
    int is_beyond;
    return PyLong_CheckExact(number) &&
           PyLong_AsLongLongAndOverflow(number, &is_beyond) == wanted && !is_beyond;
}

/* The view of the present that was given out before, a new reference, if it is still that and shows
 * this revision; None: it must be made.  NULL with an exception. */
PyObject *bucket_view(const Bucket *bucket, int64_t revision) {
    PyObject *now = bucket->now;
    const Log *log = bucket_log(bucket);
    if (log == NULL) {
        return NULL;
    }
    if (now == NULL || !PyTuple_CheckExact(now) || PyTuple_GET_SIZE(now) != 2 ||
        !is_number(PyTuple_GET_ITEM(now, 0), log->end)) {
        Py_RETURN_NONE;
    }
    PyObject *view = Py_NewRef(PyTuple_GET_ITEM(now, 1));
    PyObject *shown = PyObject_GetAttr(view, revision_name);
    if (shown == NULL) {
        Py_DECREF(view);
        return NULL;
    }
    int is_it = is_number(shown, revision);
    Py_DECREF(shown);
    if (is_it) {
        return view;
    }
    Py_DECREF(view);
    Py_RETURN_NONE;
}

/* Parts of a bucket that a write holds on to. */
typedef struct {
    Contents *contents;
    Tree *tree;
    Log *log;
} Parts;

static int hold(const Bucket *bucket, Parts *parts) {
    parts->contents = contents_of(bucket);
    parts->tree = parts->contents == NULL ? NULL : tree_of(parts->contents);
    parts->log = parts->tree == NULL ? NULL : bucket_log(bucket);
    if (parts->log == NULL) {
        return -1;
    }
    Py_INCREF(parts->contents);
    Py_INCREF(parts->tree);
    Py_INCREF(parts->log);
    return 0;
}

static void let_go(Parts *parts) {
    Py_DECREF(parts->contents);
    Py_DECREF(parts->tree);
    Py_DECREF(parts->log);
}

/* Write a key; its new entry, or None where it is not as expected. */
PyObject *bucket_put(const Bucket *bucket, PyObject *key, PyObject *value, int64_t revision,
                     int64_t expect) {
    Parts parts;
    if (hold(bucket, &parts) < 0) {
        return NULL;
    }
    Entry *current = NULL, *previous = NULL;
    Write write = {parts.tree, parts.log, key, value, revision, expect};
    int is_written = write_put(&write, &current, &previous);
    if (is_written > 0 && contents_reindex(parts.contents, key, previous, current) < 0) {
        is_written = -1;
        Py_CLEAR(current);
    }
    Py_XDECREF(previous);
    let_go(&parts);
    return is_written == 0 ? Py_NewRef(Py_None) : (PyObject *)current;
}

/* Delete a key; what it held, or None where it is absent or not as expected. */
PyObject *bucket_delete(const Bucket *bucket, PyObject *key, int64_t revision, int64_t expect) {
    Parts parts;
    if (hold(bucket, &parts) < 0) {
        return NULL;
    }
    Entry *previous = NULL;
    Write write = {parts.tree, parts.log, key, NULL, revision, expect};
    int is_written = write_delete(&write, &previous);
    if (is_written > 0 && contents_reindex(parts.contents, key, previous, NULL) < 0) {
        is_written = -1;
        Py_CLEAR(previous);
    }
    let_go(&parts);
    return is_written == 0 ? Py_NewRef(Py_None) : (PyObject *)previous;
}

/* put(key, value, revision, expect=None) */
static PyObject *put(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    int64_t revision, expect = ANYTHING;
    if (count < 3 || count > 4) {
        return PyErr_Format(PyExc_TypeError, "put() takes 3 or 4 arguments (%zd given)", count);
    }
    if (revision_parse(args[2], &revision) < 0 ||
        (count > 3 && expect_parse(args[3], &expect) < 0)) {
        return NULL;
    }
    return bucket_put((Bucket *)self, args[0], args[1], revision, expect);
}

/* delete(key, revision, expect=None) */
static PyObject *delete(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    int64_t revision, expect = ANYTHING;
    if (count < 2 || count > 3) {
        return PyErr_Format(PyExc_TypeError, "delete() takes 2 or 3 arguments (%zd given)", count);
    }
    if (revision_parse(args[1], &revision) < 0 ||
        (count > 2 && expect_parse(args[2], &expect) < 0)) {
        return NULL;
    }
    return bucket_delete((Bucket *)self, args[0], revision, expect);
}

/* --- The type: fields for the class in Python ------------------------------------------------ */

static int bucket_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Bucket *)self)->line);
    Py_VISIT(((Bucket *)self)->contents);
    Py_VISIT(((Bucket *)self)->history);
    Py_VISIT(((Bucket *)self)->now);
    return 0;
}

static int bucket_clear(PyObject *self) {
    Py_CLEAR(((Bucket *)self)->line);
    Py_CLEAR(((Bucket *)self)->contents);
    Py_CLEAR(((Bucket *)self)->history);
    Py_CLEAR(((Bucket *)self)->now);
    return 0;
}

static void bucket_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    bucket_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef bucket_members[] = {
    {"line", T_OBJECT, offsetof(Bucket, line), 0, NULL},
    {"contents", T_OBJECT, offsetof(Bucket, contents), 0, NULL},
    {"history", T_OBJECT, offsetof(Bucket, history), 0, NULL},
    {"now", T_OBJECT, offsetof(Bucket, now), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef bucket_methods[] = {
    {"put", (PyCFunction)(void (*)(void))put, METH_FASTCALL, NULL},
    {"delete", (PyCFunction)(void (*)(void))delete, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Bucket_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.BucketCore",
    .tp_basicsize = sizeof(Bucket),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = bucket_dealloc,
    .tp_traverse = bucket_traverse,
    .tp_clear = bucket_clear,
    .tp_methods = bucket_methods,
    .tp_members = bucket_members,
};
