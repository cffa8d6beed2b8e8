/* The core of the fully connected kernels of feature "dsp": four channels at a time.
 *
 * The stream holds, per four channels, what the sums begin with (per pair 256 * bias 1 + bias 0, bias 0),
 * [depth / 2][2] words of weights, two pairs of channels side by side, and 8 words of constants, whose biases
 * are 0; see ek_matrix_dsp.h. Weights and inputs are taken eight steps at a time.
 */
#ifndef EK_DENSE_DSP_H
#define EK_DENSE_DSP_H

#include <stdbool.h>

#include "ek_dense_params_dsp.h"
#include "ek_matrix_dsp.h"

enum { EK_DENSE_CHANNELS = 4 };

/* What all groups of channels share; the assembly below knows the order of the fields. */
typedef struct {
    int8_t *output;
    int32_t groups;
    const void *x;
    const void *end; /* of x */
    int32_t centre;
    uint32_t first; /* blocks of eight steps in the first turn of the loop */
    int32_t rounding;
} ek_dense_dsp_t;

#if defined(__ARM_FEATURE_DSP)

/* clang-format off */
/* Two steps of x by two pairs of channels.
 * r3, r5 the sums 256 * S1 + S0 of both pairs, r4, r6 their S0. */
#define EK_DENSE_STEPS(x, first, second)              \
    "smlad r3, " x ", " first ", r3\n"                \
    "smlad r5, " x ", " second ", r5\n"               \
    "sxtb16 " first ", " first "\n"                   \
    "sxtb16 " second ", " second "\n"                 \
    "smlad r4, " x ", " first ", r4\n"                \
    "smlad r6, " x ", " second ", r6\n"

/* Eight steps: r0 weights, r1 inputs; r7-r10 words of weights; r2, r11, r12, lr inputs, which INPUTS loads. */
#define EK_DENSE_BLOCK(INPUTS)                        \
    INPUTS                                            \
    "ldmia r0!, {r7-r10}\n"                           \
    EK_DENSE_STEPS("r2", "r7", "r8")                  \
    EK_DENSE_STEPS("r11", "r9", "r10")                \
    "ldmia r0!, {r7-r10}\n"                           \
    EK_DENSE_STEPS("r12", "r7", "r8")                 \
    EK_DENSE_STEPS("lr", "r9", "r10")

#define EK_DENSE_OUTPUTS(round)                       \
    "lsl r2, lr, r7\n"                                \
    "lsl r4, r4, #1\n"                                \
    round("r4", "r7", "r8")                           \
    "lsl r2, lr, r9\n"                                \
    "asr r3, r3, #7\n"                                \
    round("r3", "r9", "r10")                          \
    "ldmia r0!, {r7-r10}\n"                           \
    "lsl r2, lr, r7\n"                                \
    "lsl r6, r6, #1\n"                                \
    round("r6", "r7", "r8")                           \
    "lsl r2, lr, r9\n"                                \
    "asr r5, r5, #7\n"                                \
    round("r5", "r9", "r10")

/* The body of a naked function (const uint32_t *stream, const ek_dense_dsp_t *layer) that makes all groups.
 * BYTES is the size of a block; ROUND blocks make a turn of the loop. On the stack: output, groups, x, its
 * end, centre, where to enter the loop, how to make outputs. */
