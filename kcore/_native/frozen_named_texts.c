/* NamedTexts: some of the texts that fill a template; see reference/named_texts.py. */
#include "frozen.h"

enum { TEXT_COUNT_MAX = 64 };

typedef struct {
    PyObject_VAR_HEAD
    vectorcallfunc call;
    PyObject *sample;    /* A tuple of exact str. */
    uint64_t is_picked;  /* A bit for each of them. */
    Py_ssize_t places[]; /* Of the picked ones, in the order in which they are given. */
} NamedTexts;

static inline int is_same(PyObject *one, PyObject *other) {
    return one == other || (PyUnicode_CheckExact(other) && text_compare(one, other) == 0);
}

/* Whether all others are as in the sample. */
static int fits(const NamedTexts *named, PyObject *texts) {
    Py_ssize_t count = PyTuple_GET_SIZE(named->sample);
    if (PyTuple_GET_SIZE(texts) != count) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!(named->is_picked >> i & 1) &&
            !is_same(PyTuple_GET_ITEM(named->sample, i), PyTuple_GET_ITEM(texts, i))) {
            return 0;
        }
    }
    return 1;
}

static PyObject *named_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    const NamedTexts *named = (const NamedTexts *)self;
    if (names != NULL || PyVectorcall_NARGS(flags) != 1 || !PyTuple_CheckExact(args[0])) {
        PyErr_SetString(PyExc_TypeError, "named texts are picked out of one tuple");
        return NULL;
    }
    if (!fits(named, args[0])) {
        Py_RETURN_NONE;
    }
    PyObject *picked = PyTuple_New(Py_SIZE(self));
    for (Py_ssize_t i = 0; picked != NULL && i < Py_SIZE(self); i++) {
        PyObject *text = PyTuple_GET_ITEM(args[0], named->places[i]);
        int is_right = PyUnicode_CheckExact(text) && PyUnicode_GET_LENGTH(text) > 0 &&
                       (i > 0 || text_is_subdomain(text));
        if (!is_right) {
            Py_DECREF(picked);
            Py_RETURN_NONE;
        }
        PyTuple_SET_ITEM(picked, i, Py_NewRef(text));
    }
    return picked;
}

/* --- the type ------------------------------------------------------------------------------------- */

static int sample_check(PyObject *sample) {
    int is_right = PyTuple_CheckExact(sample) && PyTuple_GET_SIZE(sample) <= TEXT_COUNT_MAX;
    for (Py_ssize_t i = 0; is_right && i < PyTuple_GET_SIZE(sample); i++) {
        is_right = PyUnicode_CheckExact(PyTuple_GET_ITEM(sample, i));
    }
    if (!is_right) {
        PyErr_Format(PyExc_TypeError, "a sample is a tuple of %d str at most", TEXT_COUNT_MAX);
        return -1;
    }
    return 0;
}

/* NamedTexts(sample, *places) */
static PyObject *named_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    Py_ssize_t count = PyTuple_GET_SIZE(args) - 1;
    if (no_keywords(type, kwargs) < 0) {
        return NULL;
    }
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "named texts need a sample, and the place of a name");
        return NULL;
    }
    PyObject *sample = PyTuple_GET_ITEM(args, 0);
    if (sample_check(sample) < 0) {
        return NULL;
    }
    NamedTexts *named = PyObject_NewVar(NamedTexts, type, count);
    if (named == NULL) {
        return NULL;
    }
    named->call = named_call;
    named->sample = Py_NewRef(sample);
    named->is_picked = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t place = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, i + 1), PyExc_IndexError);
        if ((place == -1 && PyErr_Occurred()) || place < 0 || place >= PyTuple_GET_SIZE(sample)) {
            Py_DECREF(named);
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_IndexError, "the sample has no such place");
            }
            return NULL;
        }
        named->places[i] = place;
        named->is_picked |= UINT64_C(1) << place;
    }
    return (PyObject *)named;
}

static void named_dealloc(PyObject *self) {
    Py_DECREF(((NamedTexts *)self)->sample);
    PyObject_Free(self);
}

PyDoc_STRVAR(named_doc, "NamedTexts(sample, /, *places)\n--\n\n"
                        "NamedTexts(sample, place, ...)(texts) are the texts at these places, or None.");

PyTypeObject NamedTexts_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.NamedTexts",
    .tp_basicsize = sizeof(NamedTexts),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = named_doc,
    .tp_new = named_new,
    .tp_dealloc = named_dealloc,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(NamedTexts, call),
};
