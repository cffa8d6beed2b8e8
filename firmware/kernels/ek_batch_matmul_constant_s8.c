#include "ek_batch_matmul_constant_s8.h"

void ek_batch_matmul_constant_s8(const ek_batch_matmul_constant_s8_params_t *p, const int8_t *input,
                                 int8_t *output) {
    ek_batch_matmul_s8(&p->product, p->constant_left ? p->constant : input,
                       p->constant_left ? input : p->constant, output);
}
