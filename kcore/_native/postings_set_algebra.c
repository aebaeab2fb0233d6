/* Two sets into one, or many into their union: part by part, sharing what only one of them has. */
#include "postings.h"

static int push_alone(Set **result, const Part *part) {
    return set_push(result, part->high, chunk_use(part->chunk));
}

static int push_combined(Algebra algebra, Set **result, const Part *a, const Part *b) {
    Chunk *chunk;
    if (chunk_combine(algebra, a->chunk, b->chunk, &chunk) < 0) {
        return -1;
    }
    return chunk == NULL ? 0 : set_push(result, a->high, chunk);
}

static Set *failed(Set *set) {
    set_drop(set);
    PyErr_NoMemory();
    return NULL;
}

/* A set of the caller's, or NULL with MemoryError set. */
Set *set_combine(Algebra algebra, Set *a, Set *b) {
    if (a == b) {
        return set_use(algebra == BOTH || algebra == EITHER ? a : set_empty);
    }
    int keeps_left = algebra != BOTH, keeps_right = algebra == EITHER || algebra == ONE;
    uint32_t few = a->part_count < b->part_count ? a->part_count : b->part_count;
    Set *result = set_alloc(keeps_right ? a->part_count + b->part_count
                            : keeps_left ? a->part_count : few);
    if (result == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    const Part *x = a->parts, *x_end = x + a->part_count;
    const Part *y = b->parts, *y_end = y + b->part_count;
    int status = 0;
    while (status == 0 && x < x_end && y < y_end) {
        if (x->high == y->high) {
            status = push_combined(algebra, &result, x++, y++);
        } else if (x->high < y->high) {
            status = keeps_left ? push_alone(&result, x) : 0;
            x++;
        } else {
            status = keeps_right ? push_alone(&result, y) : 0;
            y++;
        }
    }
    while (status == 0 && keeps_left && x < x_end) {
        status = push_alone(&result, x++);
    }
    while (status == 0 && keeps_right && y < y_end) {
        status = push_alone(&result, y++);
    }
    return status < 0 ? failed(result) : result;
}

uint64_t set_count_both(const Set *a, const Set *b) {
    uint64_t count = 0;
    uint32_t i = 0, j = 0;
    while (i < a->part_count && j < b->part_count) {
        uint32_t x = a->parts[i].high, y = b->parts[j].high;
        if (x == y) {
            count += chunk_count_both(a->parts[i].chunk, b->parts[j].chunk);
        }
        i += x <= y;
        j += y <= x;
    }
    return count;
}

/* Push the union of the parts at `high`, of which sets[i] stands at places[i]; moves these on. */
static int push_united(Set **result, uint32_t high, Set **sets, uint32_t *places,
                       Py_ssize_t count) {
    Chunk *first = NULL, *united = NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (places[i] == sets[i]->part_count || sets[i]->parts[places[i]].high != high) {
            continue;
        }
        Chunk *chunk = sets[i]->parts[places[i]++].chunk;
        if (first == NULL) {
            first = chunk;
            continue;
        }
        if (united == NULL) {
            united = words_alloc();
            if (united == NULL) {
                return -1;
            }
            memset(chunk_words(united), 0, WORDS_COUNT * sizeof(uint64_t));
            chunk_pour(first, chunk_words(united));
        }
        chunk_pour(chunk, chunk_words(united));
    }
    if (united == NULL) {
        return set_push(result, high, chunk_use(first));
    }
    united->count = word_loops->count(chunk_words(united));
    /* Mostly it is intersected next, which is quick with words and leaves fewer ids to read. */
    united = united->count > WORDS_COUNT_MIN ? united : chunk_fitting(united);
    return united == NULL ? -1 : set_push(result, high, united);
}

static int next_high(Set **sets, const uint32_t *places, Py_ssize_t count, uint32_t *high) {
    int found = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (places[i] < sets[i]->part_count) {
            uint32_t candidate = sets[i]->parts[places[i]].high;
            *high = !found || candidate < *high ? candidate : *high;
            found = 1;
        }
    }
    return found;
}

/* The union of any number of sets: one pass over the ids, whatever the number. */
Set *set_union(Set **sets, Py_ssize_t count) {
    if (count <= 2) {
        return count == 0   ? set_use(set_empty)
               : count == 1 ? set_use(sets[0])
                            : set_combine(EITHER, sets[0], sets[1]);
    }
    uint32_t *places = PyMem_Calloc((size_t)count, sizeof(uint32_t)), high;
    Set *result = places == NULL ? NULL : set_alloc(sets[0]->part_count);
    if (result == NULL) {
        PyMem_Free(places);
        PyErr_NoMemory();
        return NULL;
    }
    int status = 0;
    while (status == 0 && next_high(sets, places, count, &high)) {
        status = push_united(&result, high, sets, places, count);
    }
    PyMem_Free(places);
    return status < 0 ? failed(result) : result;
}
