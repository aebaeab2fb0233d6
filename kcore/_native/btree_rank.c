/* The rank of a head among a node's: loops without branches, compiled for several processors.
 *
 * All words are compared and the outcomes counted: no branch to mispredict, and the loads do not
 * wait for each other.  The x86-64 baseline cannot compare vectors of 64-bit words, so the loops are
 * compiled again for AVX2 and AVX-512, and the best is chosen when the kernel is loaded.
 */
#include "btree.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_CLONES 1
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
DEFINE_RANKS(avx512, __attribute__((target("avx512f,prefer-vector-width=512"))))
#endif

unsigned (*rank_highs)(const int64_t *highs, unsigned count, int64_t high) = highs_portable;
unsigned (*rank_heads)(const int64_t *highs, const int64_t *lows, unsigned count,
                       Head head) = heads_portable;

void rank_choose(void) {
#ifdef HAS_CLONES
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        rank_highs = highs_avx512;
        rank_heads = heads_avx512;
    } else if (__builtin_cpu_supports("avx2")) {
        rank_highs = highs_avx2;
        rank_heads = heads_avx2;
    }
#endif
}
