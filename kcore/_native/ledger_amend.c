/* Amendment: one change, made to many values one after the other; see reference/ledger_amend.py.
 *
 * The change may run any code, but the parts of an amendment never change.
 */
#include "ledger.h"

enum { LOCAL_ARGUMENT_COUNT = 16 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    Journal *journal;
    PyObject *verb;
    PyObject *bucket;
    PyObject *change;
    Depends depends;
} Amendment;

/* change(value, *given, text of the next revision) */
static PyObject *changed(const Amendment *amendment, PyObject *value, PyObject *given) {
    Py_ssize_t count = PyTuple_GET_SIZE(given);
    PyObject *local[LOCAL_ARGUMENT_COUNT], **all = local, *result = NULL;
    if (count + 2 > LOCAL_ARGUMENT_COUNT && (all = PyMem_New(PyObject *, count + 2)) == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *text = revision_text(amendment->journal->store->revision + 1);
    if (text != NULL) {
        all[0] = value;
        for (Py_ssize_t i = 0; i < count; i++) {
            all[i + 1] = PyTuple_GET_ITEM(given, i);
        }
        all[count + 1] = text;
        result = PyObject_Vectorcall(amendment->change, all, (size_t)count + 2, NULL);
        Py_DECREF(text);
    }
    if (all != local) {
        PyMem_Free(all);
    }
    return result;
}

/* Put what the change makes of an entry in its place: its value, or None. */
static PyObject *amend(const Amendment *amendment, PyObject *key, const Entry *entry,
                       PyObject *given) {
    const Journal *journal = amendment->journal;
    int64_t before = journal->store->revision;
    PyObject *value = changed(amendment, entry->value, given);
    if (value == NULL || value == Py_None) {
        return value;
    }
    /* While the store is as it was, so is the key. */
    PyObject *expected = journal->store->revision == before
                             ? Py_NewRef(Py_None)
                             : PyLong_FromLongLong(entry->mod_revision);
    PyObject *put = NULL;
    if (expected != NULL) {
        put = journal_commit(journal, amendment->verb, amendment->bucket, key, value, expected,
                             NULL);
        Py_DECREF(expected);
    }
    Py_DECREF(value);
    return put;
}

/* amendment(space, name, given) */
static PyObject *amendment_call(PyObject *self, PyObject *const *args, size_t flags,
                                PyObject *names) {
    const Amendment *amendment = (const Amendment *)self;
    if (names != NULL || PyVectorcall_NARGS(flags) != 3 || !PyUnicode_Check(args[0]) ||
        !PyUnicode_Check(args[1]) || !PyTuple_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "an amendment takes two str and a tuple");
        return NULL;
    }
    Store *store = amendment->journal->store;
    int holds = store_holds(store, &amendment->depends);
    if (holds <= 0) {
        return holds < 0 ? NULL : Py_NewRef(Py_None);
    }
    Entry *entry = NULL;
    PyObject *key = key_of(args[0], args[1]), *put = NULL;
    if (key != NULL && store_find(store, amendment->bucket, key, &entry) == 0) {
        put = entry == NULL ? Py_NewRef(Py_None) : amend(amendment, key, entry, args[2]);
    }
    Py_XDECREF(entry);
    Py_XDECREF(key);
    return put;
}

/* --- The type: nothing clears it, see ledger_journal.c ------------------------------------------ */

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Amendment *amendment = (Amendment *)self;
    Py_VISIT(amendment->journal);
    Py_VISIT(amendment->verb);
    Py_VISIT(amendment->bucket);
    Py_VISIT(amendment->change);
    return 0;
}

static void dealloc(PyObject *self) {
    Amendment *amendment = (Amendment *)self;
    PyObject_GC_UnTrack(self);
    Py_DECREF(amendment->journal);
    Py_DECREF(amendment->verb);
    Py_DECREF(amendment->bucket);
    Py_DECREF(amendment->change);
    depends_clear(&amendment->depends);
    Py_TYPE(self)->tp_free(self);
}

/* Amendment(journal, verb, bucket, change, depends) */
static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *journal, *verb, *bucket, *change, *depends;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Amendment takes its arguments by place");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!UUOO!:Amendment", &Journal_Type, &journal, &verb, &bucket,
                          &change, &PyDict_Type, &depends)) {
        return NULL;
    }
    Depends held;
    if (depends_parse(depends, &held) < 0) {
        return NULL;
    }
    Amendment *amendment = (Amendment *)type->tp_alloc(type, 0);
    if (amendment == NULL) {
        depends_clear(&held);
    } else {
        amendment->call = amendment_call;
        amendment->journal = (Journal *)Py_NewRef(journal);
        amendment->verb = Py_NewRef(verb);
        amendment->bucket = name_interned(bucket);
        amendment->change = Py_NewRef(change);
        amendment->depends = held;
    }
    return (PyObject *)amendment;
}

PyTypeObject Amendment_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Amendment",
    .tp_basicsize = sizeof(Amendment),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = new,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Amendment, call),
};
