/* Reading and changing along a path of keys and list indexes; see reference/tree_path.py.
 *
 * Steps come from the caller: any object may be among them. Keys are made exact str before they are
 * compared, so a step's own __eq__ or __hash__ never runs; its __repr__ runs only to word an error.
 */
#include "frozen.h"

typedef struct {
    PyObject *const *steps;
    Py_ssize_t count;
} Path;

/* One step stands for a path of one. `step` must outlive the path. */
static Path path_of(PyObject *const *step) {
    if (PyTuple_Check(*step)) {
        return (Path){((PyTupleObject *)*step)->ob_item, PyTuple_GET_SIZE(*step)};
    }
    return (Path){step, 1};
}

/* "at .spec.containers[0]" up to and including the step at `depth`. */
static PyObject *path_text(const Path *path, Py_ssize_t depth) {
    PyObject *text = PyUnicode_FromString("at ");
    for (Py_ssize_t i = 0; i <= depth && text != NULL; i++) {
        const char *format = PyLong_Check(path->steps[i]) ? "%U[%S]" : "%U.%S";
        Py_SETREF(text, PyUnicode_FromFormat(format, text, path->steps[i]));
    }
    return text;
}

/* Set an error; `format` words it and ends with the place (%U). `step` may be NULL. */
static PyObject *path_fail(PyObject *type, const char *format, const void *first,
                           const Path *path, Py_ssize_t depth, const char *second) {
    PyObject *place = path_text(path, depth);
    if (place == NULL) {
        return NULL;
    }
    if (second != NULL) {
        PyErr_Format(type, format, first, second, place);
    } else {
        PyErr_Format(type, format, first, place);
    }
    Py_DECREF(place);
    return NULL;
}

/* A str step as exact str: a new reference. */
static PyObject *step_key(PyObject *step) { return PyUnicode_FromObject(step); }

/* The slot of `key` in a map, or -1. -2 with MemoryError. `step` is any object. */
static Py_ssize_t step_slot(PyObject *node, PyObject *step) {
    if (PyUnicode_CheckExact(step)) {
        return shape_find(((Node *)node)->shape, step);
    }
    if (!PyUnicode_Check(step)) {
        return -1;
    }
    PyObject *key = step_key(step);
    if (key == NULL) {
        return -2;
    }
    Py_ssize_t slot = shape_find(((Node *)node)->shape, key);
    Py_DECREF(key);
    return slot;
}

/* The index an int step means in a list, from the front; -1 when out of range. */
static Py_ssize_t step_index(PyObject *node, PyObject *step) {
    Py_ssize_t length = ((Node *)node)->length;
    int overflow;
    long long index = PyLong_AsLongLongAndOverflow(step, &overflow);
    if (overflow) {
        return -1;
    }
    index += index < 0 ? length : 0;
    return index < 0 || index >= length ? -1 : (Py_ssize_t)index;
}

/* x.at(*steps, default=None). */
PyObject *node_at(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    PyObject *fallback = Py_None, *node = self;
    Py_ssize_t name_count = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (name_count > 1 ||
        (name_count == 1 &&
         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "default") != 0)) {
        PyErr_SetString(PyExc_TypeError, "at() takes steps and default=");
        return NULL;
    }
    if (name_count == 1) {
        fallback = args[count];
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t slot = -1;
        if (is_map(node)) {
            slot = step_slot(node, args[i]);
        } else if (is_list(node) && PyLong_Check(args[i])) {
            slot = step_index(node, args[i]);
        }
        if (slot == -2) {
            return NULL;
        }
        node = slot < 0 ? Py_None : ((Node *)node)->slots[slot];
        if (node == Py_None) {
            node = fallback;
            break;
        }
    }
    Py_INCREF(node);
    return node;
}

/* --- copies with one slot changed ----------------------------------------------------------------- */

