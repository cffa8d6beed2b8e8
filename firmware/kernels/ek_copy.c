#include "ek_copy.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { INNER = EK_COPY_AXES - 1 };

/* Copies the runs along the innermost axis. */
static void row(const ek_copy_params_t *p, const uint8_t *input, int32_t from, uint8_t *output) {
    const int32_t step = p->steps[INNER];
    if (p->run == 1) {
        for (int32_t i = 0; i < p->extents[INNER]; ++i) {
            output[i] = input[from];
            from += step;
        }
    } else {
        for (int32_t i = 0; i < p->extents[INNER]; ++i) {
            memcpy(output, input + from, (size_t)p->run);
            output += p->run;
            from += step;
        }
    }
}

/* Goes to the next position of the outer axes; false after the last. */
static bool advance(const ek_copy_params_t *p, int32_t *position, int32_t *from) {
    for (int32_t axis = INNER - 1; axis >= 0; --axis) {
        if (++position[axis] < p->extents[axis]) {
            *from += p->steps[axis];
            return true;
        }
        *from -= p->steps[axis] * (p->extents[axis] - 1);
        position[axis] = 0;
    }
    return false;
}

void ek_copy(const ek_copy_params_t *p, const void *input, void *output) {
    int32_t position[INNER] = {0};
    int32_t from = p->start;
    uint8_t *to = output;
    do {
        row(p, input, from, to);
        to += p->run * p->extents[INNER];
    } while (advance(p, position, &from));
}
