#include "ek_pad_s16.h"

#include <stdbool.h>
#include <string.h>

static bool inside(const ek_pad_s16_params_t *p, int32_t axis, int32_t position) {
    return position >= p->before[axis] && position < p->before[axis] + p->extents[axis];
}

static int32_t extent(const ek_pad_s16_params_t *p, int32_t axis) {
    return p->before[axis] + p->extents[axis] + p->after[axis];
}

void ek_pad_s16(const ek_pad_s16_params_t *p, const int16_t *input, int16_t *output) {
    const int32_t whole = extent(p, 3);
    for (int32_t i = 0; i < extent(p, 0); ++i) {
        for (int32_t j = 0; j < extent(p, 1); ++j) {
            for (int32_t k = 0; k < extent(p, 2); ++k) {
                for (int32_t n = 0; n < whole; ++n) {
                    output[n] = (int16_t)p->value;
                }
                if (inside(p, 0, i) && inside(p, 1, j) && inside(p, 2, k)) {
                    memcpy(output + p->before[3], input, (size_t)p->extents[3] * sizeof *input);
                    input += p->extents[3];
                }
                output += whole;
            }
        }
    }
}
