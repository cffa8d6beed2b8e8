/* Which taps of a transposed window reach an output element, along one axis. */
#ifndef EK_REACH_H
#define EK_REACH_H

#include <stdint.h>

/* From one tap to the next the tap goes up by the stride and the input element down by one. */
typedef struct {
    int32_t tap;     /* the first */
    int32_t element; /* of the input, the first */
    int32_t count;
} ek_reach_t;

static inline ek_reach_t ek_reach_of(int32_t at, int32_t stride, int32_t kernel, int32_t size) {
    ek_reach_t reach = {.tap = at % stride, .element = at / stride, .count = 0};
    if (reach.element >= size) {
        reach.tap += (reach.element - size + 1) * stride;
        reach.element = size - 1;
    }
    if (reach.tap < kernel) {
        reach.count = (kernel - reach.tap + stride - 1) / stride;
        if (reach.count > reach.element + 1) {
            reach.count = reach.element + 1;
        }
    }
    return reach;
}

#endif
