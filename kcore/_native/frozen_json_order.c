/* Orders: key sequences as texts have them, and what to expect when one comes again.
 *
 * Maps are sorted, texts seldom are.  An order remembers which sorted shape a sequence of keys makes
 * and where each value goes, so a sequence that came before is neither sorted nor looked up key by
 * key: the reader compares the text with the key it expects.  Each key also remembers what stood
 * under it (see Field).
 *
 * The table is bounded.  A sequence enters when it comes for the second time within a while: so
 * labels with ever new keys do not push out the fields of pods.  An order holds its shape, and is
 * held in place (`pin_count`) while a map is read along it.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

enum {
    PROBE_COUNT = 4,
    SEEN_COUNT = 4096,
};

static Order orders[ORDER_COUNT];
static uint32_t seen_once[SEEN_COUNT]; /* Hashes of sequences that came once. */

/* Of the texts, not the addresses: a key that is gone must not make a new one look known. */
uint64_t order_hash(PyObject *const *keys, Py_ssize_t count) {
    uint64_t hash = (uint64_t)count;
    for (Py_ssize_t i = 0; i < count; i++) {
        hash = (hash ^ (uint64_t)str_hash(keys[i])) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return hash;
}

static inline Order *order_place(uint64_t hash, int probe) {
    return &orders[(hash + (uint64_t)probe) & (ORDER_COUNT - 1)];
}

/* The place of that number; free if it has no shape. */
Order *order_at(int place) { return &orders[place]; }

/* The order of these interned keys, or NULL. */
Order *order_find(uint64_t hash, PyObject *const *keys, Py_ssize_t count) {
    for (int probe = 0; probe < PROBE_COUNT; probe++) {
        Order *order = order_place(hash, probe);
        if (order->shape == NULL || order->hash != hash || order->count != count) {
            continue;
        }
        Py_ssize_t same = 0;
        while (same < count && order->fields[same].key == keys[same]) {
            same++;
        }
        if (same == count) {
            order->is_recent = 1;
            return order;
        }
    }
    return NULL;
}

static void order_clear(Order *order) {
    Shape *shape = order->shape;
    for (Py_ssize_t i = 0; i <= order->count; i++) {
        memo_clear(&order->fields[i]);
        Py_CLEAR(order->fields[i].last);
    }
    PyMem_Free(order->fields);
    *order = (Order){.shape = NULL};
    shape_drop(shape);
}

/* A place for a new order: free, or the first that was not used lately. NULL: all are needed. */
static Order *order_victim(uint64_t hash) {
    Order *victim = NULL;
    for (int probe = 0; probe < PROBE_COUNT; probe++) {
        Order *order = order_place(hash, probe);
        if (order->shape == NULL) {
            return order;
        }
        if (victim == NULL && order->pin_count == 0 && !order->is_recent) {
            victim = order;
        }
        order->is_recent = 0;
    }
    if (victim != NULL) {
        order_clear(victim);
    }
    return victim;
}

/* Whether the sequence came before; if not, it has now. */
static int was_seen(uint64_t hash) {
    uint32_t *seen = &seen_once[hash & (SEEN_COUNT - 1)], mark = (uint32_t)(hash >> 32) | 1;
    int was = *seen == mark;
    *seen = mark;
    return was;
}

/* The bytes a key's text takes in the table of texts; 0 if it needs an escape. */
static size_t key_text_bytes(PyObject *key) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(key);
    const char *data = (const char *)PyUnicode_1BYTE_DATA(key);
    if (!PyUnicode_IS_ASCII(key) || plain_length(data, (size_t)length, JSON_MARKS) !=
                                        (size_t)length) {
        return 0;
    }
    return (size_t)length + 2;
}

/* Fields and the texts of their keys, in one allocation. */
static Field *fields_new(PyObject *const *keys, Py_ssize_t count, const Shape *shape) {
    size_t text_bytes = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        text_bytes += key_text_bytes(keys[i]);
    }
    Field *fields = PyMem_Calloc(1, (size_t)(count + 1) * sizeof *fields + text_bytes);
    if (fields == NULL) {
        return NULL;
    }
    char *text = (char *)(fields + count + 1);
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t length = key_text_bytes(keys[i]);
        fields[i].key = keys[i];
        fields[i].slot = (uint32_t)shape_find(shape, keys[i]);
        if (length > 0) {
            fields[i].text = text;
            fields[i].text_bytes = (uint32_t)length;
            *text++ = '"';
            memcpy(text, PyUnicode_1BYTE_DATA(keys[i]), length - 2);
            text += length - 2;
            *text++ = '"';
        }
    }
    return fields;
}

/* Remember an order that was not found, if it came before. NULL: not remembered, which is no error.
 *
 * Freezing the values of a map may have learned its order: maps nest in maps of the same keys. */
Order *order_learn(uint64_t hash, PyObject *const *keys, Py_ssize_t count, Shape *shape) {
    Order *known = order_find(hash, keys, count);
    if (known != NULL) {
        return known;
    }
    Order *order = was_seen(hash) ? order_victim(hash) : NULL;
    Field *fields = order == NULL ? NULL : fields_new(keys, count, shape);
    if (fields == NULL) {
        return NULL;
    }
    shape->use_count++;
    *order = (Order){.hash = hash, .shape = shape, .fields = fields, .count = count};
    return order;
}

/* Forget the texts of maps and lists. */
void memos_release(void) {
    for (int i = 0; i < ORDER_COUNT; i++) {
        for (Py_ssize_t j = 0; orders[i].shape != NULL && j <= orders[i].count; j++) {
            memo_clear(&orders[i].fields[j]);
        }
    }
}

/* Forget all orders that no reader is inside of. */
void orders_release(void) {
    for (int i = 0; i < ORDER_COUNT; i++) {
        if (orders[i].shape != NULL && orders[i].pin_count == 0) {
            order_clear(&orders[i]);
        }
    }
    memset(seen_once, 0, sizeof seen_once);
}
