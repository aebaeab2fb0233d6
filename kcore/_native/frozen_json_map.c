/* Maps of JSON text: along an order that is expected, or key by key.
 *
 * The values lie on the reader's stack in the order of the text.  As long as the keys are those
 * of an expected order they need not be read; from the first other key on they are, and lie beside
 * their values.
 */
#include "frozen_json.h"

enum { DETOUR_COUNT_MAX = 4 };

/* --- expecting ------------------------------------------------------------------------------------ */

static int is_key_next(Reader *reader, const Field *field) {
    if (field->text == NULL || !text_is_next(reader, field->text, field->text_bytes)) {
        return 0;
    }
    reader->at += field->text_bytes;
    return 1;
}

/* Whether the first `count` keys of two orders are the same, so that one may go on for the other. */
static int begin_alike(const Order *one, const Order *other, Py_ssize_t count) {
    if (other == NULL || other->shape == NULL || other->count < count) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (one->fields[i].key != other->fields[i].key) {
            return 0;
        }
    }
    return 1;
}

/* Go on along another order. */
static void order_switch(Order **order, Order *other) {
    (*order)->pin_count--;
    other->pin_count++;
    *order = other;
}

/* Skip the key if it is the one expected at `index`, here or in an order that was right when this one
 * was wrong. */
static Field *expected_key(Reader *reader, Order **order, Py_ssize_t index) {
    for (int detour = 0; detour < DETOUR_COUNT_MAX; detour++) {
        Field *field = &(*order)->fields[index];
        if (is_key_next(reader, field)) {
            return field;
        }
        if (!begin_alike(*order, field->other, index)) {
            return NULL;
        }
        order_switch(order, field->other);
    }
    return NULL;
}

/* Whether the map may end after `count` keys, here or in an order that was right before. */
static int expected_end(Order **order, Py_ssize_t count) {
    for (int detour = 0; detour < DETOUR_COUNT_MAX; detour++) {
        if ((*order)->count == count) {
            return 1;
        }
        Order *other = (*order)->fields[count].other;
        if (!begin_alike(*order, other, count)) {
            return 0;
        }
        order_switch(order, other);
    }
    return 0;
}

/* The map of the values from `base` on, which came in this order. */
static PyObject *map_along(Reader *reader, Order *order, Py_ssize_t base) {
    Node *node = map_alloc(order->shape);
    if (node == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < order->count; i++) {
        node->slots[order->fields[i].slot] = reader->stack[base + i].value; /* It moves. */
    }
    reader->used = base;
    order->is_recent = 1;
    node_finish(node);
    return reader->has_news ? (PyObject *)node : node_shared((PyObject *)node);
}

/* --- key by key ----------------------------------------------------------------------------------- */

/* The map of the pairs from `base` on; `*order` is what can be expected next time, or NULL. */
static PyObject *map_sorted(Reader *reader, Py_ssize_t base, Order **order) {
    Pair *pairs = reader->stack + base;
    Py_ssize_t count = reader->used - base;
    PyObject *keys[ORDER_KEY_COUNT_MAX];
    uint64_t hash = 0;
    int is_short = count <= ORDER_KEY_COUNT_MAX;
    for (Py_ssize_t i = 0; i < count && is_short; i++) {
        keys[i] = pairs[i].key;
        is_short = PyUnicode_CHECK_INTERNED(keys[i]) != 0;
    }
    if (is_short) {
        hash = order_hash(keys, count);
        *order = order_find(hash, keys, count);
    }
    if (*order != NULL) {
        for (Py_ssize_t i = 0; i < count; i++) {
            Py_CLEAR(pairs[i].key);
        }
        return map_along(reader, *order, base);
    }
    Py_ssize_t kept = pairs_sort(pairs, count);
    if (kept < 0) {
        return NULL; /* Whoever called the reader drops the whole stack. */
    }
    reader->used = base + kept;
    PyObject *map = map_from_sorted(pairs, kept);
    if (map != NULL) {
        if (is_short && kept == count) { /* No key came twice. */
            *order = order_learn(hash, keys, count, ((Node *)map)->shape);
        }
        reader->used = base;
        pairs_drop(pairs, kept);
    }
    return map;
}

