/* Shapes: the sorted key sets of maps, each held once.
 *
 * All live shapes hang in one hash table that does not own them: a map owns its shape by count, and
 * the last map takes the shape and its keys along.  So labels and annotations with ever new keys
 * cost memory only while an object carries them.
 *
 * A shape's hash is the sum of mixed key addresses.  Keys are interned, so an address stands for a
 * text; the sum makes the hash of a neighbour (one key more or less) a single addition.  The hash
 * never leaves this file, hence no behaviour depends on addresses.
 */
#include "frozen.h"

static Shape **buckets;
static size_t bucket_count; /* A power of two, or 0 before the first shape. */
static size_t shape_count;

enum { BUCKET_COUNT_MIN = 64, LOCAL_KEY_COUNT = 32 };

static inline uint64_t key_mix(PyObject *key) {
    uint64_t bits = (uint64_t)(uintptr_t)key >> 4;
    bits *= UINT64_C(0x9E3779B97F4A7C15);
    bits ^= bits >> 29;
    bits *= UINT64_C(0xBF58476D1CE4E5B9);
    return bits ^ (bits >> 32);
}

static int buckets_resize(size_t count) {
    Shape **fresh = PyMem_Calloc(count, sizeof *fresh);
    if (fresh == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < bucket_count; i++) {
        for (Shape *shape = buckets[i], *next; shape != NULL; shape = next) {
            Shape **bucket = &fresh[shape->hash & (count - 1)];
            next = shape->next;
            shape->next = *bucket;
            *bucket = shape;
        }
    }
    PyMem_Free(buckets);
    buckets = fresh;
    bucket_count = count;
    return 0;
}

