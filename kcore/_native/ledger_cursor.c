/* A watcher: a place in the history of one bucket, and what it needs to show the state there.
 *
 * The class in Python makes views and keeps the rest.  It is called back for what is rare: to pass
 * over what a watch from the future is silent about (`_skip_silent`), to make a view of much that
 * was handed out (`_remember`), to say that what comes next is forgotten (`_compacted`).
 */
#include "ledger.h"
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *store;
    PyObject *bucket; /* Its name. */
    PyObject *known;  /* A view and its place, or None: nobody has asked for one. */
    PyObject *passed; /* A log of what was handed out since. */
    int64_t sequence;
    int64_t revision;
    int64_t silent_until;
    int64_t passed_count_min; /* See `_remember` in the class in Python. */
    int64_t passed_count_max;
} Cursor;

static PyObject *skip_silent_name, *remember_name, *compacted_name;

int cursor_prepare(void) {
    skip_silent_name = PyUnicode_InternFromString("_skip_silent");
    remember_name = PyUnicode_InternFromString("_remember");
    compacted_name = PyUnicode_InternFromString("_compacted");
    return skip_silent_name == NULL || remember_name == NULL || compacted_name == NULL ? -1 : 0;
}

static int call_back(Cursor *cursor, PyObject *name) {
    PyObject *done = PyObject_CallMethodNoArgs((PyObject *)cursor, name);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* The history, a new reference, with nothing before it that is passed over in silence. */
static Log *log_ahead(Cursor *cursor) {
    if (cursor->silent_until > cursor->revision && call_back(cursor, skip_silent_name) < 0) {
        return NULL;
    }
    if (cursor->store == NULL || !is_part(cursor->store, &Store_Type) ||
        cursor->bucket == NULL) {
        PyErr_SetString(PyExc_TypeError, "a cursor has no store or no bucket");
        return NULL;
    }
    return store_log((Store *)cursor->store, cursor->bucket);
}

static void raise_compacted(Cursor *cursor) {
    PyObject *error = PyObject_CallMethodNoArgs((PyObject *)cursor, compacted_name);
    if (error != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        Py_DECREF(error);
    }
}

/* The change that the cursor stands before, or None; NULL with an exception. */
static PyObject *event_ahead(Cursor *cursor, const Log *log) {
    if (cursor->sequence >= log->end) {
        Py_RETURN_NONE;
    }
    if (cursor->sequence < log->first) {
        raise_compacted(cursor);
        return NULL;
    }
    return log_event(log, cursor->sequence);
}

static PyObject *find_log_ahead(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    return (PyObject *)log_ahead((Cursor *)self);
}

static int64_t count_ahead(PyObject *self) {
    Log *log = log_ahead((Cursor *)self);
    if (log == NULL) {
        return -1;
    }
    int64_t count = log->end - ((Cursor *)self)->sequence;
    Py_DECREF(log);
    return count > 0 ? count : 0;
}

static PyObject *pending(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    int64_t count = count_ahead(self);
    return count < 0 ? NULL : PyBool_FromLong(count > 0);
}

static PyObject *peek(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Log *log = log_ahead((Cursor *)self);
    PyObject *event = log == NULL ? NULL : event_ahead((Cursor *)self, log);
    Py_XDECREF(log);
    return event;
}

static int expect_passed(const Cursor *cursor) {
    if (cursor->passed != NULL && Py_IS_TYPE(cursor->passed, &Log_Type)) {
        return 0;
    }
    PyErr_SetString(PyExc_TypeError, "a cursor has no log of what it passed");
    return -1;
}

static void take_references(const Record *record) {
    Py_XINCREF(record->current);
    Py_XINCREF(record->previous);
}

static void drop_references(const Record *record) {
    Py_XDECREF(record->current);
    Py_XDECREF(record->previous);
}

/* Keep what is handed out, for the view after it; how much there is now, -1 with an exception. */
static int64_t keep(const Cursor *cursor, Record record) {
    if (cursor->known == NULL || cursor->known == Py_None) {
        return 0;
    }
    Log *passed = (Log *)cursor->passed;
    if (expect_passed(cursor) < 0 || log_reserve(passed) < 0) {
        return -1;
    }
    take_references(&record);
    log_append(passed, record);
    return passed->end - passed->first;
}

static int step_over(Cursor *cursor, const Log *log, Record record) {
    int64_t count = keep(cursor, record);
    if (count < 0) {
        return -1;
    }
    cursor->sequence++;
    cursor->revision = record.revision;
    int is_much = count >= cursor->passed_count_min &&
                  (cursor->sequence == log->end || count >= cursor->passed_count_max);
    return count > 0 && is_much ? call_back(cursor, remember_name) : 0;
}

static PyObject *next(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Cursor *cursor = (Cursor *)self;
    Log *log = log_ahead(cursor);
    PyObject *event = log == NULL ? NULL : event_ahead(cursor, log);
    if (event != NULL && event != Py_None) {
        const Event *made = (Event *)event;
        if (step_over(cursor, log, (Record){made->revision, made->current, made->previous}) < 0) {
            Py_CLEAR(event);
        }
    }
    Py_XDECREF(log);
    return event;
}

/* `next` without an event: 1, with new references; 0: there is nothing; -1 with an exception. */
static int take(PyObject *self, Record *taken) {
    Cursor *cursor = (Cursor *)self;
    Log *log = log_ahead(cursor);
    int is_there = log == NULL ? -1 : cursor->sequence < log->end;
    if (is_there > 0 && cursor->sequence < log->first) {
        raise_compacted(cursor);
        is_there = -1;
    }
    if (is_there > 0) {
        *taken = *log_record(log, cursor->sequence);
        take_references(taken);
        if (step_over(cursor, log, *taken) < 0) {
            drop_references(taken);
            is_there = -1;
        }
    }
    Py_XDECREF(log);
    return is_there;
}

static int add_value(PyObject *values, const Entry *entry) {
    return PyList_Append(values, entry == NULL ? Py_None : entry->value);
}

static PyObject *drain(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    PyObject *values = PyList_New(0), *previous = PyList_New(0);
    int more = values == NULL || previous == NULL ? -1 : 1;
    while (more > 0) {
        Record taken;
        more = take(self, &taken);
        if (more > 0) {
            int is_added = add_value(values, taken.current) == 0 &&
                           add_value(previous, taken.previous) == 0;
            drop_references(&taken);
            more = is_added ? 1 : -1;
        }
    }
    PyObject *both = more < 0 ? NULL : PyTuple_Pack(2, values, previous);
    Py_XDECREF(values);
    Py_XDECREF(previous);
    return both;
}

/* _pass_to(sequence, revision, known) */
static PyObject *pass_to(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Cursor *cursor = (Cursor *)self;
    int64_t sequence, revision;
    if (count != 3) {
        return PyErr_Format(PyExc_TypeError, "_pass_to() takes 3 arguments (%zd given)", count);
    }
    if (revision_parse(args[0], &sequence) < 0 || revision_parse(args[1], &revision) < 0 ||
        expect_passed(cursor) < 0) {
        return NULL;
    }
    cursor->sequence = sequence;
    cursor->revision = revision;
    Py_XSETREF(cursor->known, Py_NewRef(args[2]));
    log_forget((Log *)cursor->passed);
    Py_RETURN_NONE;
}

/* --- For other kernels ----------------------------------------------------------------------- */

static int is_method(PyObject *method, PyCFunction function) {
    return PyCFunction_Check(method) && PyCFunction_GET_FUNCTION(method) == function;
}

static PyObject *behind(PyObject *pending_method, PyObject *next_method) {
    if (!is_method(pending_method, pending) || !is_method(next_method, next)) {
        return NULL;
    }
    PyObject *cursor = PyCFunction_GET_SELF(next_method);
    return PyCFunction_GET_SELF(pending_method) == cursor ? cursor : NULL;
}

static CursorAPI api = {behind, count_ahead, take};

int cursor_export(PyObject *module) {
    PyObject *capsule = PyCapsule_New(&api, LEDGER_API_NAME, NULL);
    int done = capsule == NULL ? -1 : PyModule_AddObjectRef(module, "_api", capsule);
    Py_XDECREF(capsule);
    return done;
}

/* --- The type: fields for the class in Python ------------------------------------------------ */

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Cursor *cursor = (Cursor *)self;
    Py_VISIT(cursor->store);
    Py_VISIT(cursor->bucket);
    Py_VISIT(cursor->known);
    Py_VISIT(cursor->passed);
    return 0;
}

