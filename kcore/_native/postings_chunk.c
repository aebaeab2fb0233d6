/* Chunks: making, reading and changing up to 65,536 ids that share their high 16 bits. */
#include "postings.h"

Chunk *array_alloc(uint32_t capacity) {
    capacity = capacity < ARRAY_CAPACITY_MIN ? ARRAY_CAPACITY_MIN : capacity;
    Chunk *chunk = PyMem_Malloc(sizeof(Chunk) + capacity * sizeof(uint16_t));
    if (chunk != NULL) {
        *chunk = (Chunk){1, 0, capacity, 0};
    }
    return chunk;
}

/* Words that the caller fills. */
Chunk *words_alloc(void) {
    Chunk *chunk = PyMem_Malloc(sizeof(Chunk) + WORDS_COUNT * sizeof(uint64_t));
    if (chunk != NULL) {
        *chunk = (Chunk){1, 0, 0, 0};
    }
    return chunk;
}

void chunk_drop(Chunk *chunk) {
    if (--chunk->use_count == 0) {
        PyMem_Free(chunk);
    }
}

/* Set the bits of a chunk in words. */
void chunk_pour(const Chunk *chunk, uint64_t *words) {
    if (is_words(chunk)) {
        word_loops->either(words, words, chunk_words(chunk));
        return;
    }
    const uint16_t *ids = chunk_ids(chunk);
    for (uint32_t i = 0; i < chunk->count; i++) {
        words[ids[i] >> 6] |= (uint64_t)1 << (ids[i] & 63);
    }
}

/* A new chunk with the `count` bits set in words. */
Chunk *chunk_of_words(const uint64_t *words, uint32_t count) {
    Chunk *chunk = count > ARRAY_COUNT_MAX ? words_alloc() : array_alloc(count);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->count = count;
    if (is_words(chunk)) {
        memcpy(chunk_words(chunk), words, WORDS_COUNT * sizeof(uint64_t));
    } else {
        uint16_t ids[ARRAY_COUNT_MAX + READ_SLACK_COUNT];
        word_loops->read(words, ids);
        memcpy(chunk_ids(chunk), ids, count * sizeof(uint16_t));
    }
    return chunk;
}

/* A chunk of nobody else's, as an array where it is small enough; NULL without memory. */
Chunk *chunk_fitting(Chunk *chunk) {
    if (!is_words(chunk) || chunk->count > ARRAY_COUNT_MAX) {
        return chunk;
    }
    Chunk *array = chunk_of_words(chunk_words(chunk), chunk->count);
    chunk_drop(chunk);
    return array;
}

