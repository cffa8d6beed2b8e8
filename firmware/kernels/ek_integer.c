#include "ek_integer.h"

#include "ek_element.h"

static int32_t result_of(const ek_integer_params_t *p, int32_t x, int32_t y) {
    switch (p->operation) {
    case EK_INTEGER_ADD:
        return (int32_t)((uint32_t)x + (uint32_t)y);
    case EK_INTEGER_SUB:
        return (int32_t)((uint32_t)x - (uint32_t)y);
    case EK_INTEGER_MUL:
        return (int32_t)((uint32_t)x * (uint32_t)y);
    case EK_INTEGER_MINIMUM:
        return x < y ? x : y;
    case EK_INTEGER_MAXIMUM:
        return x > y ? x : y;
    case EK_INTEGER_COMPARE:
        return (p->accepted >> (1 + (x > y) - (x < y))) & 1;
    default:
        return x || y;
    }
}

void ek_integer(const ek_integer_params_t *p, const void *const *inputs, void *output) {
    const ek_walk_t *w = &p->walk;
    const void *first = p->constant && p->constant_first ? p->constant : inputs[0];
    const void *second = !p->constant ? inputs[1] : p->constant_first ? inputs[0] : p->constant;
    int32_t at = 0;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                const int32_t from1 = i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2];
                const int32_t from2 = i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2];
                for (int32_t n = 0; n < w->extents[3]; ++n) {
                    const int32_t x = ek_load(p->from, first, from1 + n * w->steps1[3]);
                    const int32_t y = ek_load(p->from, second, from2 + n * w->steps2[3]);
                    ek_store(p->to, output, at++, result_of(p, x, y));
                }
            }
        }
    }
}
