#include "ek_prelu_constant_s8.h"

#include "ek_prelu_s8.h"

void ek_prelu_constant_s8(const ek_prelu_constant_s8_params_t *p, const int8_t *input, int8_t *output) {
    ek_prelu_s8(&p->prelu, p->constant_first ? p->constant : input, p->constant_first ? input : p->constant,
                output);
}
