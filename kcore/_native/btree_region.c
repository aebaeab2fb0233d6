/* Regions of memory that nodes and entries fill, in huge pages.
 *
 * To look up a key and to read a range goes through memory at random.  With pages of 4 KB, half of
 * the waiting is for page tables, and in a virtual machine they are walked twice over.  So whoever
 * allocates what there are very many of tells here where it stands; a region of 2 MB of which half
 * was told is most likely full of such, and the system is asked to back it by one page.  It moves
 * what lies there, whoever owns it, to other memory at the same addresses, and may refuse: where it
 * does not know of this (before Linux 6.1), everything stays as it was.
 *
 * Allocators map a region bit by bit, and only one that is mapped whole can be settled: so it is
 * tried again when its neighbours fill.  Few nodes are not worth the moving.
 *
 * Rejected: an allocator of blocks in regions of its own.  It saves no more time, and what is left
 * over of each size of node while a tree grows takes a third more memory.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif
#include "btree.h"

enum {
    REGION_BYTES = 2 << 20,        /* A huge page. */
    STEP_BYTES = REGION_BYTES / 8, /* A region is tried after so many bytes more, */
    FULL_BYTES = REGION_BYTES / 2, /* from so many on, */
    VAIN_BYTES = 8 * REGION_BYTES, /* and no more once so many came and went. */
    TALLY_COUNT = 1024,            /* A power of two: of 2 GB that lie together. */
    LITTLE_COUNT = 8192,           /* Fewer nodes lie in caches, of page tables, too. */
};

/* How much was allocated in a region, freed or not. */
typedef struct {
    uintptr_t region; /* Its address in regions. */
    size_t bytes;
    int is_settled;
} Tally;

static Tally tallies[TALLY_COUNT];
static int is_large; /* Whether there have ever been more than a little. */

Py_ssize_t regions_settled;

#if defined(__linux__)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static int collapse(uintptr_t region) {
    return madvise((void *)(region * REGION_BYTES), REGION_BYTES, MADV_COLLAPSE) == 0;
}

#else

static int collapse(uintptr_t region) {
    (void)region;
    return 0;
}

#endif

static Tally *tally_of(uintptr_t region) { return &tallies[region % TALLY_COUNT]; }

/* Let a region be one page, if so much was told of it and the system will. */
static void settle(uintptr_t region) {
    Tally *tally = tally_of(region);
    if (tally->region == region && !tally->is_settled && tally->bytes >= FULL_BYTES &&
        tally->bytes < VAIN_BYTES && collapse(region)) {
        tally->is_settled = 1;
        regions_settled++;
    }
}

/* Something was allocated there. */
void region_fill(const void *place, size_t bytes) {
    uintptr_t region = (uintptr_t)place / REGION_BYTES;
    Tally *tally = tally_of(region);
    if (tally->region != region) {
        *tally = (Tally){region, 0, 0}; /* Whichever it was before is forgotten. */
    }
    size_t before = tally->bytes;
    tally->bytes += bytes;
    if (!is_large) {
        is_large = nodes_live >= LITTLE_COUNT;
        for (size_t i = 0; is_large && i < TALLY_COUNT; i++) {
            settle(tallies[i].region);
        }
    } else if (before / STEP_BYTES != tally->bytes / STEP_BYTES) {
        settle(region);
        settle(region - 1);
        settle(region + 1);
    }
}
