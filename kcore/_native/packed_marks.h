/* How good each row of a table is for a demand, as one byte: 0 closed, else 1 + worth.
 *
 * A row has capacities and used amounts. Worth is up to two numbers from 0 to 100, weighted:
 *
 *     room     the share of two capacities that stays free, in whole per cent, averaged
 *     balance  50 + half of the change of evenness of the two used shares
 *
 * in whole-number arithmetic for the first and doubles for the second. Amounts are whole doubles
 * below 2**53: the quotient of two such doubles, rounded down, is the whole quotient.
 *
 * What the loop over all rows costs is division and memory. It looks at rows whose capacities lie
 * below 2**42 (any other is odd, and marked by itself), and is exact without dividing:
 *
 *     room   left * K * inverse, rounded down, where inverse is 1 / capacity to the nearest double
 *            and K is 100 and 7.68 units of 2**-53 more. Each of the three roundings errs by one
 *            such unit, so the product lies above the true quotient by a share of 4.6 to 10.8
 *            units, which is less than 1080 * 2**-53 < 2**-42. The next whole number is at least
 *            1 / capacity > 2**-42 away.
 *     share  x * inverse is wrong by at most two units in the last place. Its rest is a whole
 *            number of such units, below 2**44 of them, so that a fused multiply-add finds it
 *            exactly; the rest times the inverse corrects the quotient to 2**-52 of a unit. No
 *            quotient of such amounts is that near the middle of two doubles, nor in the middle:
 *            rounding gives what a division gives (Markstein). Without fused multiply-add the
 *            loop divides.
 *
 * Of memory it reads 37 bytes a row: the first resource (milli-CPUs, below 2**30) as 32-bit numbers,
 * its inverse too, and the weighed amounts only in blocks where some row's differ from the used
 * ones. An inverse i of 24 digits errs by a share e of at most 2**-24; i + i * (1 - capacity * i) by
 * e * e <= 2**-48, downwards. Against that K is a share of 2**-46 too great for this resource: the
 * product lies less than 2**-39 above the quotient, the next whole number more than 2**-30. The
 * share is wrong by 2**6 units before its correction and by 2**-41 after it; the middle of two
 * doubles is 2**-32 away.
 *
 * Which loop runs is decided once, by the processor at hand; all give the same bytes. Nothing here
 * contracts a product and a sum by itself (-ffp-contract=off), or the results would depend on the
 * processor.
 */

#ifndef KCORE_PACKED_MARKS_H
#define KCORE_PACKED_MARKS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MARKS_BLOCK 256
#define MARKS_PEAK 64
#define MARKS_RESOURCES_MAX 32
#define MARKS_FULL 255
#define MARKS_PER_CENT (100.0 * (1.0 + 0x1p-50))
#define MARKS_PER_CENT_ROUGH (100.0 * (1.0 + 0x1p-46))

typedef struct {
    const double *capacity[2], *inverse, *used[2], *weighed[2]; /* the second one's inverse */
    const float *rough_inverse;                                /* the first one's */
    const int32_t *slots, *count;
    /* What follows from those. */
    int32_t *narrow[3]; /* the first resource's capacity, used and weighed amount */
    uint8_t *before;    /* evenness now, 0..100, or MARKS_FULL: no slot is free */
    uint8_t *apart;     /* per block: some row's weighed amounts differ from the used ones */
    int64_t row_count;
} MarkColumns;

typedef struct {
    double needs[2];   /* must be free; a negative amount is not asked about */
    double weighs[2];  /* added before the free share is taken */
    double uses[2];    /* added before evenness is taken */
    int room_weight, balance_weight;
} MarkDemand;

/* An amount in 32 bits. Capacities below 2**30 are more than filled by the greatest number. */
static inline int32_t marks_narrow(double amount) {
    if (!(amount > 0)) return 0;
    return amount < INT32_MAX ? (int32_t)amount : INT32_MAX;
}

#define MARKS_DIVIDED(x, capacity, inverse) ((x) / (capacity))
#define MARKS_LESS_HALF(x) (1.0 - (x) * 0.5)
#define MARKS_TWICE(inverse, capacity) ((inverse) + (inverse) * (1.0 - (capacity) * (inverse)))

#define MARKS_NAME marks_plain
#define MARKS_TARGET
#define MARKS_QUOTIENT MARKS_DIVIDED
#define MARKS_EVEN MARKS_LESS_HALF
#define MARKS_REFINED MARKS_TWICE
#include "packed_marks.inc.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MARKS_DISPATCH 1

