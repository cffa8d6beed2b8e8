#include "ek_fully_connected_s8_dsp.h"

#include "ek_dsp.h"

enum { CHANNELS = 4 };

/* What all groups of channels share; the assembly below knows the order of the fields. */
typedef struct {
    uint32_t blocks; /* depth / 4 */
    int32_t centre;
    int32_t once;
} layer_t;

#if defined(__ARM_FEATURE_DSP)

/* Four steps of depth: 16 products.
 * r0 weights, r1 inputs; r7-r10 words of weights; r11, r12 inputs;
 * r3, r5 the sums 256 * S1 + S0 of two pairs of channels, r4, r6 their S0. */
#define BLOCK                                                                                                \
    "ldmia r1!, {r11, r12}\n"                                                                                \
    "ldmia r0!, {r7, r8, r9, r10}\n"                                                                         \
    "smlad r3, r11, r7, r3\n"                                                                                \
    "smlad r5, r11, r8, r5\n"                                                                                \
    "sxtb16 r7, r7\n"                                                                                        \
    "sxtb16 r8, r8\n"                                                                                        \
    "smlad r4, r11, r7, r4\n"                                                                                \
    "smlad r6, r11, r8, r6\n"                                                                                \
    "smlad r3, r12, r9, r3\n"                                                                                \
    "smlad r5, r12, r10, r5\n"                                                                               \
    "sxtb16 r9, r9\n"                                                                                        \
    "sxtb16 r10, r10\n"                                                                                      \
    "smlad r4, r12, r9, r4\n"                                                                                \
    "smlad r6, r12, r10, r6\n"

/* One channel's sum, which `scale` doubles, to its output at r12; r0 its constants, r1 2 * zero point + 1. */
#define OUTPUT(sum, scale, round)                                                                            \
    "ldmia r0!, {r7, r8}\n"                                                                                  \
    "and r9, r7, #31\n"                                                                                      \
    "asr r7, r7, #5\n"                                                                                       \
    "lsl r10, r1, r9\n"                                                                                      \
    "asr r10, r10, #1\n"                                                                                     \
    "add " sum ", r7, " sum ", " scale "\n" round "asr " sum ", " sum ", r9\n"                               \
    "ssat " sum ", #8, " sum "\n"                                                                            \
    "strb " sum ", [r12], #1\n"

#define ONCE(sum) "smmla " sum ", " sum ", r8, r10\n"
#define TWICE(sum)                                                                                           \
    "add r10, r10, " sum ", asr #31\n"                                                                       \
    "smmlar " sum ", " sum ", r8, r10\n"
/* clang-format off */
#define OUTPUTS(round)                      \
    OUTPUT("r4", "lsl #1", round("r4"))     \
    OUTPUT("r3", "asr #7", round("r3"))     \
    OUTPUT("r6", "lsl #1", round("r6"))     \
    OUTPUT("r5", "asr #7", round("r5"))
/* clang-format on */

/* Four outputs; returns the stream behind them. */
__attribute__((naked, noinline)) static const uint32_t *multiply(EK_UNUSED const uint32_t *stream,
                                                                 EK_UNUSED const uint32_t *x,
                                                                 EK_UNUSED const layer_t *layer,
                                                                 EK_UNUSED int8_t *output) {
    __asm__ volatile("push {r2-r12, lr}\n"
                     "ldr r2, [r2]\n"
                     "mov r3, #0\n"
                     "mov r4, #0\n"
                     "mov r5, #0\n"
                     "mov r6, #0\n"
                     "lsrs r2, r2, #1\n"
                     "bcc 2f\n" BLOCK "2:\n"
                     "lsrs r2, r2, #1\n"
                     "bcc 3f\n"
                     ".rept 2\n" BLOCK ".endr\n"
                     "3:\n"
                     "cmp r2, #0\n"
                     "beq 5f\n"
                     "4:\n"
                     ".rept 4\n" BLOCK ".endr\n"
                     "subs r2, r2, #1\n"
                     "bne 4b\n"
                     "5:\n"
                     "ldmia sp!, {r11, r12}\n"
                     "ldrd r1, r2, [r11, #4]\n"
                     "sub r3, r3, r4\n"
                     "sub r5, r5, r6\n"
                     "cmp r2, #0\n"
                     "bne 6f\n" OUTPUTS(TWICE) "b 7f\n"
                                               "6:\n" OUTPUTS(ONCE) "7:\n"
                                                                    "pop {r4-r12, pc}\n");
}

#else

static const uint32_t *multiply(const uint32_t *stream, const uint32_t *x, const layer_t *layer,
                                int8_t *output) {
    const uint32_t *constants = stream + 4 * layer->blocks;
    for (uint32_t pair = 0; pair < 2; ++pair) {
        int32_t both = 0;
        int32_t sum = 0;
        for (uint32_t i = 0; i < 2 * layer->blocks; ++i) {
            both = ek_smlad(x[i], stream[2 * i + pair], both);
            sum = ek_smlad(x[i], ek_sxtb16(stream[2 * i + pair]), sum);
        }
        const int32_t doubled[2] = {2 * sum, (int32_t)((uint32_t)both - (uint32_t)sum) >> 7};
        for (int k = 0; k < 2; ++k) {
            const ek_channel_dsp_t channel = {(int32_t)constants[0], (int32_t)constants[1]};
            *output++ = layer->once ? ek_requantize_once_dsp(doubled[k], &channel, layer->centre)
                                    : ek_requantize_dsp(doubled[k], &channel, layer->centre);
            constants += 2;
        }
    }
    return constants;
}

#endif

static void widen(const int8_t *from, int32_t count, uint32_t *to) {
    for (; count >= 4; count -= 4) {
        const uint32_t word = ek_load4(from);
        *to++ = ek_sxtb16(word);
        *to++ = ek_sxtb16_odd(word);
        from += 4;
    }
    if (count > 0) {
        uint32_t word = 0;
        memcpy(&word, from, (size_t)count);
        *to++ = ek_sxtb16(word);
        *to++ = ek_sxtb16_odd(word);
    }
}

void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params_t *p, const int8_t *input,
                               int8_t *output, void *scratch) {
    uint32_t *wide = scratch;
    const layer_t layer = {(uint32_t)p->depth / 4, p->centre, p->once};
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const uint32_t *stream = p->stream;
        int32_t left = p->outputs;
        widen(input, p->inputs, wide);
        for (; left >= CHANNELS; left -= CHANNELS) {
            stream = multiply(stream, wide, &layer, output);
            output += CHANNELS;
        }
        if (left > 0) {
            int8_t rest[CHANNELS];
            (void)multiply(stream, wide, &layer, rest);
            memcpy(output, rest, (size_t)left);
            output += left;
        }
        if (p->clamped) {
            ek_clamp_dsp(output - p->outputs, p->outputs, p->low, p->high);
        }
        input += p->inputs;
    }
}
