/* The rank of a head among a node's, and tags that are equal: loops without branches, compiled for
 * several processors.
 *
 * All words are compared and the outcomes counted: no branch to mispredict, and the loads do not
 * wait for each other.  The x86-64 baseline cannot compare vectors of 64-bit words, so the loops are
 * compiled again for AVX2 and AVX-512, and the best is chosen when the kernel is loaded.
 */
#include "btree.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_CLONES 1
#include <immintrin.h>
#endif

/* The bodies stand in macros: a compiler may take vectors of an inlined function apart before it
 * knows for which processor. */
#if defined(__GNUC__) || defined(__clang__)

/* Eight words at a time; the compiler splits them where registers are shorter. */
typedef int64_t Lanes __attribute__((vector_size(8 * GRAIN), aligned(8), may_alias));

#define RANK(rank, word_count, outcome)                                                            \
    Lanes rank##_lanes = {0};                                                                      \
    for (unsigned at = 0; at < (word_count); at += GRAIN) {                                        \
        rank##_lanes -= (outcome); /* True is -1. */                                               \
    }                                                                                              \
    unsigned rank = 0;                                                                             \
    for (unsigned lane = 0; lane < GRAIN; lane++) {                                                \
        rank += (unsigned)rank##_lanes[lane];                                                      \
    }
#define WORDS(column) (*(const Lanes *)((column) + at))

#else

#define RANK(rank, word_count, outcome)                                                            \
    unsigned rank = 0;                                                                             \
    for (unsigned at = 0; at < (word_count); at++) {                                               \
        rank += (outcome);                                                                         \
    }
#define WORDS(column) ((column)[at])

#endif

#define ARE_BELOW(highs, lows)                                                                     \
    ((WORDS(highs) < head.high) | ((WORDS(highs) == head.high) & (WORDS(lows) < head.low)))

/* The children among which one is wanted: their slots are read when the rank is known. */
static inline void fetch_slots(const Node *inner, unsigned from) {
    const Slot *slots = inner_slots(inner) + from;
    prefetch(slots);
    prefetch(slots + LINE_BYTES / sizeof(Slot));
}

#define DEFINE_RANKS(suffix, attributes)                                                           \
    attributes static unsigned highs_##suffix(const Node *leaf, int64_t high) {                    \
        const int64_t *highs = node_highs(leaf);                                                   \
        RANK(rank, leaf->count, WORDS(highs) < high);                                              \
        return rank;                                                                               \
    }                                                                                              \
    attributes static unsigned heads_##suffix(const Node *inner, Head head) {                      \
        const int64_t *pivots = inner->words;                                                      \
        RANK(line, PIVOT_COUNT, ARE_BELOW(pivots, pivots + PIVOT_COUNT));                          \
        unsigned from = line * GRAIN;                                                              \
        if (from >= inner->count) {                                                                \
            return from;                                                                           \
        }                                                                                          \
        fetch_slots(inner, from);                                                                  \
        const int64_t *highs = node_highs(inner) + from, *lows = node_lows(inner) + from;          \
        RANK(rank, GRAIN, ARE_BELOW(highs, lows));                                                 \
        return from + rank;                                                                        \
    }

DEFINE_RANKS(portable, )
#ifdef HAS_CLONES
DEFINE_RANKS(avx2, __attribute__((target("avx2"))))

/* With AVX-512 a compare leaves a bit for each word.  Of a leaf, 8, 32 or FAN_OUT words are compared,
 * in a row without a loop: what lies behind the column belongs to the same leaf, which has at least
 * 2 more columns as wide unless it holds 8 or fewer, and its bits are cleared. */
#define ON_AVX512 __attribute__((target("avx512f,popcnt")))

ON_AVX512 static inline uint64_t highs_below(const int64_t *highs, __m512i high) {
    return _mm512_cmplt_epi64_mask(_mm512_loadu_si512(highs), high);
}

