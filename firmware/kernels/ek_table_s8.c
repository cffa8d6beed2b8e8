#include "ek_table_s8.h"

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

void ek_table_s8(const ek_table_s8_params_t *p, const int8_t *input, int8_t *output) {
    const uint8x16_t half = vdupq_n_u8(128);
    for (int32_t left = p->count; left > 0; left -= 16) {
        const mve_pred16_t inside = vctp8q((uint32_t)left);
        const uint8x16_t at = veorq_u8(vldrbq_z_u8((const uint8_t *)input, inside), half);
        vstrbq_p_s8(output, vldrbq_gather_offset_z_s8(p->table, at, inside), inside);
        input += 16;
        output += 16;
    }
}

#else

void ek_table_s8(const ek_table_s8_params_t *p, const int8_t *input, int8_t *output) {
    const int8_t *middle = p->table + 128;
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = middle[input[i]];
    }
}

#endif
