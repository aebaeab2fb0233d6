/* Postings.hits: the ids of any of many pairs, for the question which selectors select an object. */
#include "postings.h"

enum { FEW_HITS_COUNT = 256, FEW_SETS_COUNT = 64 };

typedef struct {
    Branch *keys;
    Py_ssize_t count, capacity;
    uint64_t ids_count;
    Set **sets; /* Borrowed: nothing changes while they are gathered and read. */
    Set *few[FEW_SETS_COUNT];
} Gathered;

static int gather(Gathered *found, const Entry *entry) {
    if (entry == NULL || entry->set == NULL) {
        return 0;
    }
    if (found->count == found->capacity) {
        Py_ssize_t capacity = 2 * found->capacity;
        Set **old = found->sets == found->few ? NULL : found->sets;
        Set **more = PyMem_Realloc(old, (size_t)capacity * sizeof(Set *));
        if (more == NULL) {
            return no_memory();
        }
        if (old == NULL) {
            memcpy(more, found->few, sizeof found->few);
        }
        found->sets = more;
        found->capacity = capacity;
    }
    found->sets[found->count++] = entry->set;
    found->ids_count += entry->set->count;
    return 0;
}

static int visit_gather(PyObject *key, PyObject *value, void *context) {
    Gathered *found = context;
    Entry *outer = trie_find(found->keys, key, text_hash(key));
    if (outer == NULL) {
        return 0;
    }
    Entry *inner = value == NULL ? NULL : trie_find(outer->below, value, text_hash(value));
    return gather(found, outer) < 0 ? -1 : gather(found, inner);
}

/* Ids of a few small sets, in order, each once; sorting them beats uniting them. */
static uint32_t sorted_ids(const Gathered *found, uint32_t *out) {
    uint16_t lows[FEW_HITS_COUNT];
    uint32_t count = 0;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        const Set *set = found->sets[i];
        for (uint32_t j = 0; j < set->part_count; j++) {
            uint32_t read = chunk_read(set->parts[j].chunk, 0, lows, FEW_HITS_COUNT);
            for (uint32_t k = 0; k < read; k++) {
                uint32_t id = set->parts[j].high << CHUNK_BITS | lows[k], at = count;
                while (at > 0 && out[at - 1] > id) {
                    at--;
                }
                if (at == 0 || out[at - 1] != id) {
                    memmove(out + at + 1, out + at, (count++ - at) * sizeof(uint32_t));
                    out[at] = id;
                }
            }
        }
    }
    return count;
}

static PyObject *few_hits(const Gathered *found) {
    uint32_t ids[FEW_HITS_COUNT], count = sorted_ids(found, ids);
    PyObject *list = PyList_New(count);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *id = PyLong_FromUnsignedLong(ids[i]);
        if (id == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, i, id);
        }
    }
    return list;
}

static PyObject *many_hits(const Gathered *found) {
    PyObject *bitmap = bitmap_of(set_union(found->sets, found->count));
    PyObject *list = bitmap == NULL ? NULL : PySequence_List(bitmap);
    Py_XDECREF(bitmap);
    return list;
}

PyObject *postings_hits(PyObject *self, PyObject *pairs) {
    Gathered found = {.keys = branch_use(((Postings *)self)->keys), .capacity = FEW_SETS_COUNT};
    PyObject *list = NULL;
    found.sets = found.few;
    if (pairs_each(pairs, visit_gather, &found) == 0) {
        list = found.ids_count <= FEW_HITS_COUNT ? few_hits(&found) : many_hits(&found);
    }
    if (found.sets != found.few) {
        PyMem_Free(found.sets);
    }
    branch_drop(found.keys);
    return list;
}
