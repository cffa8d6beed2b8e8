#include "ek_table_s16.h"

#include "ek_lut_s16.h"

void ek_table_s16(const ek_table_s16_params_t *p, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = ek_lut_s16(p->table, input[i]);
    }
}
