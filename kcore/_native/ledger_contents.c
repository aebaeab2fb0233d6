/* What a bucket holds, and its indexes kept in step; see reference/ledger_contents.py.
 *
 * Index functions may run any code: what is used across a call is held, and an index is written only
 * once its function has answered for both sides.
 */
#include "ledger.h"
#include <structmember.h>

enum { LENGTH_BYTES_MAX = 24 };

static PyObject *nothing; /* The strings of no entry. */

/* Make what all contents share; -1 with MemoryError. */
int contents_prepare(void) {
    nothing = PyTuple_New(0);
    return nothing == NULL ? -1 : 0;
}

/* --- Keys of postings ------------------------------------------------------------------------ */

static int expect_str(PyObject *value) {
    if (PyUnicode_Check(value)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "postings are of str, not %.100s", Py_TYPE(value)->tp_name);
    return -1;
}

/* A text in the making: `at` characters are written. */
typedef struct {
    PyObject *text;
    Py_ssize_t at;
} Draft;

static void write_text(Draft *draft, PyObject *text) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    /* Cannot fail: the draft is nobody else's, long enough, and wide enough. */
    PyUnicode_CopyCharacters(draft->text, draft->at, text, 0, length);
    draft->at += length;
}

static void write_ascii(Draft *draft, const char *bytes, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        PyUnicode_WRITE(PyUnicode_KIND(draft->text), PyUnicode_DATA(draft->text), draft->at + i,
                        (Py_UCS4)bytes[i]);
    }
    draft->at += count;
}

/* "NUL length NUL" at the end of `bytes`; returns where it starts. */
static char *length_text(Py_ssize_t length, char bytes[LENGTH_BYTES_MAX]) {
    char *start = bytes + LENGTH_BYTES_MAX;
    *--start = 0;
    do {
        *--start = (char)('0' + length % 10);
        length /= 10;
    } while (length > 0);
    *--start = 0;
    return start;
}

static inline Py_UCS4 wider(Py_UCS4 greatest, PyObject *text) {
    Py_UCS4 own = PyUnicode_MAX_CHAR_VALUE(text);
    return own > greatest ? own : greatest;
}

/* `name NUL length NUL value NUL key`, all of them str: a new reference. */
static PyObject *posting_key(PyObject *name, PyObject *value, PyObject *key) {
    char bytes[LENGTH_BYTES_MAX];
    const char *length = length_text(PyUnicode_GET_LENGTH(value), bytes);
    Py_ssize_t length_bytes = bytes + LENGTH_BYTES_MAX - length;
    Py_ssize_t count = PyUnicode_GET_LENGTH(name) + length_bytes + PyUnicode_GET_LENGTH(value) + 1 +
                       PyUnicode_GET_LENGTH(key);
    Draft draft = {PyUnicode_New(count, wider(wider(wider(127, name), value), key)), 0};
    if (draft.text != NULL) {
        write_text(&draft, name);
        write_ascii(&draft, length, length_bytes);
        write_text(&draft, value);
        write_ascii(&draft, "", 1);
        write_text(&draft, key);
    }
    return draft.text;
}

/* posting_key(name, value, key) */
PyObject *ledger_posting_key(PyObject *Py_UNUSED(module), PyObject *const *args,
                             Py_ssize_t count) {
    if (count != 3) {
        return PyErr_Format(PyExc_TypeError, "posting_key() takes 3 arguments (%zd given)", count);
    }
    if (expect_str(args[0]) < 0 || expect_str(args[1]) < 0 || expect_str(args[2]) < 0) {
        return NULL;
    }
    return posting_key(args[0], args[1], args[2]);
}

/* --- Upkeep ---------------------------------------------------------------------------------- */

typedef struct {
    Tree *postings;
    PyObject *name;
    PyObject *key;
    PyObject *before; /* Lists or tuples of str. */
    PyObject *after;
} Change;

/* The strings of an entry, NULL: of none, as a list or tuple: a new reference. */
static PyObject *strings_of(PyObject *function, const Entry *entry) {
    PyObject *found = entry == NULL ? Py_NewRef(nothing)
                                    : PyObject_CallOneArg(function, entry->value);
    PyObject *strings = found == NULL ? NULL : PySequence_Fast(found, "an index gives strings");
    Py_XDECREF(found);
    for (Py_ssize_t i = 0; strings != NULL && i < PySequence_Fast_GET_SIZE(strings); i++) {
        if (expect_str(PySequence_Fast_GET_ITEM(strings, i)) < 0) {
            Py_CLEAR(strings);
        }
    }
    return strings;
}

static inline int is_same(PyObject *left, PyObject *right) {
    return left == right || PyUnicode_Compare(left, right) == 0;
}

/* Whether one of the first `count` strings is this one. */
static int is_among(PyObject *string, PyObject *strings, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        if (is_same(string, PySequence_Fast_GET_ITEM(strings, i))) {
            return 1;
        }
    }
    return 0;
}

