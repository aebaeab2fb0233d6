/* Steps of a read that are prepared once, shared by the two files that read along them.
 *
 * A key is looked up once per shape: each step remembers the last two shapes it met and where its
 * key lies in them, if at all.  It holds a use of those shapes, so an address never stands for
 * another shape than the one remembered.
 */
#ifndef KCORE_FROZEN_STEP_H
#define KCORE_FROZEN_STEP_H

#include "frozen.h"

enum { SEEN_COUNT = 2 };

typedef struct {
    PyObject *key;    /* Interned; NULL for a list index. */
    Py_ssize_t index; /* Of a list, from the end if negative. */
    struct {
        Shape *shape;
        Py_ssize_t slot; /* -1: the shape lacks the key. */
    } seen[SEEN_COUNT];
} Step;

void steps_prepare(Step *step, PyObject *steps);
void steps_forget(Step *step, Py_ssize_t count);
Py_ssize_t step_learn(Step *step, Shape *shape);

/* What the step finds: a borrowed reference, or NULL. */
static inline PyObject *step_read(Step *step, PyObject *value) {
    Node *node = (Node *)value;
    Py_ssize_t slot = -1;
    if (is_map(value) && step->key != NULL) {
        slot = step->seen[0].shape == node->shape   ? step->seen[0].slot
               : step->seen[1].shape == node->shape ? step->seen[1].slot
                                                    : step_learn(step, node->shape);
    } else if (is_list(value) && step->key == NULL) {
        slot = step->index + (step->index < 0 ? node->length : 0);
        slot = slot < node->length ? slot : -1;
    }
    return slot < 0 ? NULL : node->slots[slot];
}

#endif
