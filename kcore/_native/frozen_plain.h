/* Finding the first byte of a text that JSON cannot show as it is, many bytes at a time.
 *
 * Special are a quote, a backslash, a control character; for HTML's sake also < > &.  Whether bytes
 * beyond 0x7f count is the caller's choice.  No load goes past the end of the text.
 */
#ifndef KCORE_FROZEN_PLAIN_H
#define KCORE_FROZEN_PLAIN_H

#include "frozen.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Which bytes make a text special. */
typedef enum { JSON_MARKS, HTML_MARKS } Marks;

#define WORD_ONES UINT64_C(0x0101010101010101)
#define WORD_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t word_load(const char *from) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* The top bit of each byte equal to `mark`; bytes beyond the first found one may be wrong. */
static inline uint64_t word_equal(uint64_t word, char mark) {
    uint64_t rest = word ^ (WORD_ONES * (unsigned char)mark);
    return (rest - WORD_ONES) & ~rest & WORD_HIGHS;
}

/* The top bit of each special byte of 8, exact up to the first. Bytes beyond 0x7f are plain. */
static inline uint64_t word_special(uint64_t word, Marks marks) {
    uint64_t found = word_equal(word, '"') | word_equal(word, '\\');
    found |= (word - WORD_ONES * 0x20) & ~word & WORD_HIGHS;
    if (marks == HTML_MARKS) {
        found |= word_equal(word, '<') | word_equal(word, '>') | word_equal(word, '&');
    }
    return found;
}

static inline int byte_special(char byte, Marks marks) {
    return (unsigned char)byte < 0x20 || byte == '"' || byte == '\\' ||
           (marks == HTML_MARKS && (byte == '<' || byte == '>' || byte == '&'));
}

#if defined(__SSE2__)
/* A bit for each special byte of 16. */
static inline unsigned block_special(__m128i block, Marks marks) {
    __m128i found = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    if (marks == HTML_MARKS) {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('<')));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('>')));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('&')));
    }
    return (unsigned)_mm_movemask_epi8(found);
}
#endif

/* Copy `length` bytes; 1 if all are plain, 0 if not, and then what was copied is of no use. */
static inline int copy_if_plain(char *to, const char *from, size_t length, Marks marks) {
    size_t done = 0;
#if defined(__SSE2__)
    if (length >= 16) {
        for (; done < length; done += 16) {
            done = done > length - 16 ? length - 16 : done; /* The last block overlaps. */
            __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(from + done));
            if (block_special(block, marks)) {
                return 0;
            }
            _mm_storeu_si128((__m128i *)(void *)(to + done), block);
        }
        return 1;
    }
#endif
    if (length >= 8) {
        for (; done < length; done += 8) {
            done = done > length - 8 ? length - 8 : done;
            uint64_t word = word_load(from + done);
            if (word_special(word, marks)) {
                return 0;
            }
            memcpy(to + done, &word, 8);
        }
        return 1;
    }
    for (; done < length; done++) {
        if (byte_special(from[done], marks)) {
            return 0;
        }
        to[done] = from[done];
    }
    return 1;
}

/* How many plain bytes stand at `from`. */
static inline size_t plain_length(const char *from, size_t length, Marks marks) {
    size_t done = 0;
    for (; length - done >= 8; done += 8) {
        if (word_special(word_load(from + done), marks)) {
            break;
        }
    }
    while (done < length && !byte_special(from[done], marks)) {
        done++;
    }
    return done;
}

#endif
