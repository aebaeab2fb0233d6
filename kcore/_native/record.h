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

int record_prepare(void);
PyObject *record_quicken(PyObject *module, PyObject *args);

/* --- record_changed.c ------------------------------------------------------------------------ */

int record_prepare_changed(void);
PyObject *record_acyclic(PyObject *module, PyObject *type);
PyObject *record_changed(PyObject *module, PyObject *const *args, Py_ssize_t count,
                         PyObject *names);

#endif
