/* BATCH_MATMUL on int8: matrix products over broadcast batches; rounds twice. */
#ifndef EK_BATCH_MATMUL_S8_H
#define EK_BATCH_MATMUL_S8_H

#include <stdint.h>

enum { EK_BATCH_AXES = 3 };

/* Steps of one operand, in elements; 0 where it is broadcast. */
typedef struct {
    int32_t batch[EK_BATCH_AXES];
    int32_t line;  /* row of the left operand, column of the right */
    int32_t depth; /* along the axis that is summed over */
    int32_t zero_point;
} ek_batch_matmul_operand_t;

typedef struct {
    int32_t batches[EK_BATCH_AXES];
    int32_t rows;
    int32_t depth;
    int32_t columns;
    ek_batch_matmul_operand_t left;
    ek_batch_matmul_operand_t right;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_batch_matmul_s8_params_t;

void ek_batch_matmul_s8(const ek_batch_matmul_s8_params_t *p, const int8_t *left, const int8_t *right,
                        int8_t *output);

#endif
