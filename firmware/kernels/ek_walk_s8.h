/* Applies a function of two int8 values along a walk; inlined, so that the function costs no call. */
#ifndef EK_WALK_S8_H
#define EK_WALK_S8_H

#include <stdint.h>

#include "ek_walk.h"

/* Each value of the inputs is read before the value of the output at its place is written. */
static inline void ek_walk_s8(const ek_walk_t *w, const int8_t *input1, const int8_t *input2, int8_t *output,
                              int8_t (*function)(const void *p, int32_t x1, int32_t x2), const void *p) {
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                const int8_t *x1 = input1 + i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2];
                const int8_t *x2 = input2 + i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2];
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
