/* Loops over the 1024 words of a chunk, compiled for several processors and chosen at start.
 *
 * The source of a loop is one; the compiler turns it into vector code per target. Bits are counted
 * with the well-known sums of neighbours, which compilers know to replace by an instruction where
 * there is one, and which vectorise where there is none.
 */
#include "postings.h"

static inline __attribute__((always_inline)) uint64_t bits_in(uint64_t word) {
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (word * 0x0101010101010101u) >> 56;
}

#define LAST_BIT ((uint64_t)1 << 63) /* Counting zeros of no bits at all is undefined. */

#define LOOP(TARGET, NAME, EXPRESSION)                                                         \
    TARGET static uint32_t NAME(uint64_t *out, const uint64_t *a, const uint64_t *b) {         \
        uint64_t total = 0;                                                                    \
        for (int i = 0; i < WORDS_COUNT; i++) {                                                \
            uint64_t word = EXPRESSION;                                                        \
            out[i] = word;                                                                     \
            total += BITS_IN(word);                                                            \
        }                                                                                      \
        return (uint32_t)total;                                                                \
    }

#define COUNT_LOOPS(TARGET, NAME)                                                              \
    TARGET static uint32_t NAME##_count_both(const uint64_t *a, const uint64_t *b) {           \
        uint64_t total = 0;                                                                    \
        for (int i = 0; i < WORDS_COUNT; i++) {                                                \
            total += BITS_IN(a[i] & b[i]);                                                     \
        }                                                                                      \
        return (uint32_t)total;                                                                \
    }                                                                                          \
    TARGET static uint32_t NAME##_count(const uint64_t *a) {                                   \
        uint64_t total = 0;                                                                    \
        for (int i = 0; i < WORDS_COUNT; i++) {                                                \
            total += BITS_IN(a[i]);                                                            \
        }                                                                                      \
        return (uint32_t)total;                                                                \
    }

/* Empty words are passed over and the first bits of others read without a branch, since
 * nobody could predict which words are hit where there are few ids. */
#define READ_LOOP(TARGET, NAME)                                                                \
    TARGET static void NAME##_read(const uint64_t *words, uint16_t *out) {                     \
        uint16_t taken[WORDS_COUNT];                                                           \
        uint32_t count = 0;                                                                    \
        for (int i = 0; i < WORDS_COUNT; i++) {                                                \
            taken[count] = (uint16_t)i;                                                        \
            count += words[i] != 0;                                                            \
        }                                                                                      \
        for (uint32_t i = 0; i < count; i++) {                                                 \
            uint64_t word = words[taken[i]];                                                   \
            uint32_t bits = (uint32_t)BITS_IN(word);                                           \
            uint16_t *next = out + bits;                                                       \
            for (int j = 0; j < READ_SLACK_COUNT; j++) {                                       \
                out[j] = (uint16_t)(taken[i] << 6 | __builtin_ctzll(word | LAST_BIT));         \
                word &= word - 1;                                                              \
            }                                                                                  \
            for (out += READ_SLACK_COUNT; word != 0; word &= word - 1) {                       \
                *out++ = (uint16_t)(taken[i] << 6 | __builtin_ctzll(word));                    \
            }                                                                                  \
            out = next;                                                                        \
        }                                                                                      \
    }

/* The long array is passed in blocks, each compared with an id at once. */
#define FILTER_LOOP(TARGET, NAME)                                                              \
    TARGET static uint32_t NAME##_filter(const uint16_t *few, uint32_t few_count,              \
                                         const uint16_t *many, uint32_t block_count,           \
                                         int wanted, uint16_t *out, uint32_t *left) {          \
        uint32_t found = 0, i = 0;                                                             \
        for (uint32_t block = 0; block < block_count && i < few_count; block++) {              \
            const uint16_t *ids = many + block * BLOCK_COUNT;                                  \
            for (uint16_t last = ids[BLOCK_COUNT - 1]; i < few_count && few[i] <= last; i++) { \
                uint16_t is_there = 0;                                                         \
                for (int j = 0; j < BLOCK_COUNT; j++) {                                        \
                    is_there |= (uint16_t)(ids[j] == few[i]);                                  \
                }                                                                              \
                out[found] = few[i];                                                           \
                found += (is_there != 0) == wanted;                                            \
            }                                                                                  \
        }                                                                                      \
        *left = few_count - i;                                                                 \
        return found;                                                                          \
    }

#define LOOPS(TARGET, NAME)                                                                    \
    LOOP(TARGET, NAME##_both, a[i] & b[i])                                                     \
    LOOP(TARGET, NAME##_either, a[i] | b[i])                                                   \
    LOOP(TARGET, NAME##_without, a[i] & ~b[i])                                                 \
    LOOP(TARGET, NAME##_one, a[i] ^ b[i])                                                      \
    COUNT_LOOPS(TARGET, NAME)                                                                  \
    READ_LOOP(TARGET, NAME)                                                                    \
    FILTER_LOOP(TARGET, NAME)                                                                  \
    static const WordLoops NAME = {#NAME,      NAME##_both,       NAME##_either, NAME##_without, \
                                   NAME##_one, NAME##_count_both, NAME##_count,  NAME##_read,   \
                                   NAME##_filter};

#define BITS_IN bits_in
LOOPS(, portable)
#undef BITS_IN

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_TARGETS 1
#define BITS_IN (uint64_t) __builtin_popcountll
LOOPS(__attribute__((target("avx2,popcnt"))), avx2)
LOOPS(__attribute__((target("avx512f,avx512vl,avx512bw,avx512vpopcntdq,popcnt,prefer-vector-width=512"))),
      avx512)
#undef BITS_IN
#endif

const WordLoops *word_loops = &portable;

/* Choose the loops called `wanted`, or the best (NULL). Whether this processor can run them. */
int words_ready(const char *wanted) {
#ifdef HAS_TARGETS
    int has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vpopcntdq");
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    if (has_avx512 && (wanted == NULL || strcmp(wanted, "avx512") == 0)) {
        word_loops = &avx512;
        return 1;
    }
    if (has_avx2 && (wanted == NULL || strcmp(wanted, "avx2") == 0)) {
        word_loops = &avx2;
        return 1;
    }
#endif
    if (wanted == NULL || strcmp(wanted, "portable") == 0) {
        word_loops = &portable;
        return 1;
    }
    return 0;
}
