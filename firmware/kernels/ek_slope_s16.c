#include "ek_slope_s16.h"

#include "ek_requantize.h"

void ek_slope_s16(const ek_slope_s16_params_t *p, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        const int32_t x = input[i];
        const int32_t scaled =
            x >= 0 ? ek_requantize_twice(x, p->multiplier, p->shift)
                   : ek_requantize_twice(p->negative_sign * x, p->negative_multiplier, p->negative_shift);
        output[i] = (int16_t)ek_clamp(scaled, p->low, p->high);
    }
}
