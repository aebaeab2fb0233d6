/* The rank of a word among a node's: one loop, compiled for several processors.
 *
 * All words are compared and the outcomes summed: no branch to mispredict, and the loads do not
 * wait for each other.  The x86-64 baseline cannot compare vectors of 64-bit words, so the loop is
 * compiled again for AVX2 and AVX-512, and the best is chosen when the kernel is loaded.
 */
#include "btree.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_CLONES 1
#endif

#if defined(__GNUC__) || defined(__clang__)
#define INLINED static inline __attribute__((always_inline))

/* Eight words at a time; the compiler splits them where registers are shorter. */
typedef int64_t Lanes __attribute__((vector_size(8 * GRAIN), aligned(8), may_alias));

INLINED Span sums(Lanes below, Lanes through) {
    int64_t below_sum = 0, through_sum = 0;
    for (unsigned i = 0; i < GRAIN; i++) {
        below_sum += below[i];
        through_sum += through[i];
    }
    return (Span){(unsigned)below_sum, (unsigned)through_sum};
}

INLINED Span highs_body(const int64_t *highs, unsigned count, int64_t high) {
    Lanes below = {0}, through = {0};
    for (unsigned block = 0; block < count; block += GRAIN) {
        Lanes lanes = *(const Lanes *)(highs + block);
        below -= lanes < high; /* True is -1. */
        through -= lanes <= high;
    }
    return sums(below, through);
}

INLINED Span heads_body(const int64_t *highs, const int64_t *lows, unsigned count, Head head) {
    Lanes below = {0}, through = {0};
    for (unsigned block = 0; block < count; block += GRAIN) {
        Lanes high = *(const Lanes *)(highs + block), low = *(const Lanes *)(lows + block);
        Lanes less = high < head.high, equal = high == head.high;
        below -= less | (equal & (low < head.low));
        through -= less | (equal & (low <= head.low));
    }
    return sums(below, through);
}
#else
#define INLINED static inline

INLINED Span highs_body(const int64_t *highs, unsigned count, int64_t high) {
    Span span = {0, 0};
    for (unsigned i = 0; i < count; i++) {
        span.below += highs[i] < high;
        span.through += highs[i] <= high;
    }
    return span;
}

INLINED Span heads_body(const int64_t *highs, const int64_t *lows, unsigned count, Head head) {
    Span span = {0, 0};
    for (unsigned i = 0; i < count; i++) {
        int less = highs[i] < head.high, equal = highs[i] == head.high;
        span.below += less | (equal & (lows[i] < head.low));
        span.through += less | (equal & (lows[i] <= head.low));
    }
    return span;
}
#endif

#define DEFINE_RANKS(suffix, attributes)                                                           \
    attributes static Span highs_##suffix(const int64_t *highs, unsigned count, int64_t high) {    \
        return highs_body(highs, count, high);                                                     \
    }                                                                                              \
    attributes static Span heads_##suffix(const int64_t *highs, const int64_t *lows,               \
                                          unsigned count, Head head) {                             \
        return heads_body(highs, lows, count, head);                                               \
    }

DEFINE_RANKS(portable, )
#ifdef HAS_CLONES
DEFINE_RANKS(avx2, __attribute__((target("avx2"))))
DEFINE_RANKS(avx512, __attribute__((target("avx512f,prefer-vector-width=512"))))
#endif

Span (*rank_highs)(const int64_t *highs, unsigned count, int64_t high) = highs_portable;
Span (*rank_heads)(const int64_t *highs, const int64_t *lows, unsigned count,
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
