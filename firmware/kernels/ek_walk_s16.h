/* Applies a function of two int16 values along a walk; inlined, so that the function costs no call. */
#ifndef EK_WALK_S16_H
#define EK_WALK_S16_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    const int16_t *constant; /* one of the operands, or null where both are inputs */
    bool constant_first;
} ek_pair_s16_t;

/* Each value of the inputs is read before the value of the output at its place is written. */
static inline void ek_walk_s16(const ek_pair_s16_t *pair, const void *const *inputs, int16_t *output,
                               int16_t (*function)(const void *p, int32_t x1, int32_t x2), const void *p) {
    const ek_walk_t *w = &pair->walk;
    const int16_t *input = (const int16_t *)inputs[0];
    const int16_t *first = pair->constant && pair->constant_first ? pair->constant : input;
    const int16_t *second = !pair->constant        ? (const int16_t *)inputs[1]
                            : pair->constant_first ? input
                                                   : pair->constant;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                const int16_t *x1 = first + i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2];
                const int16_t *x2 = second + i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2];
                for (int32_t n = 0; n < w->extents[3]; ++n) {
                    *output++ = function(p, *x1, *x2);
                    x1 += w->steps1[3];
                    x2 += w->steps2[3];
                }
            }
        }
    }
}

#endif
