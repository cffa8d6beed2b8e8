/* Two rows of output of a group of channels, by columns: the assembly around the rounding, and its twin. */
#ifndef EK_DEPTHWISE_3X3_ROWS_DSP_H
#define EK_DEPTHWISE_3X3_ROWS_DSP_H

#include "ek_depthwise_3x3_dsp.h"
#include "ek_depthwise_dsp.h"
#include "ek_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* r0 x, r1 output, r2-r7 weights, r8-r11 sums of (row, column) (0, 0), (0, 1), (1, 0), (1, 1), r12 and lr a
 * column's pairs. On the stack, by offset: 0 bias, four times; 16 multiplier, offset; 24 row, step; 32 x and
 * output of the channel; 40 its constants, their end; 48 span, away; 56 end of x, odd; 64 saved r0, r1. */
#define EK_DEPTHWISE_ENTER                                                                                   \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #76\n"                                                                                      \
    "ldmia r0, {r1-r7}\n"                                                                                    \
    "strd r4, r5, [sp, #24]\n"                                                                               \
    "strd r2, r3, [sp, #32]\n"                                                                               \
    "mov r12, r1\n"                                                                                          \
    "add r2, r1, #160\n"                                                                                     \
    "str r2, [sp, #44]\n"                                                                                    \
    "str r6, [sp, #48]\n"                                                                                    \
    "str r7, [sp, #60]\n"                                                                                    \
    "1:\n"                                                                                                   \
    "ldrd r0, r1, [sp, #32]\n"                                                                               \
    "ldmia r12!, {r2-r11}\n"                                                                                 \
    "str r12, [sp, #40]\n"                                                                                   \
    "strd r8, r8, [sp]\n"                                                                                    \
    "strd r8, r8, [sp, #8]\n"                                                                                \
    "strd r9, r10, [sp, #16]\n"                                                                              \
    "ldr r12, [sp, #48]\n"                                                                                   \
    "add r8, r0, #12\n"                                                                                      \
    "add r9, r1, #1\n"                                                                                       \
    "add r12, r12, r0\n"                                                                                     \
    "strd r8, r9, [sp, #32]\n"                                                                               \
    "strd r11, r12, [sp, #52]\n"                                                                             \
    "cmp r0, r12\n"                                                                                          \
    "beq 3f\n"

/* A column's share of two sums; `a` weights of rows 0 and 1, `b` of rows 1 and 2. */
#define EK_DEPTHWISE_TAPS(top, bottom, a, b)                                                                 \
    "smlad " top ", r12, " a ", " top "\n"                                                                   \
    "smlatb " bottom ", r12, " a ", " bottom "\n"                                                            \
    "smlabt " top ", lr, " b ", " top "\n"                                                                   \
    "smlad " bottom ", lr, " b ", " bottom "\n"

#define EK_DEPTHWISE_TWO_COLUMNS                                                                             \
    "2:\n"                                                                                                   \
    "ldrd r12, lr, [r0], #96\n"                                                                              \
    "ldmia sp, {r8-r11}\n" EK_DEPTHWISE_TAPS("r8", "r10", "r2", "r3")           /* */                        \
        "ldrd r12, lr, [r0, #-48]\n" EK_DEPTHWISE_TAPS("r8", "r10", "r4", "r5") /* */                        \
        EK_DEPTHWISE_TAPS("r9", "r11", "r2", "r3")                              /* */                        \
        "ldrd r12, lr, [r0]\n" EK_DEPTHWISE_TAPS("r8", "r10", "r6", "r7")       /* */                        \
        EK_DEPTHWISE_TAPS("r9", "r11", "r4", "r5")                              /* */                        \
        "ldrd r12, lr, [r0, #48]\n" EK_DEPTHWISE_TAPS("r9", "r11", "r6", "r7")

