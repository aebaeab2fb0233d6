/* check_caches(): everything that must hold of what the reader remembers, verified. For tests. */
#include "frozen_json.h"

static int broken(const char *rule) {
    PyErr_Format(PyExc_AssertionError, "memory of texts: %s", rule);
    return -1;
}

/* The text kept under a field still says its value. */
static int check_memo(const Field *field) {
    PyObject *text = PyBytes_FromStringAndSize(field->memo_text, field->memo_bytes);
    PyObject *kept = field->memo, *value;
    Py_INCREF(kept); /* Reading may replace it. */
    value = text == NULL ? NULL : json_read(text, PY_SSIZE_T_MAX);
    int equal = value == NULL ? -1 : value_equal(value, kept);
    Py_XDECREF(value);
    Py_XDECREF(text);
    Py_DECREF(kept);
    return equal == 0 ? broken("a text does not say its value") : equal < 0 ? -1 : 0;
}

static int check_field(const Order *order, Py_ssize_t index) {
    const Field *field = &order->fields[index];
    Py_ssize_t length = PyUnicode_GET_LENGTH(field->key);
    if (order->shape->keys[field->slot] != field->key ||
        shape_find(order->shape, field->key) != (Py_ssize_t)field->slot) {
        return broken("a key is not where its order says");
    }
    if (field->text != NULL &&
        (field->text_bytes != (uint32_t)length + 2 ||
         memcmp(field->text + 1, PyUnicode_1BYTE_DATA(field->key), (size_t)length) != 0)) {
        return broken("a key has another text");
    }
    if ((field->memo == NULL) != (field->memo_text == NULL)) {
        return broken("a text without value, or a value without text");
    }
    if (field->last != NULL && !PyUnicode_IS_ASCII(field->last)) {
        return broken("a string to expect is not ASCII");
    }
    return 0;
}

static int check_order(const Order *order) {
    PyObject *keys[ORDER_KEY_COUNT_MAX];
    if (order->pin_count != 0) {
        return broken("an order is held though nobody reads");
    }
    if (order->count != order->shape->key_count || order->count > ORDER_KEY_COUNT_MAX) {
        return broken("an order and its shape differ in size");
    }
    for (Py_ssize_t i = 0; i < order->count; i++) {
        keys[i] = order->fields[i].key;
        if (check_field(order, i) < 0) {
            return -1;
        }
    }
    if (order->hash != order_hash(keys, order->count) ||
        order_find(order->hash, keys, order->count) != order) {
        return broken("an order is not found where it lies");
    }
    return 0;
}

/* 0, or -1 with AssertionError naming the rule. */
int caches_check(void) {
    size_t memo_bytes = 0;
    for (int place = 0; place < ORDER_COUNT; place++) {
        const Order *order = order_at(place);
        if (order->shape != NULL && check_order(order) < 0) {
            return -1;
        }
        for (Py_ssize_t i = 0; order->shape != NULL && i < order->count; i++) {
            memo_bytes += order->fields[i].memo_bytes;
        }
    }
    if (memo_bytes != memo_total_bytes()) {
        return broken("the kept texts are not as long as counted");
    }
    for (int place = 0; place < ORDER_COUNT; place++) {
        const Order *order = order_at(place);
        for (Py_ssize_t i = 0; order->shape != NULL && i < order->count; i++) {
            if (order->fields[i].memo != NULL && check_memo(&order->fields[i]) < 0) {
                return -1;
            }
        }
    }
    return written_check();
}
