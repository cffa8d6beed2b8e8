#include "ek_take.h"

#include <stddef.h>
#include <string.h>

static int32_t place(const ek_take_params_t *p, int32_t axis, int32_t position) {
    return p->places[axis] ? p->places[axis][position] : 0;
}

void ek_take(const ek_take_params_t *p, const void *input, void *output) {
    const uint8_t *from = input;
    uint8_t *to = output;
    if (p->filled) {
        memset(to, (uint8_t)p->fill, (size_t)p->filled);
    }
    for (int32_t i = 0; i < p->extents[0]; ++i) {
        for (int32_t j = 0; j < p->extents[1]; ++j) {
            for (int32_t k = 0; k < p->extents[2]; ++k) {
                const int32_t outer = place(p, 0, i) + place(p, 1, j) + place(p, 2, k);
                for (int32_t l = 0; l < p->extents[3]; ++l) {
                    const int32_t at = outer + place(p, 3, l);
                    if (p->scatter) {
                        memcpy(to + at, from, (size_t)p->run);
                        from += p->run;
                    } else {
                        memcpy(to, from + at, (size_t)p->run);
                        to += p->run;
                    }
                }
            }
        }
    }
}
