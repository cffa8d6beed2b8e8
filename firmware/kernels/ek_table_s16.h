/* Any function of one int16 value, by an interpolated table; input and output may be the same memory. */
#ifndef EK_TABLE_S16_H
#define EK_TABLE_S16_H

#include <stdint.h>

typedef struct {
    const int16_t *table; /* [513], in steps of 128 from -32768 */
    int32_t count;
} ek_table_s16_params_t;

void ek_table_s16(const ek_table_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
