#include "ek_table_bytes.h"

void ek_table_bytes(const ek_table_bytes_params_t *p, const void *input, void *output) {
    const uint8_t *x = (const uint8_t *)input;
    uint8_t *y = (uint8_t *)output;
    for (int32_t i = 0; i < p->count; ++i) {
        y[i] = p->table[x[i]];
    }
}
