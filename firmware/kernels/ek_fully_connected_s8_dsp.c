#include "ek_fully_connected_s8_dsp.h"

#include "ek_dense_dsp.h"

enum { ROUND = 8 };

#if defined(__ARM_FEATURE_DSP)

__attribute__((naked, noinline, aligned(4))) static void multiply(EK_UNUSED const uint32_t *stream,
                                                                  EK_UNUSED const ek_dense_dsp_t *layer) {
    EK_DENSE_MULTIPLY("ldmia r1!, {r2, r11, r12, lr}\n", "108", "8");
}

#else

static void multiply(const uint32_t *stream, const ek_dense_dsp_t *layer) {
    const int64_t bytes = (const int8_t *)layer->end - (const int8_t *)layer->x;
    ek_dense_twin(stream, layer, (uint32_t)(bytes / 4), true);
}

#endif

static uint32_t *put(uint32_t *to, uint32_t word) {
    to[0] = ek_sxtb16(word);
    to[1] = ek_sxtb16_odd(word);
    return to + 2;
}

/* To a multiple of eight steps of depth. */
static void widen(const int8_t *from, int32_t count, uint32_t *to) {
    for (; count >= 8; count -= 8) {
        to = put(put(to, ek_load4(from)), ek_load4(from + 4));
        from += 8;
    }
    if (count > 0) {
        uint32_t words[2] = {0, 0};
        memcpy(words, from, (size_t)count);
        (void)put(put(to, words[0]), words[1]);
    }
}

void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params_t *p, const int8_t *input,
                               int8_t *output, void *scratch) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        widen(input, p->inputs, scratch);
        ek_dense_row(p, scratch, 2, output, multiply, ROUND);
        input += p->inputs;
        output += p->outputs;
    }
}