static int clear(PyObject *self) {
    Cursor *cursor = (Cursor *)self;
    Py_CLEAR(cursor->store);
    Py_CLEAR(cursor->bucket);
    Py_CLEAR(cursor->known);
    Py_CLEAR(cursor->passed);
    return 0;
}

static void dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef members[] = {
    {"_store", T_OBJECT_EX, offsetof(Cursor, store), 0, NULL},
    {"_bucket", T_OBJECT_EX, offsetof(Cursor, bucket), 0, NULL},
    {"_known", T_OBJECT_EX, offsetof(Cursor, known), 0, NULL},
    {"_passed", T_OBJECT_EX, offsetof(Cursor, passed), 0, NULL},
    {"_sequence", T_LONGLONG, offsetof(Cursor, sequence), 0, NULL},
    {"_revision", T_LONGLONG, offsetof(Cursor, revision), 0, NULL},
    {"_silent_until", T_LONGLONG, offsetof(Cursor, silent_until), 0, NULL},
    {"_passed_count_min", T_LONGLONG, offsetof(Cursor, passed_count_min), 0, NULL},
    {"_passed_count_max", T_LONGLONG, offsetof(Cursor, passed_count_max), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef methods[] = {
    {"pending", pending, METH_NOARGS, NULL},
    {"peek", peek, METH_NOARGS, NULL},
    {"next", next, METH_NOARGS, NULL},
    {"drain", drain, METH_NOARGS, NULL},
    {"_pass_to", (PyCFunction)(void (*)(void))pass_to, METH_FASTCALL, NULL},
    {"_log_ahead", find_log_ahead, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Cursor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.CursorCore",
    .tp_basicsize = sizeof(Cursor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_methods = methods,
    .tp_members = members,
};
