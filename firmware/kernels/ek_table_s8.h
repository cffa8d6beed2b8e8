/* Any function of one int8 value, by table; input and output may be the same memory. Where there is Helium,
 * one load looks up sixteen values. */
#ifndef EK_TABLE_S8_H
#define EK_TABLE_S8_H

#include <stdint.h>

typedef struct {
    const int8_t *table; /* [256], for the inputs -128 to 127 */
    int32_t count;
} ek_table_s8_params_t;

void ek_table_s8(const ek_table_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
