#include "ek_depthwise_conv2d_3x3_s8_dsp.h"

#include "ek_depthwise_3x3_dsp.h"
#include "ek_depthwise_3x3_rows_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* r12 multiplier, lr offset, r0 what negative sums lack, r1 the offset of this sum. */
#define MULTIPLY_SIGNED                                                                                      \
    "strd r0, r1, [sp, #64]\n"                                                                               \
    "ldr r0, [sp, #52]\n" EK_DEPTHWISE_MULTIPLY
#define MULTIPLIED_SIGNED(sum)                                                                               \
    "and r1, r0, " sum ", asr #31\n"                                                                         \
    "sub r1, lr, r1\n"                                                                                       \
    "smmla " sum ", " sum ", r12, r1\n"
#define MULTIPLIED_ALL "ldrd r0, r1, [sp, #64]\n"

__attribute__((naked, noinline)) static void run(EK_UNUSED const ek_depthwise_3x3_rows_t *a) {
    __asm__ volatile(EK_DEPTHWISE_ENTER EK_DEPTHWISE_TWO_COLUMNS MULTIPLY_SIGNED MULTIPLIED_SIGNED("r10")
                         MULTIPLIED_SIGNED("r11") MULTIPLIED_SIGNED("r8") MULTIPLIED_SIGNED("r9")
                             MULTIPLIED_ALL EK_DEPTHWISE_STORE_TWO_COLUMNS EK_DEPTHWISE_ONE_COLUMN
                                 MULTIPLY_SIGNED MULTIPLIED_SIGNED("r10") MULTIPLIED_SIGNED("r8")
                                     MULTIPLIED_ALL EK_DEPTHWISE_STORE_ONE_COLUMN);
}

#else

static void run(const ek_depthwise_3x3_rows_t *a) {
    ek_depthwise_3x3_twin(a, false);
}

#endif

void ek_depthwise_conv2d_3x3_s8_dsp(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch) {
    ek_depthwise_3x3_dsp(p, input, output, scratch, run);
}
