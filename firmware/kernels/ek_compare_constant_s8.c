#include "ek_compare_constant_s8.h"

#include "ek_compare_s8.h"

void ek_compare_constant_s8(const ek_compare_constant_s8_params_t *p, const int8_t *input, bool *output) {
    ek_compare_s8(&p->compare, p->constant_first ? p->constant : input,
                  p->constant_first ? input : p->constant, output);
}
