/* From key-value pairs in any order to a map: sort, let the last of equal keys win, share the shape.
 *
 * Text from kcore itself is sorted already, text from elsewhere nearly never is, and most maps are
 * small: so first a check, then insertion sort, and merge sort above SMALL_COUNT.  Both are stable,
 * which is what makes "the last one wins" hold.
 */
#include "frozen.h"

enum { SMALL_COUNT = 24, LOCAL_KEY_COUNT = 32 };

/* Order by code point: negative, 0, positive. Never fails for ready strings. */
int text_compare(PyObject *left, PyObject *right) {
    if (left == right) {
        return 0;
    }
    if (PyUnicode_KIND(left) == PyUnicode_1BYTE_KIND &&
        PyUnicode_KIND(right) == PyUnicode_1BYTE_KIND) {
        Py_ssize_t left_length = PyUnicode_GET_LENGTH(left);
        Py_ssize_t right_length = PyUnicode_GET_LENGTH(right);
        Py_ssize_t shared = left_length < right_length ? left_length : right_length;
        int order = memcmp(PyUnicode_1BYTE_DATA(left), PyUnicode_1BYTE_DATA(right), (size_t)shared);
        return order != 0 ? order : (left_length > right_length) - (left_length < right_length);
    }
    return PyUnicode_Compare(left, right);
}

static int is_ascending(const Pair *pairs, Py_ssize_t count) {
    for (Py_ssize_t i = 1; i < count; i++) {
        if (text_compare(pairs[i - 1].key, pairs[i].key) >= 0) {
            return 0;
        }
    }
    return 1;
}

static void insertion_sort(Pair *pairs, Py_ssize_t count) {
    for (Py_ssize_t i = 1; i < count; i++) {
        Pair pair = pairs[i];
        Py_ssize_t place = i;
        while (place > 0 && text_compare(pairs[place - 1].key, pair.key) > 0) {
            pairs[place] = pairs[place - 1];
            place--;
        }
        pairs[place] = pair;
    }
}

static void merge(const Pair *left, const Pair *middle, const Pair *end, Pair *into) {
    const Pair *right = middle;
    while (left < middle && right < end) {
        *into++ = text_compare(left->key, right->key) <= 0 ? *left++ : *right++;
    }
    while (left < middle) {
        *into++ = *left++;
    }
    while (right < end) {
        *into++ = *right++;
    }
}

/* Bottom-up: runs of SMALL_COUNT sorted in place, then merged back and forth. */
static int merge_sort(Pair *pairs, Py_ssize_t count) {
    Pair *spare = PyMem_New(Pair, count), *from = pairs, *into = spare;
    if (spare == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t start = 0; start < count; start += SMALL_COUNT) {
        Py_ssize_t rest = count - start;
        insertion_sort(pairs + start, rest < SMALL_COUNT ? rest : SMALL_COUNT);
    }
    for (Py_ssize_t width = SMALL_COUNT; width < count; width *= 2) {
        for (Py_ssize_t start = 0; start < count; start += 2 * width) {
            Py_ssize_t middle = count - start < width ? count : start + width;
            Py_ssize_t end = count - start < 2 * width ? count : start + 2 * width;
            merge(from + start, from + middle, from + end, into + start);
        }
        Pair *swap = from;
        from = into;
        into = swap;
    }
    if (from != pairs) {
        memcpy(pairs, from, (size_t)count * sizeof *pairs);
    }
    PyMem_Free(spare);
    return 0;
}

static Py_ssize_t drop_repeated(Pair *pairs, Py_ssize_t count) {
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (kept > 0 && text_compare(pairs[kept - 1].key, pairs[i].key) == 0) {
            Pair lost = pairs[kept - 1];
            pairs[kept - 1] = pairs[i];
            Py_DECREF(lost.key);
            Py_DECREF(lost.value);
        } else {
            pairs[kept++] = pairs[i];
        }
    }
    return kept;
}

/* Sort by key and drop all but the last of equal keys; the count left, or -1 with MemoryError.
 *
 * The pairs own their key and value; what is dropped is released.
 */
Py_ssize_t pairs_sort(Pair *pairs, Py_ssize_t count) {
    if (is_ascending(pairs, count)) {
        return count;
    }
    if (count <= SMALL_COUNT) {
        insertion_sort(pairs, count);
    } else if (merge_sort(pairs, count) < 0) {
        return -1;
    }
    return drop_repeated(pairs, count);
}

/* Release what the pairs own. */
void pairs_drop(Pair *pairs, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_XDECREF(pairs[i].key);
        Py_XDECREF(pairs[i].value);
    }
}

/* The one str object for this key text: a new reference, or NULL with MemoryError.
 *
 * It goes with its last user, except in CPython 3.12, which keeps interned texts for ever.
 */
PyObject *key_interned(PyObject *key) {
    CHECK(PyUnicode_CheckExact(key));
    Py_INCREF(key);
    if (!PyUnicode_CHECK_INTERNED(key)) {
        PyUnicode_InternInPlace(&key);
        if (!PyUnicode_CHECK_INTERNED(key)) { /* Python keeps silent when memory runs out. */
            Py_DECREF(key);
            return PyErr_NoMemory();
        }
    }
    return key;
}

/* A map of pairs in strict key order with frozen values; the pairs keep their references. */
PyObject *map_from_sorted(const Pair *pairs, Py_ssize_t count) {
    PyObject *local[LOCAL_KEY_COUNT], **keys = local;
    if (count <= 0) {
        Py_INCREF(frozen_empty_map);
        return frozen_empty_map;
    }
    if (count > LOCAL_KEY_COUNT && (keys = PyMem_New(PyObject *, count)) == NULL) {
        return PyErr_NoMemory();
    }
    Py_ssize_t ready = 0;
    while (ready < count && (keys[ready] = key_interned(pairs[ready].key)) != NULL) {
        ready++;
    }
    Shape *shape = ready == count ? shape_of(keys, count) : NULL;
    Node *node = shape == NULL ? NULL : map_alloc(shape);
    if (shape != NULL) {
        shape_drop(shape); /* The node has its own use; without a node the shape goes. */
    }
    for (Py_ssize_t i = 0; i < ready; i++) {
        Py_DECREF(keys[i]);
        if (node != NULL) {
            Py_INCREF(pairs[i].value);
            node->slots[i] = pairs[i].value;
        }
    }
    if (keys != local) {
        PyMem_Free(keys);
    }
    return node == NULL ? NULL : node_shared(node_finish(node));
}
