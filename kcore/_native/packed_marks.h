/* How good each row of a table is for a demand, as one byte: 0 closed, else 1 + worth.
 *
 * A row has capacities and used amounts. Worth is up to two numbers from 0 to 100, weighted:
 *
 *     room     the share of two capacities that stays free, in whole per cent, averaged
 *     balance  50 + half of the change of evenness of the two used shares
 *
 * in whole-number arithmetic for the first and doubles for the second. Amounts are whole doubles
 * below 2**53 (2**46 in the vector loop, so that a hundredfold is exact): the quotient of two such
 * doubles, rounded down, is the whole quotient.
 *
 * Division is what the loop costs. Where fused multiply-add exists it is replaced by multiplying
 * with the stored inverse and correcting twice with the exact rest (Markstein): the result is the
 * correctly rounded quotient, bit for bit that of a division. Which loop runs is decided once, by
 * the processor at hand; all give the same bytes. Nothing here contracts a product and a sum by
 * itself (-ffp-contract=off), or the results would depend on the processor.
 */

#ifndef KCORE_PACKED_MARKS_H
#define KCORE_PACKED_MARKS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define MARKS_BLOCK 256
#define MARKS_PEAK 64
#define MARKS_RESOURCES_MAX 32

typedef struct {
    const double *capacity[2], *inverse[2], *used[2], *weighed[2];
    const uint8_t *before; /* evenness now, 0..100 */
    const uint8_t *full;   /* no slot is free */
} MarkColumns;

typedef struct {
    double needs[2];   /* must be free; a negative amount is not asked about */
    double weighs[2];  /* added before the free share is taken */
    double uses[2];    /* added before evenness is taken */
    int room_weight, balance_weight;
} MarkDemand;

#define MARKS_DIVIDED(x, capacity, inverse) ((x) / (capacity))

#define MARKS_NAME marks_plain
#define MARKS_TARGET
#define MARKS_QUOTIENT MARKS_DIVIDED
#include "packed_marks.inc.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MARKS_DISPATCH 1

static inline __attribute__((always_inline)) double marks_corrected(double x, double capacity,
                                                                    double inverse) {
    double quotient = x * inverse;
    quotient = __builtin_fma(__builtin_fma(-quotient, capacity, x), inverse, quotient);
    return __builtin_fma(__builtin_fma(-quotient, capacity, x), inverse, quotient);
}

#define MARKS_NAME marks_avx2
#define MARKS_TARGET __attribute__((target("avx2,fma")))
#define MARKS_QUOTIENT marks_corrected
#include "packed_marks.inc.h"

#define MARKS_NAME marks_avx512
#define MARKS_TARGET                                                                              \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma,prefer-vector-width=512")))
#define MARKS_QUOTIENT marks_corrected
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

/* The greatest byte of a block of 64. */
static inline uint8_t marks_peak(const uint8_t *block) {
    uint8_t peak = 0;
    for (int i = 0; i < MARKS_PEAK; i++) peak = block[i] > peak ? block[i] : peak;
    return peak;
}

#endif
