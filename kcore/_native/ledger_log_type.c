/* The type Log: what Python may ask of a log. */
#include "ledger.h"
#include <structmember.h>

static PyObject *construct(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", NULL};
    long long count_max;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "L:Log", names, &count_max)) {
        return NULL;
    }
    return (PyObject *)log_new(count_max);
}

static void dealloc(PyObject *self) {
    log_clear((Log *)self);
    PyObject_Free(self);
}

static Py_ssize_t length(PyObject *self) {
    return (Py_ssize_t)(((Log *)self)->end - ((Log *)self)->first);
}

static PyObject *copy(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    return (PyObject *)log_copy((Log *)self);
}

static PyObject *append(PyObject *self, PyObject *value) {
    if (!Py_IS_TYPE(value, &Event_Type)) {
        PyErr_SetString(PyExc_TypeError, "a log holds events");
        return NULL;
    }
    if (log_reserve((Log *)self) < 0) {
        return NULL;
    }
    Event *event = (Event *)value;
    log_append((Log *)self, (Record){event->revision,
                                     (Entry *)Py_XNewRef((PyObject *)event->current),
                                     (Entry *)Py_XNewRef((PyObject *)event->previous)});
    Py_RETURN_NONE;
}

/* The event at a place that is kept; NULL with MemoryError. */
PyObject *log_event(const Log *log, int64_t sequence) {
    const Record *record = log_record(log, sequence);
    return event_new(record->revision, record->current, record->previous);
}

static int parse(PyObject *value, int64_t *number) {
    *number = PyLong_AsLongLong(value);
    return *number == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *get(PyObject *self, PyObject *argument) {
    const Log *log = (Log *)self;
    int64_t sequence;
    if (parse(argument, &sequence) < 0) {
        return NULL;
    }
    if (sequence < log->first || sequence >= log->end) {
        return PyErr_Format(PyExc_IndexError, "event %lld is not in [%lld, %lld)",
                            (long long)sequence, (long long)log->first, (long long)log->end);
    }
    return log_event(log, sequence);
}

static PyObject *since(PyObject *self, PyObject *argument) {
    int64_t sequence;
    if (parse(argument, &sequence) < 0) {
        return NULL;
    }
    /* Making a list may run the collector, and that code which writes to the log. */
    Log *log = log_copy((Log *)self);
    if (log == NULL) {
        return NULL;
    }
    sequence = sequence > log->first ? sequence : log->first;
    Py_ssize_t count = sequence < log->end ? (Py_ssize_t)(log->end - sequence) : 0;
    PyObject *events = PyList_New(count);
    for (Py_ssize_t i = 0; events != NULL && i < count; i++) {
        PyObject *event = log_event(log, sequence + i);
        if (event == NULL) {
            Py_CLEAR(events);
        } else {
            PyList_SET_ITEM(events, i, event);
        }
    }
    Py_DECREF(log);
    return events;
}

static PyObject *first_of(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    const Log *log = (Log *)self;
    int64_t sequence;
    if (count != 2 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "first_of() takes a key and a sequence");
        return NULL;
    }
    if (parse(args[1], &sequence) < 0) {
        return NULL;
    }
    for (sequence = sequence > log->first ? sequence : log->first; sequence < log->end;
         sequence++) {
        PyObject *key = record_key(log_record(log, sequence));
        if (key == args[0] || PyUnicode_Compare(key, args[0]) == 0) {
            return log_event(log, sequence);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *sequence_after(PyObject *self, PyObject *argument) {
    int64_t revision;
    return parse(argument, &revision) < 0
               ? NULL
               : PyLong_FromLongLong(log_sequence_after((Log *)self, revision));
}

static PyObject *compact(PyObject *self, PyObject *argument) {
    int64_t revision;
    if (parse(argument, &revision) < 0) {
        return NULL;
    }
    if (revision > INT64_MIN) {
        log_drop_to((Log *)self, log_sequence_after((Log *)self, revision - 1));
    }
    Py_RETURN_NONE;
}

static PyObject *forget(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    log_forget((Log *)self);
    Py_RETURN_NONE;
}

static const char *fault_of(const Log *log) {
    int64_t count = 0, last = log->dropped_revision;
    for (Py_ssize_t i = 0; i < log->chunk_count; i++) {
        const Chunk *chunk = log->chunks[i];
        if (chunk->use_count < 1 || chunk->count > chunk->capacity) {
            return "a chunk is broken";
        }
        if (i + 1 < log->chunk_count && chunk->count != CHUNK_COUNT) {
            return "a chunk is not full";
        }
        count += chunk->count;
    }
    if (log->base > log->first || log->first > log->end || log->base + count != log->end) {
        return "places are out of order";
    }
    if (log->end - log->first > log->count_max) {
        return "too much is remembered";
    }
    for (int64_t sequence = log->first; sequence < log->end; sequence++) {
        const Record *record = log_record(log, sequence);
        if (record->revision < last || (record->current == NULL && record->previous == NULL)) {
            return "revisions are out of order, or nothing happened";
        }
        last = record->revision;
    }
    return NULL;
}

static PyObject *check_invariants(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    const char *fault = fault_of((Log *)self);
    if (fault != NULL) {
        PyErr_SetString(PyExc_AssertionError, fault);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"copy", copy, METH_NOARGS, NULL},
    {"append", append, METH_O, NULL},
    {"get", get, METH_O, NULL},
    {"since", since, METH_O, NULL},
    {"first_of", (PyCFunction)(void (*)(void))first_of, METH_FASTCALL, NULL},
    {"sequence_after", sequence_after, METH_O, NULL},
    {"compact", compact, METH_O, NULL},
    {"clear", forget, METH_NOARGS, NULL},
    {"check_invariants", check_invariants, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"first", T_LONGLONG, offsetof(Log, first), READONLY, NULL},
    {"end", T_LONGLONG, offsetof(Log, end), READONLY, NULL},
    {"dropped_revision", T_LONGLONG, offsetof(Log, dropped_revision), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PySequenceMethods as_sequence = {.sq_length = length};

PyTypeObject Log_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Log",
    .tp_basicsize = sizeof(Log),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = construct,
    .tp_dealloc = dealloc,
    .tp_as_sequence = &as_sequence,
    .tp_methods = methods,
    .tp_members = members,
};
