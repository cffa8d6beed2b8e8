#include "ek_linear_s8_dsp.h"

#include "ek_linear_dsp.h"

void ek_linear_s8_dsp(const ek_linear_s8_dsp_params_t *p, const int8_t *input1, const int8_t *input2,
                      int8_t *output) {
    const int32_t factor1 = p->factor1;
    const int32_t factor2 = p->factor2;
    const int32_t constant = p->constant;
    int32_t left = p->count;
    int8_t *to = output;
    for (; left >= 4; left -= 4) {
        const ek_wide_t a = ek_wide(ek_load4(input1));
        const ek_wide_t b = ek_wide(ek_load4(input2));
        input1 += 4;
        input2 += 4;
        to[0] = ek_linear_output(ek_term_low(factor2, b.even, ek_term_low(factor1, a.even, constant)));
        to[1] = ek_linear_output(ek_term_low(factor2, b.odd, ek_term_low(factor1, a.odd, constant)));
        to[2] = ek_linear_output(ek_term_high(factor2, b.even, ek_term_high(factor1, a.even, constant)));
        to[3] = ek_linear_output(ek_term_high(factor2, b.odd, ek_term_high(factor1, a.odd, constant)));
        to += 4;
    }
    for (; left > 0; --left) {
        const uint32_t a = (uint32_t)(uint8_t)*input1++ << 8;
        const uint32_t b = (uint32_t)(uint8_t)*input2++ << 8;
        *to++ = ek_linear_output(ek_term_low(factor2, b, ek_term_low(factor1, a, constant)));
    }
    if (p->clamped) {
        ek_clamp_dsp(output, p->count, p->low, p->high);
    }
}
