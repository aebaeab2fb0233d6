/* The loop over all rows, compiled once per instruction set: see packed_marks.h.
 *
 * Wants MARKS_NAME, MARKS_TARGET and MARKS_QUOTIENT(x, capacity, inverse). Everything is written so
 * that a compiler can turn it into vector instructions: no branches, doubles in one loop and bytes
 * in others.
 */

MARKS_TARGET static void MARKS_NAME(const MarkColumns *columns, const MarkDemand *demand,
                                    const uint8_t *restrict closed, uint8_t *restrict marks,
                                    int64_t row_count) {
    const double needs_a = demand->needs[0], needs_b = demand->needs[1];
    const double weighs_a = demand->weighs[0], weighs_b = demand->weighs[1];
    const double uses_a = demand->uses[0], uses_b = demand->uses[1];
    const int room_weight = demand->room_weight, balance_weight = demand->balance_weight;
    for (int64_t base = 0; base < row_count; base += MARKS_BLOCK) {
        int32_t before[MARKS_BLOCK], result[MARKS_BLOCK];
        const int64_t count = row_count - base < MARKS_BLOCK ? row_count - base : MARKS_BLOCK;
        const uint8_t *restrict shut = closed + base, *restrict full = columns->full + base;
        const uint8_t *restrict even = columns->before + base;
        const double *restrict capacity_a = columns->capacity[0] + base;
        const double *restrict capacity_b = columns->capacity[1] + base;
        const double *restrict inverse_a = columns->inverse[0] + base;
        const double *restrict inverse_b = columns->inverse[1] + base;
        const double *restrict used_a = columns->used[0] + base;
        const double *restrict used_b = columns->used[1] + base;
        const double *restrict weighed_a = columns->weighed[0] + base;
        const double *restrict weighed_b = columns->weighed[1] + base;
        for (int64_t i = 0; i < count; i++) before[i] = even[i];
        for (int64_t i = 0; i < count; i++) result[i] = shut[i] | full[i];
        for (int64_t i = 0; i < count; i++) {
            const double a = capacity_a[i], b = capacity_b[i];
            const double one_a = inverse_a[i], one_b = inverse_b[i];
            const double x = used_a[i], y = used_b[i];
            /* The share that stays free, rounded down: guess by the inverse, correct by the rest. */
            double left_a = (a - (weighed_a[i] + weighs_a)) * 100.0;
            double left_b = (b - (weighed_b[i] + weighs_b)) * 100.0;
            left_a = left_a > 0 ? left_a : 0;
            left_b = left_b > 0 ? left_b : 0;
            double room_a = (double)(int)(left_a * one_a), room_b = (double)(int)(left_b * one_b);
            const double rest_a = left_a - room_a * a, rest_b = left_b - room_b * b;
            room_a = rest_a >= a ? room_a + 1.0 : room_a;
            room_a = rest_a < 0 ? room_a - 1.0 : room_a;
            room_b = rest_b >= b ? room_b + 1.0 : room_b;
            room_b = rest_b < 0 ? room_b - 1.0 : room_b;
            /* How even the two shares are. */
            double share_a = MARKS_QUOTIENT(x + uses_a, a, one_a);
            double share_b = MARKS_QUOTIENT(y + uses_b, b, one_b);
            share_a = share_a < 1.0 ? share_a : 1.0;
            share_b = share_b < 1.0 ? share_b : 1.0;
            const int after = (int)((1.0 - fabs((share_a - share_b) * 0.5)) * 100.0);
            const int balance = 50 + (50 + after - before[i]) / 2;
            const int worth = 1 + room_weight * ((int)(room_a + room_b) >> 1) + balance_weight * balance;
            const double over_a = x + needs_a - a, over_b = y + needs_b - b;
            const double over = over_a > over_b ? over_a : over_b;
            const int mark = over > 0 ? 0 : worth;
            result[i] = result[i] ? 0 : mark;
        }
        for (int64_t i = 0; i < count; i++) marks[base + i] = (uint8_t)result[i];
    }
}

#undef MARKS_NAME
#undef MARKS_TARGET
#undef MARKS_QUOTIENT
