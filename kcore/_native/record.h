/* Records, values with named fields: making them, and copying them with changes.
 *
 * reference/record.py defines the behaviour.
 */
#ifndef KCORE_RECORD_H
#define KCORE_RECORD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "check.h"

enum { FIELD_COUNT_MAX = 32 };

/* --- record_made.c --------------------------------------------------------------------------- */

/* What a class makes of its arguments; kept in the class, in a capsule under `__record_layout__`. */
typedef struct {
    Py_ssize_t count;
    int is_tuple;
    PyObject *names;                        /* Interned. */
    PyObject *defaults;                     /* Of the last fields. */
    Py_ssize_t offsets[FIELD_COUNT_MAX];    /* Where slots lie. */
} Layout;

int record_prepare(void);
Py_ssize_t slot_offset(PyObject *type, PyObject *name);
const Layout *layout_of(PyTypeObject *type);
Py_ssize_t field_named(const Layout *layout, PyObject *name, Py_ssize_t guess);
PyObject *record_quicken(PyObject *module, PyObject *args);

/* --- record_changed.c ------------------------------------------------------------------------ */

int record_prepare_changed(void);
PyObject *record_acyclic(PyObject *module, PyObject *type);
PyObject *record_changed(PyObject *module, PyObject *const *args, Py_ssize_t count,
                         PyObject *names);

#endif