static void copy_slots(Node *to, Py_ssize_t at, Node *from, Py_ssize_t start, Py_ssize_t end) {
    for (Py_ssize_t i = start; i < end; i++) {
        Py_INCREF(from->slots[i]);
        to->slots[at + i - start] = from->slots[i];
    }
}

/* `head` slots of `node`, then `value` if not NULL, then those from `tail` on, in `copy`.
 *
 * Takes the reference to `value`; a NULL `copy` is an error already set.
 */
static PyObject *node_spliced(Node *copy, PyObject *node, Py_ssize_t head, PyObject *value,
                              Py_ssize_t tail) {
    if (copy == NULL) {
        Py_XDECREF(value);
        return NULL;
    }
    Py_ssize_t at = head;
    copy_slots(copy, 0, (Node *)node, 0, head);
    if (value != NULL) {
        copy->slots[at++] = value;
    }
    copy_slots(copy, at, (Node *)node, tail, node_count(node));
    return node_finish(copy);
}

/* A copy of a node with another value in one slot; takes the reference. */
static PyObject *with_slot(PyObject *node, Py_ssize_t slot, PyObject *value) {
    if (value == NULL) {
        return NULL;
    }
    if (((Node *)node)->slots[slot] == value) {
        Py_DECREF(value);
        Py_INCREF(node);
        return node;
    }
    Node *copy = is_map(node) ? map_alloc(((Node *)node)->shape) : list_alloc(node_count(node));
    return node_spliced(copy, node, slot, value, slot + 1);
}

/* A copy of a map with a key it lacks; takes the reference to `value`. */
static PyObject *with_key(PyObject *node, PyObject *step, PyObject *value) {
    PyObject *exact = value == NULL ? NULL : text_exact(step);
    PyObject *key = exact == NULL ? NULL : key_interned(exact);
    Py_XDECREF(exact);
    if (key == NULL) {
        Py_XDECREF(value);
        return NULL;
    }
    Py_ssize_t position = shape_position(((Node *)node)->shape, key);
    Shape *shape = shape_with(((Node *)node)->shape, position, key);
    Py_DECREF(key);
    Node *copy = shape == NULL ? NULL : map_alloc(shape);
    if (shape != NULL) {
        shape_drop(shape);
    }
    return node_spliced(copy, node, position, value, position);
}

static PyObject *without_slot(PyObject *node, Py_ssize_t slot) {
    Node *copy;
    if (is_list(node)) {
        copy = list_alloc(node_count(node) - 1);
    } else {
        Shape *shape = shape_without(((Node *)node)->shape, slot);
        copy = shape == NULL ? NULL : map_alloc(shape);
        if (shape != NULL) {
            shape_drop(shape);
        }
    }
    return node_spliced(copy, node, slot, NULL, slot + 1);
}

/* --- set ------------------------------------------------------------------------------------------- */

static PyObject *set_at(PyObject *node, const Path *path, PyObject *value, Py_ssize_t depth);

static int is_append(PyObject *step) {
    return PyUnicode_Check(step) && PyUnicode_CompareWithASCIIString(step, "-") == 0;
}

static PyObject *set_in_list(PyObject *node, const Path *path, PyObject *value, Py_ssize_t depth) {
    PyObject *step = path->steps[depth];
    Py_ssize_t length = node_count(node);
    if (is_append(step)) {
        PyObject *item = set_at(Py_None, path, value, depth + 1);
        Node *copy = item == NULL ? NULL : list_alloc(length + 1);
        return node_spliced(copy, node, length, item, length);
    }
    if (!PyLong_Check(step)) {
        return path_fail(PyExc_TypeError, "list index must be int, not %R (%U)", step, path, depth,
                         NULL);
    }
    Py_ssize_t index = step_index(node, step);
    if (index < 0) {
        return path_fail(PyExc_IndexError, "list index %S out of range (%U)", step, path, depth,
                         NULL);
    }
    return with_slot(node, index, set_at(((Node *)node)->slots[index], path, value, depth + 1));
}