static inline __attribute__((always_inline)) double marks_corrected(double x, double capacity,
                                                                    double inverse) {
    const double quotient = x * inverse;
    return __builtin_fma(__builtin_fma(-quotient, capacity, x), inverse, quotient);
}

static inline __attribute__((always_inline)) double marks_refined(double inverse,
                                                                  double capacity) {
    return __builtin_fma(inverse, __builtin_fma(-capacity, inverse, 1.0), inverse);
}

/* Halving is exact, so this rounds once, as the subtraction does. */
#define MARKS_FUSED_HALF(x) __builtin_fma(-0.5, (x), 1.0)

#define MARKS_NAME marks_avx2
#define MARKS_TARGET __attribute__((target("avx2,fma")))
#define MARKS_QUOTIENT marks_corrected
#define MARKS_EVEN MARKS_FUSED_HALF
#define MARKS_REFINED marks_refined
#include "packed_marks.inc.h"

#define MARKS_NAME marks_avx512
#define MARKS_TARGET                                                                              \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma,prefer-vector-width=512")))
#define MARKS_QUOTIENT marks_corrected
#define MARKS_EVEN MARKS_FUSED_HALF
#define MARKS_REFINED marks_refined
#include "packed_marks.inc.h"
#endif

typedef void (*MarksLoop)(const MarkColumns *, const MarkDemand *, const uint8_t *, uint8_t *,
                          int64_t);

/* The loop for this processor, and its name. */
static MarksLoop marks_loop(const char **name) {
#ifdef MARKS_DISPATCH
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
        *name = "avx512";
        return marks_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        *name = "avx2";
        return marks_avx2;
    }
#endif
    *name = "plain";
    return marks_plain;
}

/* How even two used shares are: 100 when equal. A capacity of 0 has no share. */
static inline int marks_evenness(double x, double a, double y, double b) {
    if (a == 0 || b == 0) return 100;
    double share_a = x / a, share_b = y / b;
    share_a = share_a < 1.0 ? share_a : 1.0;
    share_b = share_b < 1.0 ? share_b : 1.0;
    return (int)((1.0 - fabs((share_a - share_b) / 2)) * 100);
}

/* From now on a block's weighed amounts are read, and must be there. */
static void marks_part(const MarkColumns *columns, int64_t block) {
    const int64_t first = block * MARKS_BLOCK;
    columns->apart[block] = 1;
    for (int64_t row = first; row < columns->row_count && row < first + MARKS_BLOCK; row++)
        columns->narrow[2][row] = marks_narrow(columns->weighed[0][row]);
}

/* Work out again what follows from a row's used and weighed amounts and its slots. */
static inline void marks_measure(const MarkColumns *columns, int64_t row) {
    const double x = columns->used[0][row], y = columns->used[1][row];
    columns->narrow[1][row] = marks_narrow(x);
    if (columns->apart[row / MARKS_BLOCK])
        columns->narrow[2][row] = marks_narrow(columns->weighed[0][row]);
    else if (x != columns->weighed[0][row] || y != columns->weighed[1][row])
        marks_part(columns, row / MARKS_BLOCK);
    columns->before[row] = MARKS_FULL;
    if (columns->count[row] < columns->slots[row])
        columns->before[row] = (uint8_t)marks_evenness(x, columns->capacity[0][row], y,
                                                       columns->capacity[1][row]);
}

/* The mark of one row, as the loops compute it. */
static inline uint8_t marks_one(const MarkColumns *columns, const MarkDemand *demand, int64_t row) {
    const double a = columns->capacity[0][row], b = columns->capacity[1][row];
    const double x = columns->used[0][row], y = columns->used[1][row];
    if (columns->before[row] == MARKS_FULL || x + demand->needs[0] > a || y + demand->needs[1] > b) return 0;
    double left_a = a - (columns->weighed[0][row] + demand->weighs[0]);
    double left_b = b - (columns->weighed[1][row] + demand->weighs[1]);
    left_a = left_a > 0 ? left_a : 0;
    left_b = left_b > 0 ? left_b : 0;
    const int room = (int)(left_a * 100.0 / a) + (int)(left_b * 100.0 / b);
    double share_a = (x + demand->uses[0]) / a, share_b = (y + demand->uses[1]) / b;
    share_a = share_a < 1.0 ? share_a : 1.0;
    share_b = share_b < 1.0 ? share_b : 1.0;
    const int after = (int)((1.0 - fabs((share_a - share_b) * 0.5)) * 100.0);
    const int balance = 50 + (50 + after - columns->before[row]) / 2;
    return (uint8_t)(1 + demand->room_weight * (room >> 1) + demand->balance_weight * balance);
}