#define EK_DEPTHWISE_STORE_TWO_COLUMNS                                                                       \
    "ldrd r12, lr, [sp, #24]\n"                                                                              \
    "ssat r10, #8, r10, asr #12\n"                                                                           \
    "ssat r11, #8, r11, asr #12\n"                                                                           \
    "ssat r8, #8, r8, asr #12\n"                                                                             \
    "ssat r9, #8, r9, asr #12\n"                                                                             \
    "add r12, r12, r1\n"                                                                                     \
    "strb r10, [r12]\n"                                                                                      \
    "strb r11, [r12, lr]\n"                                                                                  \
    "strb r8, [r1]\n"                                                                                        \
    "strb r9, [r1, lr]\n"                                                                                    \
    "add r1, r1, lr, lsl #1\n"                                                                               \
    "3:\n"                                                                                                   \
    "ldrd r12, lr, [sp, #56]\n"                                                                              \
    "cmp r0, r12\n"                                                                                          \
    "bne 2b\n"

#define EK_DEPTHWISE_ONE_COLUMN                                                                              \
    "cmp lr, #0\n"                                                                                           \
    "beq 4f\n"                                                                                               \
    "ldrd r12, lr, [r0]\n"                                                                                   \
    "ldrd r8, r10, [sp]\n" EK_DEPTHWISE_TAPS("r8", "r10", "r2", "r3")          /* */                         \
        "ldrd r12, lr, [r0, #48]\n" EK_DEPTHWISE_TAPS("r8", "r10", "r4", "r5") /* */                         \
        "ldrd r12, lr, [r0, #96]\n" EK_DEPTHWISE_TAPS("r8", "r10", "r6", "r7")

#define EK_DEPTHWISE_STORE_ONE_COLUMN                                                                        \
    "ldr r12, [sp, #24]\n"                                                                                   \
    "ssat r10, #8, r10, asr #12\n"                                                                           \
    "ssat r8, #8, r8, asr #12\n"                                                                             \
    "strb r10, [r1, r12]\n"                                                                                  \
    "strb r8, [r1]\n"                                                                                        \
    "4:\n"                                                                                                   \
    "ldrd r12, lr, [sp, #40]\n"                                                                              \
    "cmp r12, lr\n"                                                                                          \
    "bne 1b\n"                                                                                               \
    "add sp, sp, #76\n"                                                                                      \
    "pop {r4-r11, pc}\n"

/* r12 multiplier, lr offset */
#define EK_DEPTHWISE_MULTIPLY "ldrd r12, lr, [sp, #16]\n"

#else

/* rectified: no output is below the zero point */
static inline void ek_depthwise_3x3_twin(const ek_depthwise_3x3_rows_t *a, bool rectified) {
    const int32_t columns = a->span / (4 * EK_DEPTHWISE_3X3_COLUMN) + a->odd;
    for (int32_t i = 0; i < EK_DEPTHWISE_3X3_GROUP; ++i) {
        const ek_depthwise_3x3_constants_t *const channel = a->channels + i;
        const int32_t away = rectified ? 0 : channel->away;
        for (int32_t column = 0; column < columns; ++column) {
            int32_t top = channel->bias;
            int32_t bottom = channel->bias;
            for (int32_t tap = 0; tap < 3; ++tap) {
                const uint32_t *const x =
                    a->x + (column + tap) * EK_DEPTHWISE_3X3_COLUMN + i * EK_DEPTHWISE_3X3_SLOTS;
                const uint32_t *const w = channel->weights + 2 * tap;
                top = ek_smlad(x[0], w[0], ek_smlad(x[1] << 16, w[1], top));
                bottom = ek_smlad(x[0] >> 16, w[0], ek_smlad(x[1], w[1], bottom));
            }
            int8_t *const output = a->output + column * a->step + i;
            output[a->row] = ek_depthwise_output(bottom, channel->multiplier, channel->offset, away);
            output[0] = ek_depthwise_output(top, channel->multiplier, channel->offset, away);
        }
    }
}

#endif

#endif
