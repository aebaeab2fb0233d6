/* Names: whether a text is one of the domain name system; see reference/frozen.py. */
#include "frozen.h"

enum { SUBDOMAIN_LENGTH_MAX = 253 };

typedef enum { NOTHING, LETTER, DASH } Before; /* What the next character comes after. */

static int is_subdomain(const Py_UCS1 *text, Py_ssize_t length) {
    Before before = NOTHING;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS1 one = text[i];
        if ((one >= 'a' && one <= 'z') || (one >= '0' && one <= '9')) {
            before = LETTER;
        } else if (one == '-' && before != NOTHING) {
            before = DASH;
        } else if (one == '.' && before == LETTER) {
            before = NOTHING;
        } else {
            return 0;
        }
    }
    return before == LETTER;
}

/* Whether a str is labels joined by dots. */
int text_is_subdomain(PyObject *text) {
    return PyUnicode_IS_ASCII(text) && PyUnicode_GET_LENGTH(text) <= SUBDOMAIN_LENGTH_MAX &&
           is_subdomain(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text));
}

PyObject *module_is_subdomain(PyObject *module, PyObject *text) {
    (void)module;
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(PyExc_TypeError, "a name is a str, not %.100s", Py_TYPE(text)->tp_name);
    }
    return PyBool_FromLong(text_is_subdomain(text));
}
