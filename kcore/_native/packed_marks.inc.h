/* The loop over all rows, compiled once per instruction set: see packed_marks.h.
 *
 * Wants MARKS_NAME, MARKS_TARGET, MARKS_QUOTIENT(x, capacity, inverse), MARKS_EVEN(x): one less half
 * of x, and MARKS_REFINED(inverse, capacity): twice the digits. Everything is written so that a compiler can turn it into vector instructions: no
 * branches, doubles in one loop and whole numbers in another.
 */

MARKS_TARGET static void MARKS_NAME(const MarkColumns *columns, const MarkDemand *demand,
                                    const uint8_t *restrict closed, uint8_t *restrict marks,
                                    int64_t row_count) {
    const double needs_a = demand->needs[0], needs_b = demand->needs[1];
    const double weighs_a = demand->weighs[0], weighs_b = demand->weighs[1];
    const double uses_a = demand->uses[0], uses_b = demand->uses[1];
    const int16_t room_weight = (int16_t)demand->room_weight;
    const int16_t balance_weight = (int16_t)demand->balance_weight;
    for (int64_t base = 0; base < row_count; base += MARKS_BLOCK) {
        int32_t room[MARKS_BLOCK], after[MARKS_BLOCK];
        int16_t mark[MARKS_BLOCK];
        const int64_t count = row_count - base < MARKS_BLOCK ? row_count - base : MARKS_BLOCK;
        const int is_apart = columns->apart[base / MARKS_BLOCK];
        const uint8_t *restrict shut = closed + base, *restrict before = columns->before + base;
        const int32_t *restrict capacity_a = columns->narrow[0] + base;
        const int32_t *restrict used_a = columns->narrow[1] + base;
        const int32_t *restrict weighed_a = columns->narrow[is_apart ? 2 : 1] + base;
        const double *restrict capacity_b = columns->capacity[1] + base;
        const double *restrict used_b = columns->used[1] + base;
        const double *restrict weighed_b = (is_apart ? columns->weighed : columns->used)[1] + base;
        const float *restrict inverse_a = columns->rough_inverse + base;
        const double *restrict inverse_b = columns->inverse + base;
        for (int64_t i = 0; i < count; i++) {
            const double a = capacity_a[i], b = capacity_b[i];
            const double one_a = MARKS_REFINED(inverse_a[i], a), one_b = inverse_b[i];
            const double x = used_a[i], y = used_b[i];
            /* The share that stays free. */
            double left_a = a - (weighed_a[i] + weighs_a), left_b = b - (weighed_b[i] + weighs_b);
            left_a = left_a > 0 ? left_a : 0;
            left_b = left_b > 0 ? left_b : 0;
            const int free_a = (int)(left_a * MARKS_PER_CENT_ROUGH * one_a);
            const int free_b = (int)(left_b * MARKS_PER_CENT * one_b);
            /* How even the two shares are. */
            double share_a = MARKS_QUOTIENT(x + uses_a, a, one_a);
            double share_b = MARKS_QUOTIENT(y + uses_b, b, one_b);
            share_a = share_a < 1.0 ? share_a : 1.0;
            share_b = share_b < 1.0 ? share_b : 1.0;
            after[i] = (int)(MARKS_EVEN(fabs(share_a - share_b)) * 100.0);
            room[i] = (x + needs_a > a) | (y + needs_b > b) ? -1 : free_a + free_b;
        }
        /* In 16 bits, where a product costs one instruction. */
        for (int64_t i = 0; i < count; i++) {
            const int16_t change = (int16_t)(50 + after[i] - before[i]);
            const int16_t free = (int16_t)(room[i] >> 1);
            const int16_t balance = (int16_t)(50 + change / 2);
            const int16_t worth = (int16_t)(1 + room_weight * free + balance_weight * balance);
            mark[i] = (free < 0) | (before[i] == MARKS_FULL) | shut[i] ? 0 : worth;
        }
        for (int64_t i = 0; i < count; i++) marks[base + i] = (uint8_t)mark[i];
    }
}

#undef MARKS_NAME
#undef MARKS_TARGET
#undef MARKS_QUOTIENT
#undef MARKS_EVEN
#undef MARKS_REFINED
