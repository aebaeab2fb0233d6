/* The rank of a head among a node's, and tags that are equal: loops without branches, compiled for several processors.
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

#define RANK(outcome)                                                                              \
    Lanes below = {0};                                                                             \
    for (unsigned at = 0; at < count; at += GRAIN) {                                               \
        below -= (outcome); /* True is -1. */                                                      \
    }                                                                                              \
    return (unsigned)(below[0] + below[1] + below[2] + below[3] + below[4] + below[5] + below[6] + \
                      below[7])
#define WORDS(column) (*(const Lanes *)(column + at))

#else

#define RANK(outcome)                                                                              \
    unsigned below = 0;                                                                            \
    for (unsigned at = 0; at < count; at++) {                                                      \
        below += (outcome);                                                                        \
    }                                                                                              \
    return below
#define WORDS(column) (column[at])

#endif

#define DEFINE_RANKS(suffix, attributes)                                                           \
    attributes static unsigned highs_##suffix(const int64_t *highs, unsigned count,                \
                                              int64_t high) {                                      \
        RANK(WORDS(highs) < high);                                                                 \
    }                                                                                              \
    attributes static unsigned heads_##suffix(const int64_t *highs, const int64_t *lows,           \
                                              unsigned count, Head head) {                         \
        RANK((WORDS(highs) < head.high) |                                                          \
             ((WORDS(highs) == head.high) & (WORDS(lows) < head.low)));                            \
    }

DEFINE_RANKS(portable, )
#ifdef HAS_CLONES
DEFINE_RANKS(avx2, __attribute__((target("avx2"))))

/* With AVX-512 a compare leaves a bit for each word.  All of FAN_OUT words are compared whatever the
 * count, in a row without a loop: what lies behind the column belongs to the same node, which has
 * at least 5 columns of 16 words unless it holds 8 or fewer, and its bits are cleared. */
#define ON_AVX512 __attribute__((target("avx512f,popcnt")))

ON_AVX512 static inline uint64_t highs_below(const int64_t *highs, __m512i high) {
    return _mm512_cmplt_epi64_mask(_mm512_loadu_si512(highs), high);
}

ON_AVX512 static inline uint64_t heads_below(const int64_t *highs, const int64_t *lows,
                                             __m512i high, __m512i low) {
    __m512i words = _mm512_loadu_si512(highs);
    __mmask8 equal = _mm512_cmpeq_epi64_mask(words, high);
    return _mm512_cmplt_epi64_mask(words, high) |
           _mm512_mask_cmplt_epi64_mask(equal, _mm512_loadu_si512(lows), low);
}

#define RANK_BITS(below)                                                                           \
    uint64_t bits = below(0);                                                                      \
    if (count > GRAIN) {                                                                           \
        bits |= below(8) << 8 | below(16) << 16 | below(24) << 24;                                 \
        bits |= below(32) << 32 | below(40) << 40 | below(48) << 48 | below(56) << 56;             \
    }                                                                                              \
    return (unsigned)__builtin_popcountll(count < 64 ? bits & ((UINT64_C(1) << count) - 1) : bits)

ON_AVX512 static unsigned highs_avx512(const int64_t *highs, unsigned count, int64_t high) {
    __m512i wanted = _mm512_set1_epi64(high);
#define BELOW(at) highs_below(highs + (at), wanted)
    RANK_BITS(BELOW);
#undef BELOW
}

ON_AVX512 static unsigned heads_avx512(const int64_t *highs, const int64_t *lows, unsigned count,
                                       Head head) {
    __m512i high = _mm512_set1_epi64(head.high), low = _mm512_set1_epi64(head.low);
#define BELOW(at) heads_below(highs + (at), lows + (at), high, low)
    RANK_BITS(BELOW);
#undef BELOW
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

unsigned (*rank_highs)(const int64_t *highs, unsigned count, int64_t high) = highs_portable;
unsigned (*rank_heads)(const int64_t *highs, const int64_t *lows, unsigned count,
                       Head head) = heads_portable;

typedef struct {
    const char *name;
    unsigned (*highs)(const int64_t *highs, unsigned count, int64_t high);
    unsigned (*heads)(const int64_t *highs, const int64_t *lows, unsigned count, Head head);
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
