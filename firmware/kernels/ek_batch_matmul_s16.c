#include "ek_batch_matmul_s16.h"

static int16_t *multiply(const ek_batch_matmul_s16_params_t *p, const int16_t *left, const int16_t *right,
                         int16_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        for (int32_t column = 0; column < p->columns; ++column) {
            const int16_t *x = left + row * p->left.line;
            const int16_t *y = right + column * p->right.line;
            int64_t sum = 0;
            for (int32_t i = 0; i < p->depth; ++i) {
                sum += x[i * p->left.depth] * y[i * p->right.depth];
            }
            *output++ = ek_scaled_s16(&p->scale, sum, 0);
        }
    }
    return output;
}

void ek_batch_matmul_s16(const ek_batch_matmul_s16_params_t *p, const void *const *inputs, int16_t *output) {
    const ek_batch_matmul_operand_t *l = &p->left;
    const ek_batch_matmul_operand_t *r = &p->right;
    const int16_t *input = (const int16_t *)inputs[0];
    const int16_t *left = p->constant && p->constant_left ? p->constant : input;
    const int16_t *right = !p->constant ? (const int16_t *)inputs[1] : p->constant_left ? input : p->constant;
    for (int32_t a = 0; a < p->batches[0]; ++a) {
        for (int32_t b = 0; b < p->batches[1]; ++b) {
            for (int32_t c = 0; c < p->batches[2]; ++c) {
                output = multiply(p, left + a * l->batch[0] + b * l->batch[1] + c * l->batch[2],
                                  right + a * r->batch[0] + b * r->batch[1] + c * r->batch[2], output);
            }
        }
    }
}