/* A demand of any kind, in whole numbers: what `marks_one` does for the common one. */
typedef struct {
    int needs_count, scored_count, most;
    int need_index[MARKS_RESOURCES_MAX], score_index[MARKS_RESOURCES_MAX];
    double need[MARKS_RESOURCES_MAX], score[MARKS_RESOURCES_MAX];
    int64_t score_weight[MARKS_RESOURCES_MAX];
    double balanced[2];
    int64_t room_weight, balance_weight;
} MarkRules;

/* All resources of one row: amounts of resource r are at [r * stride]. */
typedef struct {
    const double *capacity, *used, *weighed;
    int64_t stride;
    uint8_t before;
} MarkRow;

static inline int64_t marks_room(const MarkRules *rules, const MarkRow *row) {
    int64_t total = 0, weights = 0;
    for (int i = 0; i < rules->scored_count; i++) {
        const int index = rules->score_index[i];
        const int64_t capacity = (int64_t)row->capacity[index * row->stride];
        const double *used = index < 2 ? row->weighed : row->used;
        const int64_t amount = (int64_t)(rules->score[i] + used[index * row->stride]);
        if (capacity == 0) continue;
        int64_t part = capacity - amount;
        if (rules->most) part = amount < capacity ? amount : capacity;
        total += (part > 0 ? part * 100 / capacity : 0) * rules->score_weight[i];
        weights += rules->score_weight[i];
    }
    return weights ? total / weights : 0;
}

/* The worth of a row that is not closed otherwise, or -1 when it has too little of something. */
static inline int64_t marks_worth(const MarkRules *rules, const MarkRow *row) {
    int64_t worth = 0;
    for (int i = 0; i < rules->needs_count; i++) {
        const int64_t at = rules->need_index[i] * row->stride;
        if (rules->need[i] > row->capacity[at] - row->used[at]) return -1;
    }
    if (rules->room_weight) worth += rules->room_weight * marks_room(rules, row);
    if (rules->balance_weight) {
        const int64_t other = row->stride;
        const int after = marks_evenness(row->used[0] + rules->balanced[0], row->capacity[0],
                                         row->used[other] + rules->balanced[1],
                                         row->capacity[other]);
        worth += rules->balance_weight * (50 + (50 + after - row->before) / 2);
    }
    return worth;
}

/* The greatest byte of a block of 64. */
static inline uint8_t marks_peak(const uint8_t *block) {
    uint8_t peak = 0;
    for (int i = 0; i < MARKS_PEAK; i++) peak = block[i] > peak ? block[i] : peak;
    return peak;
}

/* A tree of maxima: level 0 are the marks, each node of the next is the greatest of 64 below. */
#define MARKS_LEVELS_MAX 7

typedef struct {
    uint8_t *levels[MARKS_LEVELS_MAX];
    int count; /* 0: not built */
} MarkTree;

/* Carry the mark of a row up the tree. */
static inline void marks_raise(MarkTree *tree, int64_t row) {
    for (int level = 1; level < tree->count; level++) {
        row /= MARKS_PEAK;
        const uint8_t peak = marks_peak(tree->levels[level - 1] + row * MARKS_PEAK);
        if (tree->levels[level][row] == peak) return;
        tree->levels[level][row] = peak;
    }
}

/* The first row with the greatest mark, or -1 when all are closed. O(log rows). */
static inline int64_t marks_top(const MarkTree *tree) {
    int level = tree->count - 1;
    const uint8_t peak = marks_peak(tree->levels[level]);
    int64_t node = 0;
    if (peak == 0) return -1;
    for (; level >= 0; level--) {
        const uint8_t *block = tree->levels[level] + node * MARKS_PEAK;
        node = node * MARKS_PEAK + ((const uint8_t *)memchr(block, peak, MARKS_PEAK) - block);
    }
    return node;
}

/* Mark rows of the common kind again, in order. Marks lie far apart: they are fetched ahead. */
static inline void marks_again(const MarkColumns *columns, const MarkDemand *demand,
                               const uint8_t *closed, uint8_t *marks, MarkTree *tree,
                               const int32_t *rows, int64_t count) {
    enum { AHEAD = 12 };
    for (int64_t i = 0; i < count; i++) {
#ifdef __GNUC__
        if (i + AHEAD < count) {
            __builtin_prefetch(marks + rows[i + AHEAD], 1);
            __builtin_prefetch(closed + rows[i + AHEAD], 0);
        }
#endif
        const int64_t row = rows[i];
        const uint8_t mark = closed[row] ? 0 : marks_one(columns, demand, row);
        if (marks[row] == mark) continue;
        marks[row] = mark;
        if (tree->count) marks_raise(tree, row);
    }
}

#endif
