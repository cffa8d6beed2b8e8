#include "ek_mul_constant_s8.h"

#include "ek_mul_s8.h"

void ek_mul_constant_s8(const ek_mul_constant_s8_params_t *p, const int8_t *input, int8_t *output) {
    ek_mul_s8(&p->mul, input, p->constant, output);
}
