/* BATCH_MATMUL on int16: matrix products over broadcast batches; zero points 0. */
#ifndef EK_BATCH_MATMUL_S16_H
#define EK_BATCH_MATMUL_S16_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_batch_matmul_s8.h"
#include "ek_scale_s16.h"

typedef struct {
    int32_t batches[EK_BATCH_AXES];
    int32_t rows;
    int32_t depth;
    int32_t columns;
    ek_batch_matmul_operand_t left;
    ek_batch_matmul_operand_t right;
    ek_scale_s16_t scale;
    const int16_t *constant; /* one of the operands, or null where both are inputs */
    bool constant_left;
} ek_batch_matmul_s16_params_t;

void ek_batch_matmul_s16(const ek_batch_matmul_s16_params_t *p, const void *const *inputs, int16_t *output);

#endif
