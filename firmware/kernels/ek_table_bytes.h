/* Any function from one byte to another, int8 or uint8, by table; input and output may be the same memory. */
#ifndef EK_TABLE_BYTES_H
#define EK_TABLE_BYTES_H

#include <stdint.h>

typedef struct {
    const uint8_t *table; /* [256], by the bits of the input */
    int32_t count;
} ek_table_bytes_params_t;

void ek_table_bytes(const ek_table_bytes_params_t *p, const void *input, void *output);

#endif
