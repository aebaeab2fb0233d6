/* The words of transactions: small immutable records of a few objects each.
 *
 * Like entries they carry no garbage collector header: their values are immutable trees. */
#include "ledger.h"
#include <structmember.h>

enum { FIELD_COUNT_MAX = 5 };

/* What a type of words is called, and how many fields it has. */
typedef struct {
    PyTypeObject *type;
    const char *name;
    Py_ssize_t count;
    const char *fields[FIELD_COUNT_MAX];
    PyObject *interned[FIELD_COUNT_MAX];
} Form;

static Form forms[] = {
    {&Compare_Type, "Compare", 5, {"bucket", "key", "target", "relation", "operand"}, {NULL}},
    {&Put_Type, "Put", 3, {"bucket", "key", "value"}, {NULL}},
    {&Delete_Type, "Delete", 2, {"bucket", "key"}, {NULL}},
    {&Get_Type, "Get", 2, {"bucket", "key"}, {NULL}},
    {&TxnResult_Type, "TxnResult", 3, {"succeeded", "revision", "responses"}, {NULL}},
};

enum { FORM_COUNT = sizeof forms / sizeof *forms };

static const Form *form_of(const PyTypeObject *type) {
    const Form *form = forms;
    while (form->type != type) {
        form++;
        CHECK(form < forms + FORM_COUNT);
    }
    return form;
}

static Py_ssize_t place_of(const Form *form, PyObject *name) {
    for (Py_ssize_t i = 0; i < form->count; i++) {
        if (form->interned[i] == name || PyUnicode_Compare(form->interned[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* Sort arguments into the places of their fields; -1 with TypeError. */
static int gather(const Form *form, PyObject *const *args, Py_ssize_t count, PyObject *names,
                  PyObject **found) {
    Py_ssize_t name_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (count + name_count != form->count) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments (%zd given)", form->name,
                     form->count, count + name_count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        found[i] = args[i];
    }
    for (Py_ssize_t i = 0; i < name_count; i++) {
        Py_ssize_t place = place_of(form, PyTuple_GET_ITEM(names, i));
        if (place < count) { /* Unknown, or given by its place before. */
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected argument %R", form->name,
                         PyTuple_GET_ITEM(names, i));
            return -1;
        }
        found[place] = args[count + i];
    }
    return 0;
}

/* New words; takes no reference of the fields. NULL with MemoryError. */
PyObject *words_new(PyTypeObject *type, PyObject *const *fields, Py_ssize_t count) {
    Words *words = PyObject_New(Words, type);
    if (words != NULL) {
        for (Py_ssize_t i = 0; i < count; i++) {
            words->fields[i] = Py_NewRef(fields[i]);
        }
    }
    return (PyObject *)words;
}

static PyObject *call(PyObject *type, PyObject *const *args, size_t flagged, PyObject *names) {
    const Form *form = form_of((PyTypeObject *)type);
    PyObject *fields[FIELD_COUNT_MAX];
    if (gather(form, args, PyVectorcall_NARGS(flagged), names, fields) < 0) {
        return NULL;
    }
    return words_new(form->type, fields, form->count);
}

static PyObject *construct(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    return PyVectorcall_Call((PyObject *)type, args, kwargs);
}

static void dealloc(PyObject *self) {
    Words *words = (Words *)self;
    PyObject *fields[FIELD_COUNT_MAX];
    Py_ssize_t count = form_of(Py_TYPE(self))->count;
    memcpy(fields, words->fields, (size_t)count * sizeof *fields);
    PyObject_Free(self);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_DECREF(fields[i]);
    }
}

static PyObject *fields_of(PyObject *self) {
    Py_ssize_t count = form_of(Py_TYPE(self))->count;
    PyObject *fields = PyTuple_New(count);
    for (Py_ssize_t i = 0; fields != NULL && i < count; i++) {
        PyTuple_SET_ITEM(fields, i, Py_NewRef(((Words *)self)->fields[i]));
    }
    return fields;
}

static PyObject *compare(PyObject *self, PyObject *other, int operation) {
    if (!Py_IS_TYPE(other, Py_TYPE(self)) || (operation != Py_EQ && operation != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
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
    const Form *form = form_of(Py_TYPE(self));
    PyObject *text = PyUnicode_FromFormat("%s(", form->name);
    for (Py_ssize_t i = 0; text != NULL && i < form->count; i++) {
        PyObject *longer = PyUnicode_FromFormat("%U%s%s=%R", text, i > 0 ? ", " : "",
                                                form->fields[i], ((Words *)self)->fields[i]);
        Py_SETREF(text, longer);
    }
    if (text != NULL) {
        PyObject *closed = PyUnicode_FromFormat("%U)", text);
        Py_SETREF(text, closed);
    }
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

static PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

#define FIELD(name, place)                                                                         \
    { name, T_OBJECT_EX, offsetof(Words, fields) + (place) * sizeof(PyObject *), READONLY, NULL }

static PyMemberDef compare_members[] = {
    FIELD("bucket", 0),   FIELD("key", 1),     FIELD("target", 2),
    FIELD("relation", 3), FIELD("operand", 4), {NULL, 0, 0, 0, NULL},
};
static PyMemberDef put_members[] = {
    FIELD("bucket", 0), FIELD("key", 1), FIELD("value", 2), {NULL, 0, 0, 0, NULL}};
static PyMemberDef place_members[] = {
    FIELD("bucket", 0), FIELD("key", 1), {NULL, 0, 0, 0, NULL}};
static PyMemberDef result_members[] = {
    FIELD("succeeded", 0), FIELD("revision", 1), FIELD("responses", 2), {NULL, 0, 0, 0, NULL}};

#define DEFINE_WORDS(NAME, COUNT, MEMBERS)                                                         \
    PyTypeObject NAME##_Type = {                                                                   \
        PyVarObject_HEAD_INIT(NULL, 0)                                                             \
        .tp_name = "kcore._native.ledger." #NAME,                                                  \
        .tp_basicsize = sizeof(Words) + (COUNT) * sizeof(PyObject *),                              \
        .tp_flags = Py_TPFLAGS_DEFAULT,                                                            \
        .tp_new = construct,                                                                       \
        .tp_vectorcall = call,                                                                     \
        .tp_dealloc = dealloc,                                                                     \
        .tp_repr = represent,                                                                      \
        .tp_hash = hash,                                                                           \
        .tp_richcompare = compare,                                                                 \
        .tp_iter = iterate,                                                                        \
        .tp_methods = methods,                                                                     \
        .tp_members = MEMBERS,                                                                     \
    }

DEFINE_WORDS(Compare, 5, compare_members);
DEFINE_WORDS(Put, 3, put_members);
DEFINE_WORDS(Delete, 2, place_members);
DEFINE_WORDS(Get, 2, place_members);
DEFINE_WORDS(TxnResult, 3, result_members);

/* Make the types ready and put them into the module; -1 with an exception. */
int words_export(PyObject *module) {
    for (Form *form = forms; form < forms + FORM_COUNT; form++) {
        for (Py_ssize_t i = 0; i < form->count; i++) {
            form->interned[i] = PyUnicode_InternFromString(form->fields[i]);
            if (form->interned[i] == NULL) {
                return -1;
            }
        }
        if (PyType_Ready(form->type) < 0 ||
            PyModule_AddObjectRef(module, form->name, (PyObject *)form->type) < 0) {
            return -1;
        }
    }
    return 0;
}
