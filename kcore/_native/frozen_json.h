/* The reader's state, shared by the two files that read JSON text. */
#ifndef KCORE_FROZEN_JSON_H
#define KCORE_FROZEN_JSON_H

#include "frozen.h"

typedef struct {
    const char *start;
    const char *at; /* The next byte. */
    const char *end;
    Pair *stack; /* Parts of the maps and lists that are still open; owns its references. */
    Py_ssize_t used;
    Py_ssize_t size;
} Reader;

PyObject *reader_fail(const Reader *reader, const char *message, const char *at);
PyObject *reader_string(Reader *reader);
PyObject *reader_key(Reader *reader);

#endif