ON_AVX512 static unsigned highs_avx512(const Node *leaf, int64_t high) {
    const int64_t *highs = node_highs(leaf);
    unsigned count = leaf->count;
    __m512i wanted = _mm512_set1_epi64(high);
#define BELOW(at) (highs_below(highs + (at), wanted) << (at))
    uint64_t bits = BELOW(0);
    if (count > GRAIN) {
        bits |= BELOW(8) | BELOW(16) | BELOW(24);
    }
    if (count > 32) {
        bits |= BELOW(32) | BELOW(40) | BELOW(48) | BELOW(56);
    }
#undef BELOW
    return (unsigned)__builtin_popcountll(count < 64 ? bits & ((UINT64_C(1) << count) - 1) : bits);
}

ON_AVX512 static inline unsigned heads_below(const int64_t *highs, const int64_t *lows,
                                             __m512i high, __m512i low) {
    __m512i words = _mm512_loadu_si512(highs);
    __mmask8 equal = _mm512_cmpeq_epi64_mask(words, high);
    unsigned bits = _mm512_cmplt_epi64_mask(words, high) |
                    _mm512_mask_cmplt_epi64_mask(equal, _mm512_loadu_si512(lows), low);
    return (unsigned)__builtin_popcount(bits);
}

ON_AVX512 static unsigned heads_avx512(const Node *inner, Head head) {
    __m512i high = _mm512_set1_epi64(head.high), low = _mm512_set1_epi64(head.low);
    const int64_t *pivots = inner->words;
    unsigned from = GRAIN * heads_below(pivots, pivots + PIVOT_COUNT, high, low);
    if (from >= inner->count) {
        return from;
    }
    fetch_slots(inner, from);
    return from + heads_below(node_highs(inner) + from, node_lows(inner) + from, high, low);
}
#endif

/* Which of FAN_OUT tags are this one, a bit for each. */
uint64_t tags_equal(const uint8_t *tags, uint8_t tag) {
    uint64_t equal = 0;
#ifdef HAS_CLONES
    __m128i wanted = _mm_set1_epi8((char)tag); /* Of the x86-64 baseline. */
    for (unsigned at = 0; at < FAN_OUT; at += sizeof wanted) {
        __m128i some = _mm_load_si128((const __m128i *)(tags + at));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(some, wanted));
        equal |= (uint64_t)bits << at;
    }
#else
    for (unsigned at = 0; at < FAN_OUT; at++) {
        equal |= (uint64_t)(tags[at] == tag) << at;
    }
#endif
    return equal;
}

unsigned (*rank_highs)(const Node *leaf, int64_t high) = highs_portable;
unsigned (*rank_heads)(const Node *inner, Head head) = heads_portable;

typedef struct {
    const char *name;
    unsigned (*highs)(const Node *leaf, int64_t high);
    unsigned (*heads)(const Node *inner, Head head);
} Ranks;

static const Ranks variants[] = {
#ifdef HAS_CLONES
    {"avx512f", highs_avx512, heads_avx512},
    {"avx2", highs_avx2, heads_avx2},
#endif
    {"portable", highs_portable, heads_portable},
};

/* Whether this processor can run a variant; the builtin wants a literal. */
static int is_supported(const char *name) {
#ifdef HAS_CLONES
    __builtin_cpu_init();
    if (strcmp(name, "avx512f") == 0) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("popcnt");
    }
    if (strcmp(name, "avx2") == 0) {
        return __builtin_cpu_supports("avx2");
    }
#endif
    return strcmp(name, "portable") == 0;
}

/* Use the best variant that this processor has, or the one named; 0 when it has none such. */
int rank_choose(const char *name) {
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        const Ranks *ranks = &variants[i];
        if ((name == NULL || strcmp(name, ranks->name) == 0) && is_supported(ranks->name)) {
            rank_highs = ranks->highs;
            rank_heads = ranks->heads;
            return 1;
        }
    }
    return 0;
}
