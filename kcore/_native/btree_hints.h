/* What C cannot say and compilers offer: which lines of memory to fetch before they are wanted, and
 * where the lowest bit is; a part of btree.h. */
#ifndef KCORE_BTREE_HINTS_H
#define KCORE_BTREE_HINTS_H

/* Fetch a line that is soon wanted. */
static inline void prefetch(const void *place) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place);
#else
    (void)place;
#endif
}

/* The same, to count a reference in it. */
static inline void prefetch_to_write(const void *place) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place, 1);
#else
    (void)place;
#endif
}

/* The same into the second cache only: hundreds of lines more come before it is wanted. */
static inline void prefetch_for_later(const void *place) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place, 0, 2);
#else
    (void)place;
#endif
}

/* Of bits that are not all 0. */
static inline unsigned lowest_bit(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned index = 0;
    while ((bits >> index & 1) == 0) {
        index++;
    }
    return index;
#endif
}

#endif
