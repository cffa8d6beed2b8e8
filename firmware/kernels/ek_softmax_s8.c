#include "ek_softmax_s8.h"

#include "ek_fixedpoint.h"

void ek_softmax_s8(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    const ek_softmax_t *s = &p->softmax;
    for (int32_t i = 0; i < s->rows; ++i) {
        const ek_softmax_row_t row = ek_softmax_row(s, input);
        for (int32_t n = 0; n < s->depth; ++n) {
            output[n] = (int8_t)(ek_softmax_share(s, &row, input[n], 8) + INT8_MIN);
        }
        input += s->depth;
        output += s->depth;
    }
}
