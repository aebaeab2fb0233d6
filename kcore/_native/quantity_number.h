/* Numbers `number * 10**exponent` in 64 bits, for the compiled `quantity` kernel.
 *
 * Every function says whether its answer fits; where it does not, the caller asks the readable twin.
 * Nothing here knows Python, and no signed arithmetic overflows.
 */
#ifndef KCORE_QUANTITY_NUMBER_H
#define KCORE_QUANTITY_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum {
    POWER_MAX = 18,           /* The largest power of ten in 64 bits. */
    TEXT_COUNT_MAX = 24,      /* No longer text takes the quick way. */
    DIGITS_COUNT_MAX = 18,    /* So many digits surely fit; as in the twin. */
    BINARY_DIGITS_COUNT = 14, /* Upstream's estimate; as in the twin. */
    NANO = -9,
    UNKNOWN = -99,
};

static const int64_t number_powers[POWER_MAX + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

static inline int number_sign(int64_t number) { return (number > 0) - (number < 0); }

/* `*number * factor` in place, for a positive factor; 0 and unchanged where it leaves 64 bits. */
static inline int number_multiply(int64_t *number, int64_t factor) {
    if (*number > INT64_MAX / factor || *number < INT64_MIN / factor) {
        return 0;
    }
    *number *= factor;
    return 1;
}

/* `*number * 10**power` in place. */
static inline int number_scale(int64_t *number, int power) {
    return power <= POWER_MAX && number_multiply(number, number_powers[power]);
}

/* The sum; both numbers differ from 0 or have one exponent. */
static inline int number_add(int64_t left, int left_exponent, int64_t right, int right_exponent,
                             int64_t *sum, int *exponent) {
    if (left_exponent < right_exponent) {
        if (!number_scale(&right, right_exponent - left_exponent)) {
            return 0;
        }
        *exponent = left_exponent;
    } else {
        /* The most negative number is never scaled by upstream; no power above 0 lets it pass. */
        if (!number_scale(&left, left_exponent - right_exponent)) {
            return 0;
        }
        *exponent = right_exponent;
    }
    if (right > 0 ? left > INT64_MAX - right : left < INT64_MIN - right) {
        return 0;
    }
    *sum = left + right;
    return 1;
}

/* -1, 0 or 1: always known, since a number that leaves 64 bits when scaled is the larger one. */
static inline int number_order(int64_t left, int left_exponent, int64_t right, int right_exponent) {
    int gap = left_exponent - right_exponent, sign = number_sign(left);
    if (gap != 0 && sign != 0 && sign == number_sign(right)) {
        if (gap > 0 && !number_scale(&left, gap)) {
            return sign;
        }
        if (gap < 0 && !number_scale(&right, -gap)) {
            return -sign;
        }
    }
    return (left > right) - (left < right);
}

/* Equal numbers, equal hashes; never -1. */
static inline int64_t number_hash(int64_t number, int exponent) {
    if (number == 0) {
        return 0;
    }
    while (number % 10 == 0) {
        number /= 10;
        exponent++;
    }
    uint64_t mixed = (uint64_t)number * UINT64_C(0x9E3779B97F4A7C15);
    mixed ^= (uint64_t)(int64_t)exponent * UINT64_C(0xC2B2AE3D27D4EB4F);
    mixed ^= mixed >> 32;
    return mixed == UINT64_MAX ? -2 : (int64_t)(mixed >> 1);
}

typedef struct {
    int64_t number;
    int exponent;
    int is_binary;    /* It had a binary suffix, which `number` contains already. */
    int is_canonical; /* The text is what the number prints as. */
} Scanned;

static inline int suffix_decimal_power(unsigned char letter) {
    switch (letter) {
    case 'n': return -9;
    case 'u': return -6;
    case 'm': return -3;
    case 'k': return 3;
    case 'M': return 6;
    case 'G': return 9;
    case 'T': return 12;
    case 'P': return 15;
    case 'E': return 18;
    default: return UNKNOWN;
    }
}

static inline int suffix_binary_power(unsigned char letter) {
    return letter == 'K' ? 10 : letter == 'n' || letter == 'u' || letter == 'm' || letter == 'k'
               ? UNKNOWN
               : suffix_decimal_power(letter) == UNKNOWN ? UNKNOWN
                                                         : suffix_decimal_power(letter) / 3 * 10;
}

/* The digits at `*at`, appended to `*digits` (modulo 2**64); how many there were. */
static inline int digits_scan(const unsigned char **at, uint64_t *digits) {
    const unsigned char *start = *at;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        *digits = *digits * 10 + (uint64_t)(**at - '0');
    }
    return (int)(*at - start);
}

static inline int binary_finish(Scanned *found, int digits_count, int power) {
    if (power == UNKNOWN || BINARY_DIGITS_COUNT - digits_count - power * 3 / 10 < 0) {
        return 0;
    }
    found->is_binary = 1;
    found->exponent = 0;
    found->is_canonical = (found->number & 7) != 0;
    return number_multiply(&found->number, INT64_C(1) << power);
}

/* Read a plain, short text (ASCII, terminated by 0); 0 for any other, right or wrong. */
static inline int number_scan(const unsigned char *at, ptrdiff_t count, Scanned *found) {
    const unsigned char *end = at + count;
    if (count > TEXT_COUNT_MAX) {
        return 0;
    }
    int negative = *at == '-', fraction_count = 0;
    at += negative || *at == '+';
    const unsigned char *start = at;
    while (*at == '0') {
        at++;
    }
    int has_zeros = at != start;
    uint64_t digits = 0;
    int whole_count = digits_scan(&at, &digits);
    int has_point = *at == '.';
    if (has_point) {
        at++;
        fraction_count = digits_scan(&at, &digits);
    }
    int digits_count = (whole_count > 0 ? whole_count : 1) + fraction_count;
    if ((whole_count == 0 && !has_zeros) || (has_point && fraction_count == 0) ||
        digits_count > DIGITS_COUNT_MAX) {
        return 0;
    }
    found->number = (int64_t)digits;
    if (end - at == 2 && at[1] == 'i' && !has_point) {
        if (!binary_finish(found, digits_count, suffix_binary_power(*at))) {
            return 0;
        }
    } else {
        int power = at == end ? 0 : end - at == 1 ? suffix_decimal_power(*at) : UNKNOWN;
        found->is_binary = 0;
        found->exponent = power - fraction_count;
        if (found->exponent < NANO) {
            return 0;
        }
        int has_form = found->exponent % 3 == 0 && whole_count > 0 && digits % 1000 != 0;
        found->is_canonical = has_form || (count == 1 && digits == 0);
    }
    found->number = negative ? -found->number : found->number;
    return 1;
}

#endif