/* Give the values that were read along the order their keys. */
static void name_values(Reader *reader, Py_ssize_t base, const Order *order) {
    for (Py_ssize_t i = base; i < reader->used; i++) {
        PyObject *key = order->fields[i - base].key;
        Py_INCREF(key);
        reader->stack[i].key = key;
    }
}

static int read_pair(Reader *reader, Py_ssize_t depth, int is_first) {
    skip_space(reader);
    if (*reader->at != '"') {
        reader_fail(reader, is_first ? "expected a key or '}'" : "expected a key", reader->at);
        return -1;
    }
    PyObject *key = reader_key(reader);
    if (key == NULL) {
        return -1;
    }
    if (!take(reader, ':')) {
        Py_DECREF(key);
        reader_fail(reader, "expected ':'", reader->at);
        return -1;
    }
    return reader_push(reader, key, reader_value(reader, depth, NULL));
}

/* The rest of a map whose values from `base` on have their keys; the next thing is a key. */
static int read_pairs(Reader *reader, Py_ssize_t depth, Py_ssize_t base) {
    while (1) {
        if (read_pair(reader, depth, reader->used == base) < 0) {
            return -1;
        }
        if (take(reader, '}')) {
            return 0;
        }
        if (!take(reader, ',')) {
            reader_fail(reader, "expected ',' or '}'", reader->at);
            return -1;
        }
    }
}

/* The same for a map of which `*order` is known to be wrong from here on. */
static PyObject *map_by_keys(Reader *reader, Py_ssize_t depth, Py_ssize_t base, Order **order,
                             int is_ended) {
    Py_ssize_t wrong_at = reader->used - base;
    Order *right = NULL;
    if (*order != NULL) {
        name_values(reader, base, *order);
    }
    if (!is_ended && read_pairs(reader, depth, base) < 0) {
        return NULL;
    }
    PyObject *map = map_sorted(reader, base, &right);
    if (right != NULL && right != *order) {
        if (*order != NULL) {
            (*order)->fields[wrong_at].other = right;
            order_switch(order, right);
        } else {
            right->pin_count++;
            *order = right;
        }
    }
    return map;
}

/* The map along `*order`, which is pinned, or another one that turns out to be right. */
static PyObject *map_expected(Reader *reader, Py_ssize_t depth, Py_ssize_t base, Order **order) {
    while (1) {
        skip_space(reader);
        Field *field = expected_key(reader, order, reader->used - base);
        if (field == NULL) {
            return map_by_keys(reader, depth, base, order, 0);
        }
        if (!take(reader, ':')) {
            return reader_fail(reader, "expected ':'", reader->at);
        }
        if (reader_push(reader, NULL, reader_value(reader, depth, field)) < 0) {
            return NULL;
        }
        skip_space(reader);
        if (*reader->at == ',') {
            reader->at++;
            continue;
        }
        if (*reader->at != '}') {
            return reader_fail(reader, "expected ',' or '}'", reader->at);
        }
        reader->at++;
        return expected_end(order, reader->used - base)
                   ? map_along(reader, *order, base)
                   : map_by_keys(reader, depth, base, order, 1);
    }
}

/* The map whose opening bracket was read. */
PyObject *reader_map(Reader *reader, Py_ssize_t depth, Field *field) {
    if (take(reader, '}')) {
        Py_INCREF(frozen_empty_map);
        return frozen_empty_map;
    }
    Py_ssize_t base = reader->used;
    int has_news_outside = reader->has_news;
    Order *order = field == NULL || field->inner == NULL || field->inner->shape == NULL
                       ? NULL
                       : field->inner;
    PyObject *map;
    reader->has_news = 0;
    if (order == NULL) {
        map = map_by_keys(reader, depth, base, &order, 0);
    } else {
        order->pin_count++;
        map = map_expected(reader, depth, base, &order);
    }
    reader->has_news |= has_news_outside;
    if (order != NULL) {
        order->pin_count--;
        if (field != NULL) {
            field->inner = order;
        }
    }
    return map;
}
