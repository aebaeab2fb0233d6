/* Entries and events: small immutable records that compare, print and unpack like named tuples. */
#include "ledger.h"
#include <structmember.h>

enum { PAGE_BYTES = 4096 };

/* Tell once a page that entries fill it: they stand side by side. */
static void tell_region(const Entry *entry) {
    if ((uintptr_t)entry % PAGE_BYTES < sizeof(Entry)) {
        trees->region_fill(entry, PAGE_BYTES);
    }
}

/* An entry that was just created; NULL with MemoryError. */
Entry *entry_new(PyObject *key, PyObject *value, int64_t revision) {
    Entry *entry = PyObject_New(Entry, &Entry_Type);
    if (entry != NULL) {
        entry->key = Py_NewRef(key);
        entry->value = Py_NewRef(value);
        entry->create_revision = entry->mod_revision = revision;
        entry->version = 1;
        tell_region(entry);
    }
    return entry;
}

static PyObject *entry_construct(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs) {
    static char *names[] = {"key", "value", "create_revision", "mod_revision", "version", NULL};
    PyObject *key, *value;
    long long create, mod, version;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "UOLLL:Entry", names, &key, &value, &create,
                                     &mod, &version)) {
        return NULL;
    }
    Entry *entry = entry_new(key, value, mod);
    if (entry != NULL) {
        entry->create_revision = create;
        entry->version = version;
    }
    return (PyObject *)entry;
}

static void entry_dealloc(PyObject *self) {
    Entry *entry = (Entry *)self;
    PyObject *key = entry->key, *value = entry->value;
    PyObject_Free(self);
    Py_DECREF(key);
    Py_DECREF(value);
}

static PyObject *entry_fields(PyObject *self) {
    Entry *entry = (Entry *)self;
    return Py_BuildValue("OOLLL", entry->key, entry->value, (long long)entry->create_revision,
                         (long long)entry->mod_revision, (long long)entry->version);
}

static PyObject *or_none(Entry *entry) {
    return Py_NewRef(entry == NULL ? Py_None : (PyObject *)entry);
}

/* An event; NULL with MemoryError. */
PyObject *event_new(int64_t revision, Entry *current, Entry *previous) {
    Event *event = PyObject_New(Event, &Event_Type);
    if (event != NULL) {
        event->revision = revision;
        event->current = (Entry *)Py_XNewRef((PyObject *)current);
        event->previous = (Entry *)Py_XNewRef((PyObject *)previous);
    }
    return (PyObject *)event;
}

static int entry_or_none(PyObject *value, void *result) {
    if (value != Py_None && !Py_IS_TYPE(value, &Entry_Type)) {
        PyErr_Format(PyExc_TypeError, "an Entry or None is wanted, not %.100s",
                     Py_TYPE(value)->tp_name);
        return 0;
    }
    *(Entry **)result = value == Py_None ? NULL : (Entry *)value;
    return 1;
}

static PyObject *event_construct(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs) {
    static char *names[] = {"revision", "key", "current", "previous", NULL};
    long long revision;
    PyObject *key;
    Entry *current, *previous;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "LUO&O&:Event", names, &revision, &key,
                                     entry_or_none, &current, entry_or_none, &previous)) {
        return NULL;
    }
    if (current == NULL && previous == NULL) {
        PyErr_SetString(PyExc_ValueError, "an event has a current or a previous entry");
        return NULL;
    }
    return event_new(revision, current, previous);
}

static void event_dealloc(PyObject *self) {
    Entry *current = ((Event *)self)->current, *previous = ((Event *)self)->previous;
    PyObject_Free(self);
    Py_XDECREF(current);
    Py_XDECREF(previous);
}

static const Record *event_record(PyObject *self, Record *record) {
    Event *event = (Event *)self;
    *record = (Record){event->revision, event->current, event->previous};
    return record;
}

static PyObject *event_fields(PyObject *self) {
    Record record;
    PyObject *key = record_key(event_record(self, &record));
    return Py_BuildValue("LONN", (long long)record.revision, key, or_none(record.current),
                         or_none(record.previous));
}

static PyObject *event_key(PyObject *self, void *Py_UNUSED(closure)) {
    Record record;
    return Py_NewRef(record_key(event_record(self, &record)));
}

static PyObject *event_current(PyObject *self, void *Py_UNUSED(closure)) {
    return or_none(((Event *)self)->current);
}

static PyObject *event_previous(PyObject *self, void *Py_UNUSED(closure)) {
    return or_none(((Event *)self)->previous);
}

