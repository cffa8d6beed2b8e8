/* BATCH_MATMUL on int8 with a constant as one of the operands. */
#ifndef EK_BATCH_MATMUL_CONSTANT_S8_H
#define EK_BATCH_MATMUL_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_batch_matmul_s8.h"

typedef struct {
    ek_batch_matmul_s8_params_t product;
    const int8_t *constant;
    bool constant_left;
} ek_batch_matmul_constant_s8_params_t;

void ek_batch_matmul_constant_s8(const ek_batch_matmul_constant_s8_params_t *p, const int8_t *input,
                                 int8_t *output);

#endif
