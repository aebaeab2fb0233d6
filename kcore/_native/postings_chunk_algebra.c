/* Two chunks into one: four operations on the four pairs of forms. */
#include "postings.h"

/* --- array and array ------------------------------------------------------------------------------- */

/* Whether `id` is among the BLOCK_COUNT ids from here. */
static inline int block_has(const uint16_t *block, uint16_t id) {
    uint16_t found = 0;
    for (int i = 0; i < BLOCK_COUNT; i++) { /* The compiler compares many at once. */
        found |= (uint16_t)(block[i] == id);
    }
    return found;
}

/* The first block, from this one on, whose last id is not below `id`: by leaps that double. */
static uint32_t block_search(const uint16_t *ids, uint32_t block, uint32_t block_count,
                             uint16_t id) {
    uint32_t step = 1, low = block, high = block;
    while (high < block_count && ids[high * BLOCK_COUNT + BLOCK_COUNT - 1] < id) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    high = high < block_count ? high : block_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ids[middle * BLOCK_COUNT + BLOCK_COUNT - 1] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Ids of a short array that are (`wanted` 1) or are not (0) in a long one. */
static uint32_t few_filter(const Chunk *few, const Chunk *many, int wanted, uint16_t *out) {
    const uint16_t *x = chunk_ids(few), *y = chunk_ids(many);
    uint32_t block_count = many->count / BLOCK_COUNT, left = few->count, found = 0;
    if (many->count < BLOCK_COUNT * few->count) {
        found = word_loops->filter(x, few->count, y, block_count, wanted, out, &left);
    } else {
        uint32_t block = 0;
        for (; left > 0; left--) {
            uint16_t id = x[few->count - left];
            block = block_search(y, block, block_count, id);
            if (block == block_count) {
                break;
            }
            out[found] = id;
            found += block_has(y + block * BLOCK_COUNT, id) == wanted;
        }
    }
    for (; left > 0; left--) { /* Behind the last whole block. */
        uint16_t id = x[few->count - left], is_there = 0;
        for (uint32_t j = block_count * BLOCK_COUNT; j < many->count; j++) {
            is_there |= (uint16_t)(y[j] == id);
        }
        out[found] = id;
        found += is_there == wanted;
    }
    return found;
}

static uint32_t arrays_both(const Chunk *a, const Chunk *b, uint16_t *out) {
    const uint16_t *x = chunk_ids(a), *y = chunk_ids(b);
    uint32_t i = 0, j = 0, found = 0;
    if (a->count > FEW_RATIO * b->count || b->count > FEW_RATIO * a->count) {
        return a->count < b->count ? few_filter(a, b, 1, out) : few_filter(b, a, 1, out);
    }
    while (i < a->count && j < b->count) { /* Without branches that nobody could predict. */
        uint16_t left = x[i], right = y[j];
        out[found] = left;
        found += left == right;
        i += left <= right;
        j += right <= left;
    }
    return found;
}

/* Ids of either, or (`keeps_common` 0) of exactly one. */
static uint32_t arrays_merge(const Chunk *a, const Chunk *b, int keeps_common, uint16_t *out) {
    const uint16_t *x = chunk_ids(a), *y = chunk_ids(b);
    uint32_t i = 0, j = 0, found = 0;
    while (i < a->count && j < b->count) {
        uint16_t left = x[i], right = y[j];
        out[found] = left < right ? left : right;
        found += (uint32_t)(left != right || keeps_common);
        i += left <= right;
        j += right <= left;
    }
    memcpy(out + found, x + i, (a->count - i) * sizeof(uint16_t));
    found += a->count - i;
    memcpy(out + found, y + j, (b->count - j) * sizeof(uint16_t));
    return found + b->count - j;
}

static uint32_t arrays_without(const Chunk *a, const Chunk *b, uint16_t *out) {
    const uint16_t *x = chunk_ids(a), *y = chunk_ids(b);
    uint32_t i = 0, j = 0, found = 0;
    if (b->count > FEW_RATIO * a->count) {
        return few_filter(a, b, 0, out);
    }
    while (i < a->count && j < b->count) {
        uint16_t left = x[i], right = y[j];
        out[found] = left;
        found += left < right;
        i += left <= right;
        j += right <= left;
    }
    memcpy(out + found, x + i, (a->count - i) * sizeof(uint16_t));
    return found + a->count - i;
}

static Chunk *arrays_combine(Algebra algebra, const Chunk *a, const Chunk *b) {
    uint16_t found[2 * ARRAY_COUNT_MAX];
    uint32_t count = algebra == BOTH      ? arrays_both(a, b, found)
                     : algebra == WITHOUT ? arrays_without(a, b, found)
                                          : arrays_merge(a, b, algebra == EITHER, found);
    Chunk *result = count > ARRAY_COUNT_MAX ? words_alloc() : array_alloc(count);
    if (result == NULL) {
        return NULL;
    }
    result->count = count;
    if (!is_words(result)) {
        memcpy(chunk_ids(result), found, count * sizeof(uint16_t));
        return result;
    }
    uint64_t *words = chunk_words(result);
    memset(words, 0, WORDS_COUNT * sizeof(uint64_t));
    for (uint32_t i = 0; i < count; i++) {
        words[found[i] >> 6] |= (uint64_t)1 << (found[i] & 63);
    }
    return result;
}

/* --- array and words ------------------------------------------------------------------------------- */

/* Ids of the array that are (`wanted` 1) or are not (0) among the words. */
static Chunk *array_filter(const Chunk *array, const Chunk *words, uint64_t wanted) {
    uint16_t found[ARRAY_COUNT_MAX];
    const uint16_t *ids = chunk_ids(array);
    const uint64_t *bits = chunk_words(words);
    uint32_t count = 0;
    for (uint32_t i = 0; i < array->count; i++) {
        found[count] = ids[i];
        count += (bits[ids[i] >> 6] >> (ids[i] & 63) & 1) == wanted;
    }
    Chunk *result = array_alloc(count);
    if (result != NULL) {
        result->count = count;
        memcpy(chunk_ids(result), found, count * sizeof(uint16_t));
    }
    return result;
}

#define EDIT_LOOP(OPERATOR)                                                                    \
    for (uint32_t i = 0; i < array->count; i++) {                                              \
        bits[ids[i] >> 6] OPERATOR((uint64_t)1 << (ids[i] & 63));                              \
    }

/* The words with the bits of the array set, cleared or turned. */
static Chunk *words_edit(Algebra algebra, const Chunk *words, const Chunk *array) {
    Chunk *result = words_alloc();
    if (result == NULL) {
        return NULL;
    }
    const uint16_t *ids = chunk_ids(array);
    uint64_t *bits = chunk_words(result);
    memcpy(bits, chunk_words(words), WORDS_COUNT * sizeof(uint64_t));
    if (algebra == EITHER) {
        EDIT_LOOP(|=)
    } else if (algebra == ONE) {
        EDIT_LOOP(^=)
    } else {
        EDIT_LOOP(&= ~)
    }
    result->count = word_loops->count(bits); /* Counting on the way would take longer. */
    return chunk_fitting(result);
}

static Chunk *mixed_combine(Algebra algebra, const Chunk *a, const Chunk *b) {
    const Chunk *array = is_words(a) ? b : a, *words = is_words(a) ? a : b;
    if (algebra == BOTH || (algebra == WITHOUT && array == a)) {
        return array_filter(array, words, algebra == BOTH);
    }
    return words_edit(algebra, words, array);
}

/* --- words and words ------------------------------------------------------------------------------- */

static Chunk *words_combine(Algebra algebra, const Chunk *a, const Chunk *b) {
    Chunk *result = words_alloc();
    if (result == NULL) {
        return NULL;
    }
    uint64_t *out = chunk_words(result);
    const uint64_t *x = chunk_words(a), *y = chunk_words(b);
    result->count = algebra == BOTH      ? word_loops->both(out, x, y)
                    : algebra == EITHER  ? word_loops->either(out, x, y)
                    : algebra == WITHOUT ? word_loops->without(out, x, y)
                                         : word_loops->one(out, x, y);
    return chunk_fitting(result);
}

/* Let *result be a chunk of the caller's, or NULL when it is empty; -1 without memory. */
int chunk_combine(Algebra algebra, Chunk *a, Chunk *b, Chunk **result) {
    *result = NULL;
    if (a == b) {
        *result = algebra == BOTH || algebra == EITHER ? chunk_use(a) : NULL;
        return 0;
    }
    Chunk *made = is_words(a) != is_words(b) ? mixed_combine(algebra, a, b)
                  : is_words(a)              ? words_combine(algebra, a, b)
                                             : arrays_combine(algebra, a, b);
    if (made == NULL) {
        return -1;
    }
    if (made->count == 0) {
        chunk_drop(made);
    } else if (made->count == a->count && algebra != ONE) {
        chunk_drop(made); /* Nothing was added or taken: the same ids. */
        *result = chunk_use(a);
    } else {
        *result = made;
    }
    return 0;
}

/* How many ids are in both, without making them. */
uint32_t chunk_count_both(const Chunk *a, const Chunk *b) {
    if (is_words(a) && is_words(b)) {
        return word_loops->count_both(chunk_words(a), chunk_words(b));
    }
    if (!is_words(a) && !is_words(b)) {
        uint16_t found[ARRAY_COUNT_MAX];
        return arrays_both(a, b, found);
    }
    const Chunk *array = is_words(a) ? b : a, *words = is_words(a) ? a : b;
    const uint16_t *ids = chunk_ids(array);
    const uint64_t *bits = chunk_words(words);
    uint64_t found = 0;
    for (uint32_t i = 0; i < array->count; i++) {
        found += bits[ids[i] >> 6] >> (ids[i] & 63) & 1;
    }
    return (uint32_t)found;
}
