#include "ek_pad.h"

#include <stdbool.h>
#include <string.h>

static bool inside(const ek_pad_params_t *p, int32_t axis, int32_t position) {
    return position >= p->before[axis] && position < p->before[axis] + p->extents[axis];
}

static int32_t extent(const ek_pad_params_t *p, int32_t axis) {
    return p->before[axis] + p->extents[axis] + p->after[axis];
}

void ek_pad(const ek_pad_params_t *p, const void *input, void *output) {
    const int32_t whole = extent(p, 3);
    const uint8_t *from = (const uint8_t *)input;
    uint8_t *to = (uint8_t *)output;
    for (int32_t i = 0; i < extent(p, 0); ++i) {
        for (int32_t j = 0; j < extent(p, 1); ++j) {
            for (int32_t k = 0; k < extent(p, 2); ++k) {
                memset(to, (uint8_t)p->value, (size_t)whole);
                if (inside(p, 0, i) && inside(p, 1, j) && inside(p, 2, k)) {
                    memcpy(to + p->before[3], from, (size_t)p->extents[3]);
                    from += p->extents[3];
                }
                to += whole;
            }
        }
    }
}