static PyObject *event_value(PyObject *self, void *Py_UNUSED(closure)) {
    Entry *current = ((Event *)self)->current;
    return Py_NewRef(current == NULL ? Py_None : current->value);
}

static PyObject *event_previous_value(PyObject *self, void *Py_UNUSED(closure)) {
    Entry *previous = ((Event *)self)->previous;
    return Py_NewRef(previous == NULL ? Py_None : previous->value);
}

static PyObject *event_create_revision(PyObject *self, void *Py_UNUSED(closure)) {
    Event *event = (Event *)self;
    Entry *kept = event->current != NULL ? event->current : event->previous;
    return PyLong_FromLongLong(kept->create_revision);
}

/* --- What both have in common ---------------------------------------------------------------- */

static PyObject *fields_of(PyObject *self) {
    return Py_IS_TYPE(self, &Entry_Type) ? entry_fields(self) : event_fields(self);
}

static PyObject *compare(PyObject *self, PyObject *other, int operation) {
    if (!Py_IS_TYPE(other, Py_TYPE(self)) || (operation != Py_EQ && operation != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (self == other) {
        return PyBool_FromLong(operation == Py_EQ);
    }
    PyObject *left = fields_of(self), *right = fields_of(other), *result = NULL;
    if (left != NULL && right != NULL) {
        result = PyObject_RichCompare(left, right, operation);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static Py_hash_t hash(PyObject *self) {
    PyObject *fields = fields_of(self);
    Py_hash_t result = fields == NULL ? -1 : PyObject_Hash(fields);
    Py_XDECREF(fields);
    return result;
}

static PyObject *represent(PyObject *self) {
    static const char entry_format[] =
        "Entry(key=%R, value=%R, create_revision=%R, mod_revision=%R, version=%R)";
    static const char event_format[] = "Event(revision=%R, key=%R, current=%R, previous=%R)";
    PyObject *fields = fields_of(self);
    if (fields == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)fields)->ob_item;
    PyObject *text = Py_IS_TYPE(self, &Entry_Type)
                         ? PyUnicode_FromFormat(entry_format, items[0], items[1], items[2],
                                                items[3], items[4])
                         : PyUnicode_FromFormat(event_format, items[0], items[1], items[2],
                                                items[3]);
    Py_DECREF(fields);
    return text;
}

static PyObject *reduce(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    PyObject *fields = fields_of(self);
    return fields == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(self), fields);
}

static PyObject *iterate(PyObject *self) {
    PyObject *fields = fields_of(self);
    PyObject *iterator = fields == NULL ? NULL : PyObject_GetIter(fields);
    Py_XDECREF(fields);
    return iterator;
}

static PyMethodDef record_methods[] = {
    {"__reduce__", reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef entry_members[] = {
    {"key", T_OBJECT_EX, offsetof(Entry, key), READONLY, NULL},
    {"value", T_OBJECT_EX, offsetof(Entry, value), READONLY, NULL},
    {"create_revision", T_LONGLONG, offsetof(Entry, create_revision), READONLY, NULL},
    {"mod_revision", T_LONGLONG, offsetof(Entry, mod_revision), READONLY, NULL},
    {"version", T_LONGLONG, offsetof(Entry, version), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMemberDef event_members[] = {
    {"revision", T_LONGLONG, offsetof(Event, revision), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef event_getters[] = {
    {"key", event_key, NULL, NULL, NULL},
    {"current", event_current, NULL, NULL, NULL},
    {"previous", event_previous, NULL, NULL, NULL},
    {"value", event_value, NULL, NULL, NULL},
    {"previous_value", event_previous_value, NULL, NULL, NULL},
    {"create_revision", event_create_revision, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject Entry_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Entry",
    .tp_basicsize = sizeof(Entry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = entry_construct,
    .tp_dealloc = entry_dealloc,
    .tp_repr = represent,
    .tp_hash = hash,
    .tp_richcompare = compare,
    .tp_iter = iterate,
    .tp_methods = record_methods,
    .tp_members = entry_members,
};

PyTypeObject Event_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Event",
    .tp_basicsize = sizeof(Event),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = event_construct,
    .tp_dealloc = event_dealloc,
    .tp_repr = represent,
    .tp_hash = hash,
    .tp_richcompare = compare,
    .tp_iter = iterate,
    .tp_methods = record_methods,
    .tp_members = event_members,
    .tp_getset = event_getters,
};
