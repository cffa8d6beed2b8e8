#include "ek_fully_connected_inline_s8_dsp.h"

#include "ek_dense_dsp.h"

enum { ROUND = 4 };

#if defined(__ARM_FEATURE_DSP)

__attribute__((naked, noinline, aligned(4))) static void multiply(EK_UNUSED const uint32_t *stream,
                                                                  EK_UNUSED const ek_dense_dsp_t *layer) {
    EK_DENSE_MULTIPLY("ldmia r1!, {r11, lr}\n"
                      "sxtb16 r2, r11\n"
                      "sxtb16 r11, r11, ror #8\n"
                      "sxtb16 r12, lr\n"
                      "sxtb16 lr, lr, ror #8\n",
                      "124", "4");
}

#else

static void multiply(const uint32_t *stream, const ek_dense_dsp_t *layer) {
    const int64_t bytes = (const int8_t *)layer->end - (const int8_t *)layer->x;
    ek_dense_twin(stream, layer, (uint32_t)(bytes / 2), false);
}

#endif

void ek_fully_connected_inline_s8_dsp(const ek_fully_connected_inline_s8_dsp_params_t *p, const int8_t *input,
                                      int8_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        ek_dense_row(p, input, 1, output, multiply, ROUND);
        input += p->inputs;
        output += p->outputs;
    }
}
