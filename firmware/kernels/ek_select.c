#include "ek_select.h"

#include <string.h>

void ek_select(const ek_select_params_t *p, const bool *condition, const void *input1, const void *input2,
               void *output) {
    const uint8_t *first = (const uint8_t *)(p->constant1 ? p->constant1 : input1);
    const uint8_t *second = (const uint8_t *)(p->constant2 ? p->constant2 : input2);
    uint8_t *y = (uint8_t *)output;
    int32_t at[3] = {0}; /* element of each input */
    int32_t count = 1;
    int32_t index[EK_WALK_AXES] = {0};
    for (int32_t axis = 0; axis < EK_WALK_AXES; ++axis) {
        count *= p->extents[axis];
    }
    for (int32_t n = 0; n < count; ++n) {
        const uint8_t *chosen =
            condition[at[0]] ? first + (size_t)at[1] * p->size : second + (size_t)at[2] * p->size;
        memcpy(y, chosen, p->size);
        y += p->size;
        for (int32_t axis = EK_WALK_AXES - 1; axis >= 0; --axis) {
            const bool carry = ++index[axis] == p->extents[axis];
            for (int32_t i = 0; i < 3; ++i) {
                at[i] += carry ? -p->steps[i][axis] * (p->extents[axis] - 1) : p->steps[i][axis];
            }
            if (!carry) {
                break;
            }
            index[axis] = 0;
        }
    }
}
