/* Numbers as Go reads and writes them.
 *
 * Reading: no point, no exponent and within int64 gives an int, anything else a double.  Writing: a
 * double's shortest digits, in plain notation for exponents -6 to 20, otherwise as 1e+21 or 1e-7.
 */
#include "frozen.h"

enum { LOCAL_DIGITS = 64 };

int int_text(int64_t number, char text[FLOAT_TEXT_BYTES]) {
    char reversed[FLOAT_TEXT_BYTES];
    int length = 0, digits = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        reversed[digits++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0) {
        text[length++] = '-';
    }
    while (digits > 0) {
        text[length++] = reversed[--digits];
    }
    return length;
}

/* Digits without point, their count, and where the point goes: 0.d1d2d3... * 10^point. */
typedef struct {
    char digits[FLOAT_TEXT_BYTES];
    int count;
    int point;
} Decimal;

/* Take "1234.5e-07" apart. */
static Decimal decimal_of(const char *repr) {
    Decimal decimal = {.count = 0, .point = 0};
    int seen_point = 0, is_leading = 1;
    for (; *repr != '\0' && *repr != 'e'; repr++) {
        if (*repr == '.') {
            seen_point = 1;
            continue;
        }
        if (is_leading && *repr == '0') {
            decimal.point -= seen_point; /* 0.001: the zeros only move the point. */
            continue;
        }
        is_leading = 0;
        decimal.point += !seen_point;
        if (decimal.count < FLOAT_TEXT_BYTES) {
            decimal.digits[decimal.count++] = *repr;
        }
    }
    if (*repr == 'e') {
        decimal.point += (int)strtol(repr + 1, NULL, 10);
    }
    while (decimal.count > 0 && decimal.digits[decimal.count - 1] == '0') {
        decimal.count--;
    }
    return decimal;
}

static int plain_text(const Decimal *decimal, char *text) {
    int length = 0;
    if (decimal->point <= 0) {
        text[length++] = '0';
        text[length++] = '.';
        for (int i = decimal->point; i < 0; i++) {
            text[length++] = '0';
        }
    }
    for (int i = 0; i < decimal->count || i < decimal->point; i++) {
        if (i > 0 && i == decimal->point) {
            text[length++] = '.';
        }
        text[length++] = i < decimal->count ? decimal->digits[i] : '0';
    }
    return length;
}

static int scientific_text(const Decimal *decimal, char *text) {
    int length = 0;
    text[length++] = decimal->digits[0];
    if (decimal->count > 1) {
        text[length++] = '.';
        memcpy(text + length, decimal->digits + 1, (size_t)decimal->count - 1);
        length += decimal->count - 1;
    }
    char digits[FLOAT_TEXT_BYTES];
    int exponent = decimal->point - 1;
    int digit_count = int_text(exponent < 0 ? -exponent : exponent, digits);
    text[length++] = 'e';
    text[length++] = exponent < 0 ? '-' : '+';
    memcpy(text + length, digits, (size_t)digit_count); /* At most 3: 1e-324 to 1e+308. */
    return length + digit_count;
}

/* The JSON text of a finite number, unterminated; its length, or -1 with MemoryError. */
int float_text(double number, char text[FLOAT_TEXT_BYTES]) {
    int length = 0;
    if (number == 0.0) {
        text[0] = '0';
        return 1;
    }
    if (number < 0) {
        text[length++] = '-';
        number = -number;
    }
    char *repr = PyOS_double_to_string(number, 'r', 0, 0, NULL);
    if (repr == NULL) {
        return -1;
    }
    Decimal decimal = decimal_of(repr);
    PyMem_Free(repr);
    if (number >= 1e-6 && number < 1e21) {
        return length + plain_text(&decimal, text + length);
    }
    return length + scientific_text(&decimal, text + length);
}

/* The end of the digits at `at`. */
static const char *digits_end(const char *at, const char *end) {
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

static int is_integer_in_range(const char *digits, const char *end, int64_t *number) {
    int is_negative = *digits == '-';
    uint64_t limit = (uint64_t)INT64_MAX + (uint64_t)is_negative, value = 0;
    for (const char *at = digits + is_negative; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (value > (limit - digit) / 10) {
            return 0;
        }
        value = value * 10 + digit;
    }
    *number = is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return 1;
}

static PyObject *float_read(const char *digits, Py_ssize_t length, const char **error) {
    char local[LOCAL_DIGITS], *text = local;
    if (length >= LOCAL_DIGITS && (text = PyMem_Malloc((size_t)length + 1)) == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(text, digits, (size_t)length);
    text[length] = '\0';
    double number = PyOS_string_to_double(text, NULL, NULL) + 0.0; /* -0.0 + 0.0 is 0.0 */
    if (text != local) {
        PyMem_Free(text);
    }
    if (number == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (number - number != 0.0) {
        *error = "number out of range";
        return NULL;
    }
    return PyFloat_FromDouble(number);
}

/* The number written in `digits`, which holds nothing but [-+.0-9eE].
 *
 * NULL with `*error` set for bad text, NULL with an exception for lack of memory.
 */
PyObject *number_read(const char *digits, Py_ssize_t length, const char **error) {
    const char *end = digits + length, *at = digits;
    int64_t number;
    at += at < end && *at == '-';
    const char *whole = at;
    at = digits_end(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1)) {
        *error = "invalid number";
        return NULL;
    }
    if (at == end && is_integer_in_range(digits, end, &number)) {
        return PyLong_FromLongLong(number);
    }
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = digits_end(at, end);
        if (at == fraction) {
            *error = "invalid number";
            return NULL;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '-' || *at == '+');
        const char *exponent = at;
        at = digits_end(at, end);
        if (at == exponent) {
            at = digits; /* No digits: refused below. */
        }
    }
    if (at != end) {
        *error = "invalid number";
        return NULL;
    }
    return float_read(digits, length, error);
}
