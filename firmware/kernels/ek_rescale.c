#include "ek_rescale.h"

#include "ek_element.h"
#include "ek_requantize.h"

void ek_rescale(const ek_rescale_params_t *p, const void *input, void *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        const int32_t x = ek_load(p->from, input, i) - p->input_zero_point;
        const int32_t scaled = ek_requantize_twice(x, p->multiplier, p->shift);
        ek_store(p->to, output, i, ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
    }
}
