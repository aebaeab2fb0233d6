/* Sets of 32-bit ids: chunks in order, made one by one, read and changed. */
#include "postings.h"

Set *set_empty; /* Everybody's, so it is always copied before it is changed. */

int sets_ready(void) {
    if (set_empty == NULL) {
        set_empty = set_alloc(0);
    }
    return set_empty == NULL ? -1 : 0;
}

Set *set_alloc(uint32_t capacity) {
    Set *set = PyMem_Malloc(sizeof(Set) + capacity * sizeof(Part));
    if (set != NULL) {
        *set = (Set){1, 0, capacity, 0, 0};
    }
    return set;
}

void set_drop(Set *set) {
    if (--set->use_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < set->part_count; i++) {
        chunk_drop(set->parts[i].chunk);
    }
    PyMem_Free(set);
}

/* Let *place be a set of nobody else's with room for `more` parts; -1 without memory. */
static int set_own(Set **place, uint32_t more) {
    Set *set = *place;
    uint32_t needed = set->part_count + more;
    if (set->use_count == 1 && needed <= set->capacity) {
        return 0;
    }
    uint32_t capacity = needed <= set->capacity ? set->capacity : needed + needed / 2;
    if (set->use_count == 1) {
        set = PyMem_Realloc(set, sizeof(Set) + capacity * sizeof(Part));
        if (set == NULL) {
            return -1;
        }
        set->capacity = capacity;
        *place = set;
        return 0;
    }
    Set *twin = set_alloc(capacity);
    if (twin == NULL) {
        return -1;
    }
    twin->part_count = set->part_count;
    twin->count = set->count;
    memcpy(twin->parts, set->parts, set->part_count * sizeof(Part));
    for (uint32_t i = 0; i < twin->part_count; i++) {
        chunk_use(twin->parts[i].chunk);
    }
    set->use_count--;
    *place = twin;
    return 0;
}

/* Give a set of nobody else's its next chunk; takes the caller's use, also on failure (-1). */
int set_push(Set **place, uint32_t high, Chunk *chunk) {
    CHECK((*place)->part_count == 0 || (*place)->parts[(*place)->part_count - 1].high < high);
    if (set_own(place, 1) < 0) {
        chunk_drop(chunk);
        return -1;
    }
    Set *set = *place;
    set->parts[set->part_count++] = (Part){chunk, high};
    set->count += chunk->count;
    return 0;
}

/* The first part whose high bits are not below `high`. */
uint32_t set_part(const Set *set, uint32_t high) {
    uint32_t low = 0, end = set->part_count;
    if (end == 0 || set->parts[end - 1].high < high) {
        return end;
    }
    while (low < end) {
        uint32_t middle = (low + end) / 2;
        if (set->parts[middle].high < high) {
            low = middle + 1;
        } else {
            end = middle;
        }
    }
    return low;
}

int set_has(const Set *set, uint32_t id) {
    uint32_t part = set_part(set, id >> CHUNK_BITS);
    return part < set->part_count && set->parts[part].high == id >> CHUNK_BITS &&
           chunk_has(set->parts[part].chunk, (uint16_t)id);
}

/* 1: added, 0: was there, -1: no memory and nothing changed. */
int set_add(Set **place, uint32_t id) {
    uint32_t high = id >> CHUNK_BITS, part = set_part(*place, high);
    int is_new = part == (*place)->part_count || (*place)->parts[part].high != high;
    if (!is_new && (*place)->use_count > 1 && set_has(*place, id)) {
        return 0;
    }
    if (set_own(place, (uint32_t)is_new) < 0) {
        return -1;
    }
    Set *set = *place;
    if (is_new) {
        Chunk *chunk = array_alloc(0);
        if (chunk == NULL) {
            return -1;
        }
        memmove(set->parts + part + 1, set->parts + part, (set->part_count - part) * sizeof(Part));
        set->parts[part] = (Part){chunk, high};
        set->part_count++;
    }
    int added = chunk_add(&set->parts[part].chunk, (uint16_t)id);
    CHECK(!is_new || added == 1); /* There was room. */
    set->count += added > 0;
    return added;
}

/* 1: taken out, 0: was not there, -1: no memory and nothing changed. May leave it empty. */
int set_discard(Set **place, uint32_t id) {
    uint32_t high = id >> CHUNK_BITS, part = set_part(*place, high);
    if (part == (*place)->part_count || (*place)->parts[part].high != high ||
        ((*place)->use_count > 1 && !chunk_has((*place)->parts[part].chunk, (uint16_t)id))) {
        return 0;
    }
    if (set_own(place, 0) < 0) {
        return -1;
    }
    Set *set = *place;
    int removed = chunk_discard(&set->parts[part].chunk, (uint16_t)id);
    if (removed <= 0) {
        return removed;
    }
    set->count--;
    if (set->parts[part].chunk->count == 0) {
        chunk_drop(set->parts[part].chunk);
        set->part_count--;
        memmove(set->parts + part, set->parts + part + 1,
                (set->part_count - part) * sizeof(Part));
    }
    return 1;
}

/* How many ids are below `id`. */
uint64_t set_rank(const Set *set, uint32_t id) {
    uint64_t below = 0;
    uint32_t part = set_part(set, id >> CHUNK_BITS);
    for (uint32_t i = 0; i < part; i++) {
        below += set->parts[i].chunk->count;
    }
    if (part < set->part_count && set->parts[part].high == id >> CHUNK_BITS) {
        below += chunk_rank(set->parts[part].chunk, (uint16_t)id);
    }
    return below;
}

/* The id at a place that exists. */
uint32_t set_select(const Set *set, uint64_t position) {
    const Part *part = set->parts;
    while (position >= part->chunk->count) {
        position -= part->chunk->count;
        part++;
    }
    return part->high << CHUNK_BITS | chunk_select(part->chunk, (uint32_t)position);
}

int set_equal(const Set *a, const Set *b) {
    if (a == b) {
        return 1;
    }
    if (a->count != b->count || a->part_count != b->part_count) {
        return 0;
    }
    for (uint32_t i = 0; i < a->part_count; i++) {
        if (a->parts[i].high != b->parts[i].high ||
            !chunk_equal(a->parts[i].chunk, b->parts[i].chunk)) {
            return 0;
        }
    }
    return 1;
}

static int chunk_check(const Chunk *chunk) {
    if (chunk->use_count == 0 || chunk->count == 0) {
        return 0;
    }
    if (is_words(chunk)) {
        return chunk->count > WORDS_COUNT_MIN && chunk->count <= 1 << CHUNK_BITS &&
               word_loops->count(chunk_words(chunk)) == chunk->count;
    }
    for (uint32_t i = 1; i < chunk->count; i++) {
        if (chunk_ids(chunk)[i - 1] >= chunk_ids(chunk)[i]) {
            return 0;
        }
    }
    return chunk->count <= chunk->capacity && chunk->count <= ARRAY_COUNT_MAX;
}

/* Whether everything that must hold of a set does. O(n). */
int set_check(const Set *set) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < set->part_count; i++) {
        if ((i > 0 && set->parts[i - 1].high >= set->parts[i].high) ||
            set->parts[i].high >= 1 << CHUNK_BITS || !chunk_check(set->parts[i].chunk)) {
            return 0;
        }
        count += set->parts[i].chunk->count;
    }
    return set->use_count > 0 && set->part_count <= set->capacity && count == set->count;
}
