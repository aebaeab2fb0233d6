/* Postings: the Python type over a trie of keys, each with a set and a trie of values. */
#include "postings.h"

/* A change of one id, passed to visits. */
typedef struct {
    Branch **keys;
    uint32_t id;
    PyObject *unless_in; /* Pairs that this map has too are left alone; NULL: none. */
} Change;

static PyObject *postings_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    (void)type; /* It has no subclasses. */
    if (PyTuple_GET_SIZE(args) > 0 || (names != NULL && PyDict_GET_SIZE(names) > 0)) {
        PyErr_SetString(PyExc_TypeError, "Postings() takes no arguments");
        return NULL;
    }
    Postings *self = PyObject_New(Postings, &Postings_Type);
    if (self != NULL) {
        self->keys = NULL;
    }
    return (PyObject *)self;
}

static void postings_dealloc(PyObject *self) {
    branch_drop(((Postings *)self)->keys);
    PyObject_Free(self);
}

static PyObject *postings_copy(PyObject *self, PyObject *ignored) {
    (void)ignored;
    Postings *twin = PyObject_New(Postings, &Postings_Type);
    if (twin != NULL) {
        twin->keys = branch_use(((Postings *)self)->keys);
    }
    return (PyObject *)twin;
}

/* --- one id in one set ----------------------------------------------------------------------------- */

static int entry_add(Entry *entry, uint32_t id) {
    if (entry->set == NULL && (entry->set = set_alloc(1)) == NULL) {
        return -1;
    }
    return set_add(&entry->set, id);
}

/* Forget what leads to nothing: an entry (NULL: it could not be made) in the trie of its own. */
static void entry_tidy(Branch **place, Entry *entry) {
    if (entry == NULL) {
        if (*place != NULL && (*place)->child_count == 0) {
            branch_drop(*place);
            *place = NULL;
        }
        return;
    }
    if (entry->set != NULL && entry->set->count == 0) {
        set_drop(entry->set);
        entry->set = NULL;
    }
    if (entry->set == NULL && entry->below == NULL) {
        PyObject *text = Py_NewRef(entry->text);
        trie_remove(place, text, entry->hash);
        Py_DECREF(text);
    }
}

/* Add the id to the set of a key, of a value of it, or of both. */
static int add_id(Branch **keys, PyObject *key, PyObject *value, int with_key, uint32_t id) {
    Entry *outer, *inner = NULL;
    int status = trie_own(keys, key, text_hash(key), 1, &outer);
    if (status == 0 && with_key) {
        status = entry_add(outer, id);
    }
    if (status >= 0 && value != NULL) {
        status = trie_own(&outer->below, value, text_hash(value), 1, &inner);
        status = status < 0 ? -1 : entry_add(inner, id);
    }
    if (status >= 0) {
        return 0;
    }
    if (outer != NULL) {
        entry_tidy(&outer->below, inner);
    }
    entry_tidy(keys, outer);
    return no_memory();
}

static int entry_discard(Entry *entry, uint32_t id) {
    return entry->set == NULL ? 0 : set_discard(&entry->set, id);
}

/* Undo `add_id`. What is not there costs a copy of the way to it at most. */
static int discard_id(Branch **keys, PyObject *key, PyObject *value, int with_key, uint32_t id) {
    Entry *outer, *inner = NULL;
    int status = trie_own(keys, key, text_hash(key), 0, &outer);
    if (outer == NULL) {
        return status < 0 ? no_memory() : 0;
    }
    if (value != NULL) {
        status = trie_own(&outer->below, value, text_hash(value), 0, &inner);
        status = inner == NULL ? status : entry_discard(inner, id);
        if (inner != NULL) {
            entry_tidy(&outer->below, inner);
        }
    }
    if (status >= 0 && with_key) {
        status = entry_discard(outer, id);
    }
    entry_tidy(keys, outer);
    return status < 0 ? no_memory() : 0;
}