#define EK_DENSE_MULTIPLY(INPUTS, BYTES, ROUND)       \
    __asm__ volatile(                                 \
        "push {r4-r11, lr}\n"                         \
        "ldmia r1, {r2-r8}\n"                         \
        "adr.w r9, 5f + 1\n"                          \
        "mov r10, #" BYTES "\n"                       \
        "mls r7, r7, r10, r9\n"                       \
        "adr.w r9, 6f + 1\n"                          \
        "cmp r8, #1\n"                                \
        "it eq\n"                                     \
        "addeq r9, #7f - 6f\n"                        \
        "it gt\n"                                     \
        "addgt r9, #8f - 6f\n"                        \
        "sub sp, sp, #28\n"                           \
        "stmia sp, {r2-r7, r9}\n"                     \
        "1:\n"                                        \
        "ldmia r0!, {r3-r6}\n"                        \
        "ldr r1, [sp, #8]\n"                          \
        "ldr pc, [sp, #20]\n"                         \
        "4:\n"                                        \
        ".rept " ROUND "\n" EK_DENSE_BLOCK(INPUTS) ".endr\n" \
        "5:\n"                                        \
        "ldr r2, [sp, #12]\n"                         \
        "cmp r1, r2\n"                                \
        "bne 4b\n"                                    \
        "ldmia r0!, {r7-r10}\n"                       \
        "sub r3, r3, r4\n"                            \
        "sub r5, r5, r6\n"                            \
        "ldr lr, [sp, #16]\n"                         \
        "ldr pc, [sp, #24]\n"                         \
        "6:\n"                                        \
        EK_DENSE_OUTPUTS(EK_MATRIX_RECTIFIED)         \
        "b 9f\n"                                      \
        "7:\n"                                        \
        EK_DENSE_OUTPUTS(EK_MATRIX_TWICE)             \
        "b 9f\n"                                      \
        "8:\n"                                        \
        EK_DENSE_OUTPUTS(EK_MATRIX_ONCE)              \
        "9:\n"                                        \
        "ldrd r1, r2, [sp]\n"                         \
        "strb r4, [r1], #1\n"                         \
        "strb r3, [r1], #1\n"                         \
        "strb r6, [r1], #1\n"                         \
        "strb r5, [r1], #1\n"                         \
        "subs r2, r2, #1\n"                           \
        "strd r1, r2, [sp]\n"                         \
        "bne.w 1b\n"                                  \
        "add sp, sp, #28\n"                           \
        "pop {r4-r11, pc}\n")
/* clang-format on */

#endif

/* The twin of that assembly. `wide`: x is widened; else bytes. */
static inline void ek_dense_twin(const uint32_t *stream, const ek_dense_dsp_t *layer, uint32_t words,
                                 bool wide) {
    const int8_t *bytes = layer->x;
    int8_t *output = layer->output;
    for (int32_t group = 0; group < layer->groups; ++group) {
        const uint32_t *start = stream;
        const uint32_t *constants = stream + EK_DENSE_CHANNELS + 2 * words;
        stream += EK_DENSE_CHANNELS;
        for (uint32_t pair = 0; pair < 2; ++pair) {
            int32_t both = (int32_t)start[2 * pair];
            int32_t sum = (int32_t)start[2 * pair + 1];
            for (uint32_t i = 0; i < words; ++i) {
                const uint32_t four = wide ? 0 : ek_load4(bytes + i / 2 * 4);
                const uint32_t x = wide         ? ((const uint32_t *)layer->x)[i]
                                   : i % 2 == 0 ? ek_sxtb16(four)
                                                : ek_sxtb16_odd(four);
                both = ek_smlad(x, stream[2 * i + pair], both);
                sum = ek_smlad(x, ek_sxtb16(stream[2 * i + pair]), sum);
            }
            const int32_t other = (int32_t)((uint32_t)both - (uint32_t)sum);
            *output++ = ek_matrix_output(2 * sum, constants, layer->centre, layer->rounding);
            *output++ = ek_matrix_output(other >> 7, constants + 2, layer->centre, layer->rounding);
            constants += 4;
        }
        stream = constants;
    }
}

/* What makes all groups of channels of a layer. */
typedef void (*ek_dense_multiply_t)(const uint32_t *stream, const ek_dense_dsp_t *layer);

/* One row of outputs from x, whose steps of depth take `step` bytes each; `multiply` takes `round` blocks of
 * eight steps in a turn of its loop. */
static inline void ek_dense_row(const ek_dense_dsp_params_t *p, const void *x, int32_t step, int8_t *output,
                                ek_dense_multiply_t multiply, int32_t round) {
    const int32_t groups = p->outputs / EK_DENSE_CHANNELS;
    const int32_t left = p->outputs % EK_DENSE_CHANNELS;
    ek_dense_dsp_t layer = {.output = output,
                            .groups = groups,
                            .x = x,
                            .end = (const int8_t *)x + p->depth * step,
                            .centre = p->centre,
                            .first = (uint32_t)((p->depth / 8 - 1) % round + 1),
                            .rounding = p->rounding};
    if (groups > 0) {
        multiply(p->stream, &layer);
    }
    if (left > 0) {
        int8_t rest[EK_DENSE_CHANNELS];
        layer.output = rest;
        layer.groups = 1;
        multiply(p->stream + groups * (p->depth + 3 * EK_DENSE_CHANNELS), &layer);
        memcpy(output + p->outputs - left, rest, (size_t)left);
    }
    if (p->clamped) {
        ek_clamp_dsp(output, p->outputs, p->low, p->high);
    }
}

#endif
