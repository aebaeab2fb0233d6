/* Counting and comparing bytes a block at a time, so that a compiler makes vectors of it.
 *
 * Marks lie in a ring: a walk starts somewhere and goes once round. It is taken in pieces, none
 * longer than PEAK_BLOCK and none across the end of the ring.
 */

#ifndef KCORE_PACKED_PEAK_H
#define KCORE_PACKED_PEAK_H

#include <stdint.h>

#define PEAK_BLOCK 64

/* A walk over the marks: what was met so far, and the greatest mark of it. */
typedef struct {
    int64_t count;   /* open rows */
    int64_t visited; /* rows */
    int64_t ties;    /* rows with the greatest mark */
    uint8_t best;
} PeakWalk;

static inline int64_t peak_piece(int64_t size, int64_t start, int64_t offset) {
    const int64_t row = start + offset < size ? start + offset : start + offset - size;
    int64_t piece = size - offset < PEAK_BLOCK ? size - offset : PEAK_BLOCK;
    return size - row < piece ? size - row : piece;
}

static inline const uint8_t *peak_at(const uint8_t *marks, int64_t size, int64_t start,
                                     int64_t offset) {
    return marks + (start + offset < size ? start + offset : start + offset - size);
}

/* How many marks of a piece are `mark`. */
static inline int peak_equal(const uint8_t *piece, int64_t size, uint8_t mark) {
    uint8_t count = 0;
    if (size == PEAK_BLOCK)
        for (int i = 0; i < PEAK_BLOCK; i++) count += piece[i] == mark;
    else
        for (int64_t i = 0; i < size; i++) count += piece[i] == mark;
    return count;
}

static inline uint8_t peak_greatest(const uint8_t *piece, int64_t size) {
    uint8_t best = 0;
    if (size == PEAK_BLOCK)
        for (int i = 0; i < PEAK_BLOCK; i++) best = piece[i] > best ? piece[i] : best;
    else
        for (int64_t i = 0; i < size; i++) best = piece[i] > best ? piece[i] : best;
    return best;
}

/* The first rows of a piece, up to before the open one that would be one more than `open`. */
static inline int64_t peak_cut(const uint8_t *piece, int64_t size, int64_t open) {
    int64_t row = 0;
    for (; row < size; row++)
        if (piece[row] && open-- == 0) break;
    return row;
}

/* Walk once round, or until the open row that would be one too many. */
static inline PeakWalk peak_walk(const uint8_t *marks, int64_t size, int64_t start,
                                 int64_t wanted) {
    PeakWalk walk = {0, 0, 0, 0};
    while (walk.visited < size) {
        const uint8_t *piece = peak_at(marks, size, start, walk.visited);
        const int64_t whole = peak_piece(size, start, walk.visited);
        int64_t length = whole;
        int64_t open = whole - peak_equal(piece, whole, 0);
        if (walk.count + open > wanted) {
            open = wanted - walk.count;
            length = peak_cut(piece, whole, open);
        }
        const uint8_t best = peak_greatest(piece, length);
        if (best > walk.best) {
            walk.best = best;
            walk.ties = 0;
        }
        if (best && best == walk.best) walk.ties += peak_equal(piece, length, best);
        walk.count += open;
        walk.visited += length;
        if (length < whole) break;
    }
    return walk;
}

/* The row of the `turn`-th of those with the greatest mark, in the order of the walk. */
static inline int64_t peak_row(const uint8_t *marks, int64_t size, int64_t start,
                               const PeakWalk *walk, int64_t turn) {
    int64_t offset = 0;
    for (;;) {
        const uint8_t *piece = peak_at(marks, size, start, offset);
        const int64_t length = peak_piece(size, start, offset);
        const int64_t ties = peak_equal(piece, length, walk->best);
        if (turn >= ties) {
            turn -= ties;
            offset += length;
            continue;
        }
        for (int64_t row = 0;; row++)
            if (piece[row] == walk->best && turn-- == 0) return piece + row - marks;
    }
}

#endif