static int visit_add(PyObject *key, PyObject *value, void *context) {
    Change *change = context;
    int is_same = change->unless_in == NULL ? 0 : pairs_have(change->unless_in, key, value);
    return is_same != 0 ? (is_same < 0 ? -1 : 0)
                        : add_id(change->keys, key, value, 1, change->id);
}

static int visit_discard(PyObject *key, PyObject *value, void *context) {
    Change *change = context;
    int is_same = change->unless_in == NULL ? 0 : pairs_have(change->unless_in, key, value);
    return is_same != 0 ? (is_same < 0 ? -1 : 0)
                        : discard_id(change->keys, key, value, 1, change->id);
}

/* --- many at a time -------------------------------------------------------------------------------- */

static int arguments(Py_ssize_t count, Py_ssize_t wanted, const char *name) {
    if (count != wanted) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, not %zd", name, wanted, count);
    }
    return count == wanted ? 0 : -1;
}

static PyObject *none_or_error(int status) { return status < 0 ? NULL : Py_NewRef(Py_None); }

static PyObject *postings_add(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Change change = {&((Postings *)self)->keys, 0, NULL};
    if (arguments(count, 2, "add") < 0 || id_of(args[0], &change.id) < 0) {
        return NULL;
    }
    return none_or_error(pairs_each(args[1], visit_add, &change));
}

static PyObject *postings_discard(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Change change = {&((Postings *)self)->keys, 0, NULL};
    if (arguments(count, 2, "discard") < 0 || id_of(args[0], &change.id) < 0) {
        return NULL;
    }
    return none_or_error(pairs_each(args[1], visit_discard, &change));
}

static PyObject *postings_replace(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    Change change = {&((Postings *)self)->keys, 0, NULL};
    if (arguments(count, 3, "replace") < 0 || id_of(args[0], &change.id) < 0) {
        return NULL;
    }
    if (args[1] == args[2]) {
        return Py_NewRef(Py_None);
    }
    change.unless_in = args[2];
    if (pairs_each(args[1], visit_discard, &change) < 0) {
        return NULL;
    }
    change.unless_in = args[1];
    return none_or_error(pairs_each(args[2], visit_add, &change));
}

/* --- one at a time --------------------------------------------------------------------------------- */

static PyObject *exact_text(PyObject *text, const char *what) {
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(PyExc_TypeError, "a %s must be str, not %.100s", what,
                            Py_TYPE(text)->tp_name);
    }
    return PyUnicode_FromObject(text);
}

