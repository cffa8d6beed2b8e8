#include "ek_cast.h"

#include "ek_element.h"
#include "ek_requantize.h"

/* Cut off; saturated to the type, NaN to 0. */
static int32_t whole(float x, int32_t type) {
    const int32_t low = type == EK_UINT8   ? 0
                        : type == EK_INT8  ? INT8_MIN
                        : type == EK_INT16 ? INT16_MIN
                                           : INT32_MIN;
    const int32_t high = type == EK_UINT8   ? UINT8_MAX
                         : type == EK_INT8  ? INT8_MAX
                         : type == EK_INT16 ? INT16_MAX
                                            : INT32_MAX;
    if (!(x > -2147483648.0f)) {
        return x == x ? low : 0;
    }
    return x >= 2147483648.0f ? high : ek_clamp((int32_t)x, low, high);
}

static void from_float(const ek_cast_params_t *p, const float *input, void *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        if (p->to == EK_FLOAT32) {
            ((float *)output)[i] = input[i];
        } else {
            ek_store(p->to, output, i, p->to == EK_BOOL ? input[i] != 0.0f : whole(input[i], p->to));
        }
    }
}

void ek_cast(const ek_cast_params_t *p, const void *input, void *output) {
    if (p->from == EK_FLOAT32) {
        from_float(p, (const float *)input, output);
        return;
    }
    for (int32_t i = 0; i < p->count; ++i) {
        ek_store(p->to, output, i, ek_load(p->from, input, i));
    }
}
