/* Texts of whole maps and lists that come again and again under one key.
 *
 * The containers of a ReplicaSet's pods are the same bytes in each of them.  Once a map or list looks
 * like the one before it under the same key, its text is kept with its value, and the same bytes
 * are not parsed again.  What a text looks like is a guess (length and a few words); whether it is the
 * same is decided byte by byte.
 */
#include "frozen_json.h"
#include "frozen_plain.h"

enum {
    MEMO_BYTES_MIN = 24,
    MEMO_BYTES_MAX = 4096,
    MEMO_TOTAL_BYTES_MAX = 1 << 21, /* Beyond this, all are forgotten. */
    SAMPLE_WORD_COUNT = 8,
};

static size_t total_bytes;

size_t memo_total_bytes(void) { return total_bytes; }

/* The value whose text is next, or NULL. */
PyObject *memo_find(Reader *reader, Py_ssize_t depth, const Field *field) {
    if (field->memo == NULL || !text_is_next(reader, field->memo_text, field->memo_bytes) ||
        depth + value_depth(field->memo) > DEPTH_COUNT_MAX) {
        return NULL;
    }
    reader->at += field->memo_bytes;
    Py_INCREF(field->memo);
    return field->memo;
}

static uint64_t sample_of(const char *text, size_t length) {
    uint64_t sample = length;
    size_t step = (length - 8) / (SAMPLE_WORD_COUNT - 1);
    for (int i = 0; i < SAMPLE_WORD_COUNT; i++) {
        sample = (sample ^ word_load(text + step * (size_t)i)) * UINT64_C(0x9E3779B97F4A7C15);
        sample ^= sample >> 32;
    }
    return sample;
}

void memo_clear(Field *field) {
    total_bytes -= field->memo_bytes;
    PyMem_Free(field->memo_text);
    field->memo_text = NULL;
    field->memo_bytes = 0;
    Py_CLEAR(field->memo);
}

/* A map or list was read under the field: keep it if it looks like the one before. */
void memo_offer(Field *field, const char *text, size_t length, PyObject *value) {
    if (length < MEMO_BYTES_MIN || length > MEMO_BYTES_MAX) {
        return;
    }
    uint64_t sample = sample_of(text, length);
    if (field->sample != sample) {
        field->sample = sample;
        return;
    }
    char *copy = PyMem_Malloc(length);
    if (copy == NULL) {
        return; /* What is not kept is parsed again. */
    }
    memcpy(copy, text, length);
    memo_clear(field);
    field->memo_text = copy;
    field->memo_bytes = (uint32_t)length;
    Py_INCREF(value);
    field->memo = value;
    total_bytes += length;
    if (total_bytes > MEMO_TOTAL_BYTES_MAX) {
        memos_release();
    }
}