/* `node` with `value` at the steps from `depth` on: a new reference. `node` stays the caller's. */
static PyObject *set_at(PyObject *node, const Path *path, PyObject *value, Py_ssize_t depth) {
    if (depth == path->count) {
        Py_INCREF(value);
        return value;
    }
    PyObject *step = path->steps[depth];
    if (is_list(node)) {
        return set_in_list(node, path, value, depth);
    }
    if (node != Py_None && !is_map(node)) {
        return path_fail(PyExc_TypeError, "cannot set %R inside a %s (%U)", step, path, depth,
                         type_name(node));
    }
    if (!PyUnicode_Check(step)) {
        return path_fail(PyExc_TypeError, "map keys must be str, not %s (%U)", type_name(step),
                         path, depth, NULL);
    }
    PyObject *map = node == Py_None ? frozen_empty_map : node;
    Py_ssize_t slot = step_slot(map, step);
    if (slot == -2) {
        return NULL;
    }
    PyObject *old = slot < 0 ? Py_None : ((Node *)map)->slots[slot];
    PyObject *fresh = set_at(old, path, value, depth + 1);
    return slot < 0 ? with_key(map, step, fresh) : with_slot(map, slot, fresh);
}

static PyObject *set_root(PyObject *self, const Path *path, PyObject *value) {
    PyObject *root = NULL, *frozen = value_freeze(value, 0);
    if (frozen == NULL) {
        return NULL;
    }
    if (path->count > 0 && path->count + value_depth(frozen) > DEPTH_COUNT_MAX) {
        PyErr_SetString(PyExc_ValueError, TOO_DEEP_TEXT);
    } else {
        root = set_at(self, path, frozen, 0);
    }
    Py_DECREF(frozen);
    return root;
}

/* `root`, any frozen value, with `value` at a tuple of steps: a new reference. */
PyObject *steps_set(PyObject *root, PyObject *steps, PyObject *value) {
    Path path = path_of(&steps);
    return set_root(root, &path, value);
}

/* x.set(steps, value). */
PyObject *node_set(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2) {
        PyErr_Format(PyExc_TypeError, "set() takes steps and a value, not %zd arguments", count);
        return NULL;
    }
    Path path = path_of(&args[0]);
    return set_root(self, &path, args[1]);
}

/* lst.append(value). */
PyObject *list_append(PyObject *self, PyObject *value) {
    PyObject *end = PyUnicode_FromString("-");
    if (end == NULL) {
        return NULL;
    }
    Path path = path_of(&end);
    PyObject *list = set_root(self, &path, value);
    Py_DECREF(end);
    return list;
}

/* --- remove ---------------------------------------------------------------------------------------- */

/* `node` without what the steps from `depth` on lead to: a new reference, often to `node` itself. */
static PyObject *remove_at(PyObject *node, const Path *path, Py_ssize_t depth) {
    PyObject *step = path->steps[depth];
    Py_ssize_t slot = -1;
    if (is_list(node)) {
        if (!PyLong_Check(step)) {
            return path_fail(PyExc_TypeError, "list index must be int, not %R (%U)", step, path,
                             depth, NULL);
        }
        slot = step_index(node, step);
    } else if (is_map(node)) {
        slot = step_slot(node, step);
    }
    if (slot == -2) {
        return NULL;
    }
    if (slot < 0) {
        Py_INCREF(node);
        return node;
    }
    if (depth + 1 == path->count) {
        return without_slot(node, slot);
    }
    return with_slot(node, slot, remove_at(((Node *)node)->slots[slot], path, depth + 1));
}

/* x.remove(steps). */
PyObject *node_remove(PyObject *self, PyObject *steps) {
    Path path = path_of(&steps);
    if (path.count == 0) {
        PyErr_SetString(PyExc_ValueError, "cannot remove the root");
        return NULL;
    }
    return remove_at(self, &path, 0);
}