/* insert and remove: (key, value or None, id). */
static PyObject *postings_edit(PyObject *self, PyObject *const *args, int adds) {
    uint32_t id;
    PyObject *key = exact_text(args[0], "key"), *value = NULL;
    int is_of_key = args[1] == Py_None, status = -1;
    if (key != NULL && !is_of_key) {
        value = exact_text(args[1], "value");
    }
    if (key != NULL && (is_of_key || value != NULL) && id_of(args[2], &id) == 0) {
        Branch **keys = &((Postings *)self)->keys;
        status = adds ? add_id(keys, key, value, is_of_key, id)
                      : discard_id(keys, key, value, is_of_key, id);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return none_or_error(status);
}

static PyObject *postings_insert(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    return arguments(count, 3, "insert") < 0 ? NULL : postings_edit(self, args, 1);
}

static PyObject *postings_remove(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    return arguments(count, 3, "remove") < 0 ? NULL : postings_edit(self, args, 0);
}

/* --- reading --------------------------------------------------------------------------------------- */

/* The entry of a key as the caller wrote it, or NULL, perhaps with an error set. */
static Entry *entry_at(Branch *branch, PyObject *given, const char *what) {
    PyObject *text = exact_text(given, what);
    Entry *entry = text == NULL ? NULL : trie_find(branch, text, text_hash(text));
    Py_XDECREF(text);
    return entry;
}

static PyObject *bitmap_at(const Entry *entry) {
    if (PyErr_Occurred()) {
        return NULL;
    }
    return bitmap_of(set_use(entry == NULL || entry->set == NULL ? set_empty : entry->set));
}

static PyObject *postings_get(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (arguments(count, 2, "get") < 0) {
        return NULL;
    }
    Entry *outer = entry_at(((Postings *)self)->keys, args[0], "key");
    return bitmap_at(outer == NULL ? NULL : entry_at(outer->below, args[1], "value"));
}

static PyObject *postings_present(PyObject *self, PyObject *key) {
    return bitmap_at(entry_at(((Postings *)self)->keys, key, "key"));
}

static int visit_text(Entry *entry, void *context) { return PyList_Append(context, entry->text); }

static PyObject *sorted_texts(Branch *branch) {
    PyObject *list = PyList_New(0);
    if (list != NULL && (trie_each(branch, visit_text, list) < 0 || PyList_Sort(list) < 0)) {
        Py_CLEAR(list);
    }
    return list;
}

static PyObject *postings_keys(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return sorted_texts(((Postings *)self)->keys);
}

static PyObject *postings_values(PyObject *self, PyObject *key) {
    Entry *outer = entry_at(((Postings *)self)->keys, key, "key");
    return PyErr_Occurred() ? NULL : sorted_texts(outer == NULL ? NULL : outer->below);
}

static PyObject *postings_check(PyObject *self, PyObject *ignored) {
    (void)ignored;
    Branch *keys = ((Postings *)self)->keys;
    if (keys != NULL && !trie_check(keys, 0, 0)) {
        PyErr_SetString(PyExc_AssertionError, "the postings are broken");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef postings_methods[] = {
    {"add", (PyCFunction)(void (*)(void))postings_add, METH_FASTCALL,
     "add($self, id, pairs, /)\n--\n\nPut the id under each key and each key with its value."},
    {"discard", (PyCFunction)(void (*)(void))postings_discard, METH_FASTCALL,
     "discard($self, id, pairs, /)\n--\n\nTake the id out of each key and key with value."},
    {"replace", (PyCFunction)(void (*)(void))postings_replace, METH_FASTCALL,
     "replace($self, id, before, after, /)\n--\n\n"
     "Discard pairs of before, add those of after; what is in both costs nothing."},
    {"insert", (PyCFunction)(void (*)(void))postings_insert, METH_FASTCALL,
     "insert($self, key, value, id, /)\n--\n\n"
     "Put the id under a key with a value, or (None) under the key alone."},
    {"remove", (PyCFunction)(void (*)(void))postings_remove, METH_FASTCALL,
     "remove($self, key, value, id, /)\n--\n\nUndo insert()."},
    {"get", (PyCFunction)(void (*)(void))postings_get, METH_FASTCALL,
     "get($self, key, value, /)\n--\n\nThe ids under a key with a value."},
    {"present", postings_present, METH_O,
     "present($self, key, /)\n--\n\nThe ids under the key alone."},
    {"keys", postings_keys, METH_NOARGS, "keys($self, /)\n--\n\nAll keys, sorted."},
    {"values", postings_values, METH_O,
     "values($self, key, /)\n--\n\nAll values of a key, sorted."},
    {"hits", postings_hits, METH_O,
     "hits($self, pairs, /)\n--\n\nIds under any of the keys, or keys with values, in order."},
    {"copy", postings_copy, METH_NOARGS,
     "copy($self, /)\n--\n\nIndependent postings with the same content. O(1)."},
    {"check_invariants", postings_check, METH_NOARGS,
     "check_invariants($self, /)\n--\n\nRaise AssertionError when they are broken. O(n)."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject Postings_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "kcore._native.postings.Postings",
    .tp_doc = "Postings()\n--\n\nSets of ids by key, and by key and value; copies cost O(1).",
    .tp_basicsize = sizeof(Postings),
    .tp_new = postings_new,
    .tp_dealloc = postings_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = postings_methods,
};
