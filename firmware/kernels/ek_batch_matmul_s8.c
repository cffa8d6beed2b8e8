#include "ek_batch_matmul_s8.h"

#include "ek_requantize.h"

static int8_t *multiply(const ek_batch_matmul_s8_params_t *p, const int8_t *left, const int8_t *right,
                        int8_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        for (int32_t column = 0; column < p->columns; ++column) {
            const int8_t *x = left + row * p->left.line;
            const int8_t *y = right + column * p->right.line;
            int32_t sum = 0;
            for (int32_t i = 0; i < p->depth; ++i) {
                sum += (x[i * p->left.depth] - p->left.zero_point) *
                       (y[i * p->right.depth] - p->right.zero_point);
            }
            const int32_t scaled = ek_requantize_twice(sum, p->multiplier, p->shift);
            *output++ = (int8_t)(ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
        }
    }
    return output;
}

void ek_batch_matmul_s8(const ek_batch_matmul_s8_params_t *p, const int8_t *left, const int8_t *right,
                        int8_t *output) {
    const ek_batch_matmul_operand_t *l = &p->left;
    const ek_batch_matmul_operand_t *r = &p->right;
    for (int32_t a = 0; a < p->batches[0]; ++a) {
        for (int32_t b = 0; b < p->batches[1]; ++b) {
            for (int32_t c = 0; c < p->batches[2]; ++c) {
                output = multiply(p, left + a * l->batch[0] + b * l->batch[1] + c * l->batch[2],
                                  right + a * r->batch[0] + b * r->batch[1] + c * r->batch[2], output);
            }
        }
    }
}
