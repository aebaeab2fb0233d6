/* A patch's paths as a tree of steps, shared by the two files that change along them. */
#ifndef KCORE_FROZEN_BRANCH_H
#define KCORE_FROZEN_BRANCH_H

#include "frozen.h"

enum { MOVE_COUNT = 2 };

/* How maps of one shape take the keys of a branch. Holds a use of both shapes. */
typedef struct {
    Shape *from;
    Shape *to;
    Py_ssize_t *slots; /* For each child: its slot in `to`, then its slot in `from` or -1. */
} Move;

typedef struct Branch {
    PyObject *key;       /* Interned and borrowed from the paths; NULL for a list index. */
    Py_ssize_t index;    /* Of a list, from the end if negative. */
    Py_ssize_t argument; /* The path that ends here, or -1. */
    struct Branch *children;
    Py_ssize_t child_count;
    Move moves[MOVE_COUNT];
} Branch;

int branch_grow(Branch *root, PyObject *steps, Py_ssize_t argument);
void branch_clear(Branch *branch);
PyObject *branch_apply(Branch *branch, PyObject *value, PyObject *const *new);

/* What `branch_read` finds out; an error besides. */
enum { READ_ERROR = -1, READ_OTHER, READ_SAME, READ_UNSURE };

int branch_read(const Branch *branch, PyObject *model, PyObject *value, PyObject **parts);

#endif