/* The table of a shape with many keys: twice to four times as many places as keys. */
static int shape_index(Shape *shape) {
    size_t size = 16;
    if (shape->key_count <= KEY_SCAN_COUNT_MAX) {
        return 0;
    }
    while (size < (size_t)shape->key_count * 2) {
        size *= 2;
    }
    shape->table = PyMem_Calloc(size, sizeof *shape->table);
    if (shape->table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    shape->mask = size - 1;
    for (Py_ssize_t i = 0; i < shape->key_count; i++) {
        size_t place = (size_t)str_hash(shape->keys[i]) & shape->mask;
        while (shape->table[place] != 0) {
            place = (place + 1) & shape->mask;
        }
        shape->table[place] = (uint32_t)i + 1;
    }
    return 0;
}

static int shape_mark_hidden(Shape *shape) {
    for (Py_ssize_t i = 0; i < shape->key_count && !shape->hides_attributes; i++) {
        int found = frozen_attribute_names == NULL
                        ? 0
                        : PySet_Contains(frozen_attribute_names, shape->keys[i]);
        if (found < 0) {
            return -1;
        }
        shape->hides_attributes = (char)found;
    }
    return 0;
}

static void shape_free(Shape *shape) {
    for (Py_ssize_t i = 0; i < shape->key_count; i++) {
        Py_DECREF(shape->keys[i]);
    }
    PyMem_Free(shape->table);
    PyMem_Free(shape->texts);
    PyMem_Free(shape);
}

static Shape *shape_make(PyObject *const *keys, Py_ssize_t count, uint64_t hash) {
    if ((size_t)count > (SIZE_MAX / 2 - sizeof(Shape)) / sizeof(PyObject *) || count > INT32_MAX) {
        PyErr_NoMemory();
        return NULL;
    }
    Shape *shape = PyMem_Malloc(sizeof *shape + (size_t)count * sizeof(PyObject *));
    if (shape == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memset(shape, 0, sizeof *shape);
    shape->use_count = 1;
    shape->key_count = count;
    shape->hash = hash;
    for (Py_ssize_t i = 0; i < count; i++) {
        CHECK(PyUnicode_CheckExact(keys[i]) && PyUnicode_CHECK_INTERNED(keys[i]));
        CHECK(i == 0 || text_compare(keys[i - 1], keys[i]) < 0);
        Py_INCREF(keys[i]);
        shape->keys[i] = keys[i];
    }
    if (shape_index(shape) < 0 || shape_mark_hidden(shape) < 0) {
        shape_free(shape);
        return NULL;
    }
    return shape;
}

static Shape *shape_with_hash(PyObject *const *keys, Py_ssize_t count, uint64_t hash) {
    if (shape_count >= bucket_count) {
        size_t wanted = bucket_count == 0 ? BUCKET_COUNT_MIN : bucket_count * 2;
        if (buckets_resize(wanted) < 0) {
            return NULL;
        }
    }
    Shape **bucket = &buckets[hash & (bucket_count - 1)];
    for (Shape *shape = *bucket; shape != NULL; shape = shape->next) {
        if (shape->hash == hash && shape->key_count == count &&
            memcmp(shape->keys, keys, (size_t)count * sizeof *keys) == 0) {
            shape->use_count++;
            return shape;
        }
    }
    Shape *shape = shape_make(keys, count, hash);
    if (shape != NULL) {
        shape->next = *bucket;
        *bucket = shape;
        shape_count++;
    }
    return shape;
}

/* The shape of `keys` (sorted, unique, interned): a new use of it, or NULL with MemoryError. */
Shape *shape_of(PyObject *const *keys, Py_ssize_t count) {
    uint64_t hash = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        hash += key_mix(keys[i]);
    }
    return shape_with_hash(keys, count, hash);
}

/* `shape` with `head` keys kept, then `key` if not NULL, then those from `tail` on. */
static Shape *shape_spliced(const Shape *shape, Py_ssize_t head, PyObject *key, Py_ssize_t tail) {
    PyObject *local[LOCAL_KEY_COUNT], **keys = local;
    Py_ssize_t count = head + (key != NULL) + shape->key_count - tail;
    uint64_t hash = key != NULL ? shape->hash + key_mix(key)
                                : shape->hash - key_mix(shape->keys[head]);
    if (count > LOCAL_KEY_COUNT && (keys = PyMem_New(PyObject *, count)) == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t at = head;
    memcpy(keys, shape->keys, (size_t)head * sizeof *keys);
    if (key != NULL) {
        keys[at++] = key;
    }
    memcpy(keys + at, shape->keys + tail, (size_t)(shape->key_count - tail) * sizeof *keys);
    Shape *result = shape_with_hash(keys, count, hash);
    if (keys != local) {
        PyMem_Free(keys);
    }
    return result;
}

/* The shape with one interned key more, at `position`. */
Shape *shape_with(const Shape *shape, Py_ssize_t position, PyObject *key) {
    return shape_spliced(shape, position, key, position);
}

/* The shape with one key less. */
Shape *shape_without(const Shape *shape, Py_ssize_t position) {
    return shape_spliced(shape, position, NULL, position + 1);
}

/* Give one use back. */
void shape_drop(Shape *shape) {
    CHECK(shape->use_count > 0);
    if (--shape->use_count > 0) {
        return;
    }
    Shape **link = &buckets[shape->hash & (bucket_count - 1)];
    while (*link != shape) {
        link = &(*link)->next;
    }
    *link = shape->next;
    shape_count--;
    shape_free(shape);
    if (bucket_count > BUCKET_COUNT_MIN && shape_count < bucket_count / 8) {
        PyObject *type, *value, *traceback; /* A release may happen while an error is set. */
        PyErr_Fetch(&type, &value, &traceback);
        if (buckets_resize(bucket_count / 2) < 0) {
            PyErr_Clear(); /* A table that is too big is no error. */
        }
        PyErr_Restore(type, value, traceback);
    }
}

/* Like shape_find, for a key whose address did not decide. */
Py_ssize_t shape_find_unseen(const Shape *shape, PyObject *key) {
    Py_hash_t hash = str_hash(key); /* Exact str: cached or computed, never fails. */
    if (shape->table == NULL) {
        for (Py_ssize_t i = 0; i < shape->key_count; i++) {
            PyObject *other = shape->keys[i];
            if (str_hash(other) == hash && text_compare(other, key) == 0) {
                return i;
            }
        }
        return -1;
    }
    for (size_t place = (size_t)hash & shape->mask;; place = (place + 1) & shape->mask) {
        uint32_t entry = shape->table[place];
        if (entry == 0) {
            return -1;
        }
        PyObject *other = shape->keys[entry - 1];
        if (other == key) {
            return entry - 1;
        }
        if (str_hash(other) == hash && text_compare(other, key) == 0) {
            return entry - 1;
        }
    }
}

/* Where an absent key belongs. O(log n). */
Py_ssize_t shape_position(const Shape *shape, PyObject *key) {
    Py_ssize_t low = 0, high = shape->key_count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (text_compare(shape->keys[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* How many shapes are live, for leak tests. */
PyObject *shapes_live(void) { return PyLong_FromSize_t(shape_count); }