static int is_unchanged(const Change *change) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(change->before), i = 0;
    if (count != PySequence_Fast_GET_SIZE(change->after)) {
        return 0;
    }
    while (i < count && is_same(PySequence_Fast_GET_ITEM(change->before, i),
                                PySequence_Fast_GET_ITEM(change->after, i))) {
        i++;
    }
    return i == count;
}

/* Let one posting hold `entry`, or nothing if NULL; -1 with an exception. */
static int post(const Change *change, PyObject *value, Entry *entry) {
    PyObject *place = posting_key(change->name, value, change->key), *previous = NULL;
    if (place != NULL) {
        previous = entry == NULL ? trees->pop(change->postings, place)
                                 : trees->set(change->postings, place, (PyObject *)entry);
        Py_DECREF(place);
    }
    Py_XDECREF(previous);
    return previous == NULL ? -1 : 0;
}

static int post_all(const Change *change, Entry *new) {
    Py_ssize_t count = is_unchanged(change) ? 0 : PySequence_Fast_GET_SIZE(change->before);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *value = PySequence_Fast_GET_ITEM(change->before, i);
        if (!is_among(value, change->after, PySequence_Fast_GET_SIZE(change->after)) &&
            !is_among(value, change->before, i) && post(change, value, NULL) < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(change->after); i++) {
        if (post(change, PySequence_Fast_GET_ITEM(change->after, i), new) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Bring one index to the entry of a key, which was `old`; -1 with an exception. */
static int follow(Change *change, PyObject *function, Entry *old, Entry *new) {
    if (expect_str(change->name) < 0 || expect_str(change->key) < 0) {
        return -1;
    }
    change->before = strings_of(function, old);
    change->after = change->before == NULL ? NULL : strings_of(function, new);
    int status = change->after == NULL ? -1 : post_all(change, new);
    Py_XDECREF(change->before);
    Py_XDECREF(change->after);
    return status;
}

/* Bring all indexes to the entry of a key, NULL: none, which was `old`; -1 with an exception. */
int contents_reindex(const Contents *contents, PyObject *key, Entry *old, Entry *new) {
    PyObject *indexes = part_of(contents->indexes, &PyDict_Type, "a bucket's indexes");
    if (indexes == NULL || PyDict_GET_SIZE(indexes) == 0) {
        return indexes == NULL ? -1 : 0;
    }
    PyObject *postings = part_of(contents->postings, trees->type, "a bucket's tree of postings");
    if (postings == NULL) {
        return -1;
    }
    PyObject *name, *function;
    Py_ssize_t at = 0;
    int status = 0;
    Py_INCREF(indexes);
    Py_INCREF(postings);
    while (status == 0 && PyDict_Next(indexes, &at, &name, &function)) {
        Change change = {(Tree *)postings, Py_NewRef(name), key, NULL, NULL};
        Py_INCREF(function);
        status = follow(&change, function, old, new);
        Py_DECREF(function);
        Py_DECREF(change.name);
    }
    Py_DECREF(postings);
    Py_DECREF(indexes);
    return status;
}

static int entry_of(PyObject *given, Entry **entry) {
    *entry = given == Py_None ? NULL : (Entry *)given;
    if (given == Py_None || Py_IS_TYPE(given, &Entry_Type)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "an Entry or None is wanted, not %.100s",
                 Py_TYPE(given)->tp_name);
    return -1;
}

/* reindex(key, old, new) */
static PyObject *reindex(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Entry *old, *new;
    if (count != 3) {
        return PyErr_Format(PyExc_TypeError, "reindex() takes 3 arguments (%zd given)", count);
    }
    if (entry_of(args[1], &old) < 0 || entry_of(args[2], &new) < 0 ||
        contents_reindex((Contents *)self, args[0], old, new) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* --- The type: fields for the class in Python ------------------------------------------------ */

static int contents_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Contents *)self)->entries);
    Py_VISIT(((Contents *)self)->indexes);
    Py_VISIT(((Contents *)self)->postings);
    return 0;
}

static int contents_clear(PyObject *self) {
    Py_CLEAR(((Contents *)self)->entries);
    Py_CLEAR(((Contents *)self)->indexes);
    Py_CLEAR(((Contents *)self)->postings);
    return 0;
}

static void contents_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    contents_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef contents_methods[] = {
    {"reindex", (PyCFunction)(void (*)(void))reindex, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef contents_members[] = {
    {"entries", T_OBJECT, offsetof(Contents, entries), 0, NULL},
    {"indexes", T_OBJECT, offsetof(Contents, indexes), 0, NULL},
    {"postings", T_OBJECT, offsetof(Contents, postings), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject Contents_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.ledger.ContentsCore",
    .tp_basicsize = sizeof(Contents),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = contents_dealloc,
    .tp_traverse = contents_traverse,
    .tp_clear = contents_clear,
    .tp_methods = contents_methods,
    .tp_members = contents_members,
};
