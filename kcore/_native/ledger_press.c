/* Press: values of one template, put one after the other; see reference/ledger_press.py.
 *
 * Whatever is called in between may run any code, but the parts of a press never change.
 */
#include "ledger.h"

enum { OWN_PART_COUNT = 2 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    Journal *journal;
    PyObject *verb;
    PyObject *bucket;
    PyObject *template;
    PyObject *prefix;   /* Of made-up names; None where the first text is the name. */
    Py_ssize_t time_count;
    Depends depends;
    PyObject *mint_id;
    PyObject *mint_suffix;
    PyObject *wording;  /* What the journal hears of what the template makes; NULL: ask it. */
} Press;

/* What a call names the value: a new reference; NULL with an exception. */
static PyObject *name_of(const Press *press, PyObject *texts) {
    if (press->prefix == Py_None) {
        if (PyTuple_GET_SIZE(texts) > 0 && PyUnicode_Check(PyTuple_GET_ITEM(texts, 0))) {
            return Py_NewRef(PyTuple_GET_ITEM(texts, 0));
        }
        PyErr_SetString(PyExc_TypeError, "the first text is the name, and there is none");
        return NULL;
    }
    PyObject *suffix = PyObject_CallNoArgs(press->mint_suffix);
    PyObject *name = suffix == NULL ? NULL : PyUnicode_Concat(press->prefix, suffix);
    Py_XDECREF(suffix);
    return name;
}

/* Everything the template takes: revision, id, times, name, texts. */
static PyObject *parts_of(const Press *press, PyObject *now, PyObject *name, PyObject *texts) {
    PyObject *id = PyObject_CallNoArgs(press->mint_id);
    PyObject *revision = id == NULL ? NULL : revision_text(press->journal->store->revision + 1);
    int is_apart = press->prefix != Py_None; /* Else the name is one of the texts. */
    Py_ssize_t text_count = PyTuple_GET_SIZE(texts), at = 0;
    PyObject *parts = revision == NULL ? NULL
                                       : PyTuple_New(OWN_PART_COUNT + press->time_count + is_apart +
                                                     text_count);
    if (parts == NULL) {
        Py_XDECREF(id);
        Py_XDECREF(revision);
        return NULL;
    }
    PyTuple_SET_ITEM(parts, at++, revision);
    PyTuple_SET_ITEM(parts, at++, id);
    for (Py_ssize_t i = 0; i < press->time_count; i++) {
        PyTuple_SET_ITEM(parts, at++, Py_NewRef(now));
    }
    if (is_apart) {
        PyTuple_SET_ITEM(parts, at++, Py_NewRef(name));
    }
    for (Py_ssize_t i = 0; i < text_count; i++) {
        PyTuple_SET_ITEM(parts, at++, Py_NewRef(PyTuple_GET_ITEM(texts, i)));
    }
    return parts;
}

static PyObject *put_named(const Press *press, PyObject *space, PyObject *now, PyObject *name,
                           PyObject *texts) {
    PyObject *parts = parts_of(press, now, name, texts), *value = NULL, *put = NULL;
    PyObject *absent = parts == NULL ? NULL : PyLong_FromLong(0);
    if (absent != NULL) {
        Writer writer = {press->wording, &PyTuple_GET_ITEM(parts, 0),
                         (size_t)PyTuple_GET_SIZE(parts)};
        value = PyObject_Vectorcall(press->template, writer.args, writer.count, NULL);
        PyObject *key = value == NULL ? NULL : key_of(space, name);
        if (key != NULL) {
            put = journal_commit(press->journal, press->verb, press->bucket, key, value, absent,
                                 press->wording == NULL ? NULL : &writer);
        }
        Py_XDECREF(key);
    }
    Py_XDECREF(value);
    Py_XDECREF(absent);
    Py_XDECREF(parts);
    return put;
}

/* press(space, now, texts) */
static PyObject *press_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    const Press *press = (const Press *)self;
    if (names != NULL || PyVectorcall_NARGS(flags) != 3 || !PyUnicode_Check(args[0]) ||
        !PyTuple_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "a press takes a str, the time and a tuple of texts");
        return NULL;
    }
    int holds = store_holds(press->journal->store, &press->depends);
    if (holds <= 0) {
        return holds < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *name = name_of(press, args[2]);
    PyObject *put = name == NULL ? NULL : put_named(press, args[0], args[1], name, args[2]);
    Py_XDECREF(name);
    return put;
}

/* --- The type: nothing clears it, see ledger_journal.c ------------------------------------------ */

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Press *press = (Press *)self;
    Py_VISIT(press->journal);
    Py_VISIT(press->verb);
    Py_VISIT(press->bucket);
    Py_VISIT(press->template);
    Py_VISIT(press->prefix);
    Py_VISIT(press->mint_id);
    Py_VISIT(press->mint_suffix);
    Py_VISIT(press->wording);
    return 0;
}

static void dealloc(PyObject *self) {
    Press *press = (Press *)self;
    PyObject_GC_UnTrack(self);
    Py_DECREF(press->journal);
    Py_DECREF(press->verb);
    Py_DECREF(press->bucket);
    Py_DECREF(press->template);
    Py_DECREF(press->prefix);
    depends_clear(&press->depends);
    Py_DECREF(press->mint_id);
    Py_DECREF(press->mint_suffix);
    Py_XDECREF(press->wording);
    Py_TYPE(self)->tp_free(self);
}

/* Press(journal, verb, bucket, mint_suffix, mint_id, template, prefix, times_count, depends,
 *       wording=None) */
static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *journal, *verb, *bucket, *mint_suffix, *mint_id, *template, *prefix, *depends;
    PyObject *wording = Py_None;
    Py_ssize_t time_count;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Press takes its arguments by place");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!UUOOOOnO!|O:Press", &Journal_Type, &journal, &verb, &bucket,
                          &mint_suffix, &mint_id, &template, &prefix, &time_count, &PyDict_Type,
                          &depends, &wording)) {
        return NULL;
    }
    if ((prefix != Py_None && !PyUnicode_Check(prefix)) || time_count < 0) {
        PyErr_SetString(PyExc_TypeError, "a prefix is a text or None, a count not negative");
        return NULL;
    }
    Depends held;
    if (depends_parse(depends, &held) < 0) {
        return NULL;
    }
    Press *press = (Press *)type->tp_alloc(type, 0);
    if (press == NULL) {
        depends_clear(&held);
    } else {
        press->call = press_call;
        press->journal = (Journal *)Py_NewRef(journal);
        press->verb = Py_NewRef(verb);
        press->bucket = name_interned(bucket);
        press->mint_suffix = Py_NewRef(mint_suffix);
        press->mint_id = Py_NewRef(mint_id);
        press->template = Py_NewRef(template);
        press->prefix = Py_NewRef(prefix);
        press->time_count = time_count;
        press->depends = held;
        press->wording = wording == Py_None ? NULL : Py_NewRef(wording);
    }
    return (PyObject *)press;
}

PyTypeObject Press_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.Press",
    .tp_basicsize = sizeof(Press),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = new,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(Press, call),
};
