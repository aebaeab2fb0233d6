/* JSONError(message, position): a ValueError that knows the byte offset. */
#include "frozen.h"

PyDoc_STRVAR(error_doc, "Text that is not JSON, or is beyond a limit; `position` is the byte offset.");

static PyObject *error_arg(PyObject *self, Py_ssize_t index) {
    PyObject *args = ((PyBaseExceptionObject *)self)->args; /* Python code may have replaced it. */
    if (args == NULL || PyTuple_GET_SIZE(args) <= index) {
        PyErr_SetString(PyExc_AttributeError, "JSONError without message and position");
        return NULL;
    }
    PyObject *value = PyTuple_GET_ITEM(args, index);
    Py_INCREF(value);
    return value;
}

static int error_init(PyObject *self, PyObject *args, PyObject *kwargs) {
    PyObject *message, *position;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "JSONError takes no keyword arguments");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "UO!:JSONError", &message, &PyLong_Type, &position)) {
        return -1;
    }
    return ((PyTypeObject *)PyExc_ValueError)->tp_init(self, args, NULL);
}

static PyObject *error_message(PyObject *self, void *closure) {
    (void)closure;
    return error_arg(self, 0);
}

static PyObject *error_position(PyObject *self, void *closure) {
    (void)closure;
    return error_arg(self, 1);
}

static PyObject *error_str(PyObject *self) {
    PyObject *message = error_arg(self, 0), *text = NULL;
    PyObject *position = message == NULL ? NULL : error_arg(self, 1);
    if (position != NULL) {
        text = PyUnicode_FromFormat("%S at offset %S", message, position);
    }
    Py_XDECREF(message);
    Py_XDECREF(position);
    return text;
}

static PyGetSetDef error_getset[] = {
    {"message", error_message, NULL, "What is wrong, without the place.", NULL},
    {"position", error_position, NULL, "Where, in bytes of UTF-8 from the start.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject JSONError_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "kcore._native.frozen.JSONError",
    .tp_basicsize = sizeof(PyBaseExceptionObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = error_doc,
    .tp_init = error_init,
    .tp_str = error_str,
    .tp_getset = error_getset,
    /* tp_base is ValueError, filled in by the module: its address is no constant on Windows. */
};

/* A new JSONError, or NULL. */
PyObject *json_error_new(const char *message, Py_ssize_t position) {
    return PyObject_CallFunction((PyObject *)&JSONError_Type, "sn", message, position);
}