/* The first place in [low, high) of an id that is not below `id`. */
static inline uint32_t ids_search(const uint16_t *ids, uint32_t low, uint32_t high, uint16_t id) {
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int chunk_has(const Chunk *chunk, uint16_t id) {
    if (is_words(chunk)) {
        return (int)(chunk_words(chunk)[id >> 6] >> (id & 63) & 1);
    }
    const uint16_t *ids = chunk_ids(chunk);
    uint32_t place = ids_search(ids, 0, chunk->count, id);
    return place < chunk->count && ids[place] == id;
}

/* Let *place be a chunk of nobody else's with room for `more` ids; -1 without memory. */
static int array_own(Chunk **place, uint32_t more) {
    Chunk *chunk = *place;
    int has_room = chunk->count + more <= chunk->capacity;
    if (chunk->use_count == 1 && has_room) {
        return 0;
    }
    uint32_t capacity = has_room ? chunk->capacity : 2 * chunk->capacity;
    capacity = capacity > ARRAY_COUNT_MAX ? ARRAY_COUNT_MAX : capacity;
    size_t size = sizeof(Chunk) + capacity * sizeof(uint16_t);
    if (chunk->use_count == 1) {
        chunk = PyMem_Realloc(chunk, size);
        if (chunk == NULL) {
            return -1;
        }
        chunk->capacity = capacity;
        *place = chunk;
        return 0;
    }
    Chunk *twin = array_alloc(capacity);
    if (twin == NULL) {
        return -1;
    }
    twin->count = chunk->count;
    memcpy(chunk_ids(twin), chunk_ids(chunk), chunk->count * sizeof(uint16_t));
    chunk->use_count--;
    *place = twin;
    return 0;
}

static int words_own(Chunk **place) {
    Chunk *chunk = *place;
    if (chunk->use_count == 1) {
        return 0;
    }
    Chunk *twin = words_alloc();
    if (twin == NULL) {
        return -1;
    }
    twin->count = chunk->count;
    memcpy(chunk_words(twin), chunk_words(chunk), WORDS_COUNT * sizeof(uint64_t));
    chunk->use_count--;
    *place = twin;
    return 0;
}

static int array_to_words(Chunk **place) {
    Chunk *words = words_alloc();
    if (words == NULL) {
        return -1;
    }
    memset(chunk_words(words), 0, WORDS_COUNT * sizeof(uint64_t));
    words->count = (*place)->count;
    chunk_pour(*place, chunk_words(words));
    chunk_drop(*place);
    *place = words;
    return 0;
}

/* 1: added, 0: was there, -1: no memory and nothing changed. */
int chunk_add(Chunk **place, uint16_t id) {
    Chunk *chunk = *place;
    if (!is_words(chunk)) {
        uint32_t count = chunk->count;
        const uint16_t *known = chunk_ids(chunk);
        /* Ids are mostly given out in ascending order. */
        uint32_t at = count == 0 || known[count - 1] < id ? count : ids_search(known, 0, count, id);
        if (at < count && known[at] == id) {
            return 0;
        }
        if (count < ARRAY_COUNT_MAX) {
            if (array_own(place, 1) < 0) {
                return -1;
            }
            uint16_t *ids = chunk_ids(*place);
            memmove(ids + at + 1, ids + at, (count - at) * sizeof(uint16_t));
            ids[at] = id;
            (*place)->count++;
            return 1;
        }
        if (array_to_words(place) < 0) {
            return -1;
        }
    } else if (chunk_has(chunk, id)) {
        return 0;
    } else if (words_own(place) < 0) {
        return -1;
    }
    chunk_words(*place)[id >> 6] |= (uint64_t)1 << (id & 63);
    (*place)->count++;
    return 1;
}

/* 1: taken out, 0: was not there, -1: no memory and nothing changed. May leave it empty. */
int chunk_discard(Chunk **place, uint16_t id) {
    if (!is_words(*place)) {
        uint32_t count = (*place)->count, at = ids_search(chunk_ids(*place), 0, count, id);
        if (at == count || chunk_ids(*place)[at] != id) {
            return 0;
        }
        if (array_own(place, 0) < 0) {
            return -1;
        }
        uint16_t *ids = chunk_ids(*place);
        memmove(ids + at, ids + at + 1, (count - at - 1) * sizeof(uint16_t));
        (*place)->count--;
        return 1;
    }
    if (!chunk_has(*place, id)) {
        return 0;
    }
    if (words_own(place) < 0) {
        return -1;
    }
    chunk_words(*place)[id >> 6] &= ~((uint64_t)1 << (id & 63));
    if (--(*place)->count <= ARRAY_COUNT_AGAIN) {
        Chunk *array = chunk_of_words(chunk_words(*place), (*place)->count);
        if (array != NULL) { /* Without memory the words do as well. */
            chunk_drop(*place);
            *place = array;
        }
    }
    return 1;
}

/* How many ids are below `id`. */
uint32_t chunk_rank(const Chunk *chunk, uint16_t id) {
    if (!is_words(chunk)) {
        return ids_search(chunk_ids(chunk), 0, chunk->count, id);
    }
    const uint64_t *words = chunk_words(chunk);
    uint32_t below = 0;
    for (uint32_t i = 0; i < (uint32_t)(id >> 6); i++) {
        below += (uint32_t)__builtin_popcountll(words[i]);
    }
    uint64_t mask = ((uint64_t)1 << (id & 63)) - 1;
    return below + (uint32_t)__builtin_popcountll(words[id >> 6] & mask);
}

/* The id at a place that exists. */
uint16_t chunk_select(const Chunk *chunk, uint32_t position) {
    CHECK(position < chunk->count);
    if (!is_words(chunk)) {
        return chunk_ids(chunk)[position];
    }
    const uint64_t *words = chunk_words(chunk);
    uint32_t i = 0, count;
    while (position >= (count = (uint32_t)__builtin_popcountll(words[i]))) {
        position -= count;
        i++;
    }
    uint64_t word = words[i];
    while (position-- > 0) {
        word &= word - 1;
    }
    return (uint16_t)(i << 6 | (uint32_t)__builtin_ctzll(word));
}

/* Read at most `limit` ids that are not below `start` (up to 65,536); how many there were. */
uint32_t chunk_read(const Chunk *chunk, uint32_t start, uint16_t *out, uint32_t limit) {
    uint32_t found = 0;
    if (start >> CHUNK_BITS) {
        return 0;
    }
    if (!is_words(chunk)) {
        uint32_t at = ids_search(chunk_ids(chunk), 0, chunk->count, (uint16_t)start);
        found = chunk->count - at < limit ? chunk->count - at : limit;
        memcpy(out, chunk_ids(chunk) + at, found * sizeof(uint16_t));
        return found;
    }
    const uint64_t *words = chunk_words(chunk);
    uint64_t word = words[start >> 6] & ~(uint64_t)0 << (start & 63);
    for (uint32_t i = start >> 6; found < limit;) {
        while (word != 0 && found < limit) {
            out[found++] = (uint16_t)(i << 6 | (uint32_t)__builtin_ctzll(word));
            word &= word - 1;
        }
        if (word != 0 || ++i == WORDS_COUNT) {
            break;
        }
        word = words[i];
    }
    return found;
}

/* Whether two chunks hold the same ids, in whatever form. */
int chunk_equal(const Chunk *a, const Chunk *b) {
    if (a->count != b->count || a == b) {
        return a == b;
    }
    if (is_words(a) && is_words(b)) {
        return memcmp(chunk_words(a), chunk_words(b), WORDS_COUNT * sizeof(uint64_t)) == 0;
    }
    if (!is_words(a) && !is_words(b)) {
        return memcmp(chunk_ids(a), chunk_ids(b), a->count * sizeof(uint16_t)) == 0;
    }
    const Chunk *array = is_words(a) ? b : a, *words = is_words(a) ? a : b;
    for (uint32_t i = 0; i < array->count; i++) {
        if (!chunk_has(words, chunk_ids(array)[i])) {
            return 0;
        }
    }
    return 1;
}
