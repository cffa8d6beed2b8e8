#include "ek_depthwise_conv2d_3x3_relu_s8_dsp.h"

#include "ek_depthwise_3x3_dsp.h"
#include "ek_depthwise_3x3_rows_dsp.h"

#if defined(__ARM_FEATURE_DSP)

#define MULTIPLIED(sum) "smmla " sum ", " sum ", r12, lr\n"

__attribute__((naked, noinline)) static void run(EK_UNUSED const ek_depthwise_3x3_rows_t *a) {
    __asm__ volatile(
        EK_DEPTHWISE_ENTER EK_DEPTHWISE_TWO_COLUMNS EK_DEPTHWISE_MULTIPLY MULTIPLIED("r10") MULTIPLIED("r11")
            MULTIPLIED("r8") MULTIPLIED("r9")
                EK_DEPTHWISE_STORE_TWO_COLUMNS EK_DEPTHWISE_ONE_COLUMN EK_DEPTHWISE_MULTIPLY MULTIPLIED("r10")
                    MULTIPLIED("r8") EK_DEPTHWISE_STORE_ONE_COLUMN);
}

#else

static void run(const ek_depthwise_3x3_rows_t *a) {
    ek_depthwise_3x3_twin(a, true);
}

#endif

void ek_depthwise_conv2d_3x3_relu_s8_dsp(const ek_depthwise_conv2d_3x3_relu_s8_dsp_params_t *p,
                                         const int8_t *input, int8_t *output, void *scratch) {
    ek_depthwise_3x3_dsp(p, input, output, scratch, run);
}
