#include "ek_div_constant_s8.h"

#include "ek_div_s8.h"

void ek_div_constant_s8(const ek_div_constant_s8_params_t *p, const int8_t *input, int8_t *output) {
    ek_div_s8(&p->div, p->constant_first ? p->constant : input, p->constant_first ? input : p->constant,
              output);
}
