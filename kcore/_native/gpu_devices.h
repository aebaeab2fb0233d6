/* GPUs of one node as milli that are left on each, and what a request takes of them. */

#ifndef KCORE_GPU_DEVICES_H
#define KCORE_GPU_DEVICES_H

#include <stdint.h>

enum { GPU_WHOLE_MILLI = 1000, GPU_DEVICES_MAX = 8 };

static inline int gpu_is_share(int32_t gpus, int32_t milli)
{
    return gpus == 1 && milli < GPU_WHOLE_MILLI;
}

static inline int gpu_total_left(const int32_t *left, int gpus)
{
    int total = 0;
    for (int device = 0; device < gpus; device++) {
        total += left[device];
    }
    return total;
}

/* How many devices have at least this much left. */
static inline int gpu_fitting(const int32_t *left, int gpus, int32_t milli)
{
    int count = 0;
    for (int device = 0; device < gpus; device++) {
        count += left[device] >= milli;
    }
    return count;
}

/* Take the first idle devices, as many as asked for. */
static inline void gpu_take_whole(int32_t *left, int gpus, int count)
{
    for (int device = 0; device < gpus && count > 0; device++) {
        if (left[device] == GPU_WHOLE_MILLI) {
            left[device] = 0;
            count--;
        }
    }
}

#endif
