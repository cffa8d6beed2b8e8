#include "ek_fully_connected_s8_dsp.h"

#include "ek_dsp.h"

enum { CHANNELS = 4 };

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

/* Twice the sums of four channels; returns the stream behind their weights. */
__attribute__((naked, noinline)) static const uint32_t *multiply(EK_UNUSED const uint32_t *stream,
                                                                 EK_UNUSED const uint32_t *x,
                                                                 EK_UNUSED uint32_t blocks,
                                                                 EK_UNUSED int32_t sums[CHANNELS]) {
    __asm__ volatile("push {r3-r12, lr}\n"
                     "mov r3, #0\n"
                     "mov r4, #0\n"
                     "mov r5, #0\n"
                     "mov r6, #0\n"
                     "lsrs r2, r2, #1\n"
                     "bcc 2f\n" BLOCK /* keeps the flags */
                     "beq 3f\n"
                     "2:\n" BLOCK BLOCK "subs r2, r2, #1\n"
                     "bne 2b\n"
                     "3:\n"
                     "ldr r12, [sp], #4\n"
                     "sub r3, r3, r4\n"
                     "sub r5, r5, r6\n"
                     "asr r7, r3, #7\n"
                     "asr r9, r5, #7\n"
                     "lsl r8, r6, #1\n"
                     "lsl r6, r4, #1\n"
                     "stmia r12, {r6-r9}\n"
                     "pop {r4-r12, pc}\n");
}

#else

static const uint32_t *multiply(const uint32_t *stream, const uint32_t *x, uint32_t blocks,
                                int32_t sums[CHANNELS]) {
    for (uint32_t pair = 0; pair < 2; ++pair) {
        int32_t both = 0;
        int32_t sum = 0;
        for (uint32_t i = 0; i < 2 * blocks; ++i) {
            both = ek_smlad(x[i], stream[2 * i + pair], both);
            sum = ek_smlad(x[i], ek_sxtb16(stream[2 * i + pair]), sum);
        }
        sums[2 * pair] = 2 * sum;
        sums[2 * pair + 1] = (int32_t)((uint32_t)both - (uint32_t)sum) >> 7;
    }
    return stream + 4 * blocks;
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
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const uint32_t *stream = p->stream;
        widen(input, p->inputs, wide);
        for (int32_t left = p->outputs; left > 0; left -= CHANNELS) {
            int32_t sums[CHANNELS];
            stream = multiply(stream, wide, (uint32_t)p->depth / 4, sums);
            const int32_t count = left < CHANNELS ? left : CHANNELS;
            for (int32_t i = 0; i < count; ++i) {
                const ek_channel_dsp_t channel = {(int32_t)stream[2 * i], (int32_t)stream[2 * i + 1]};
                *output++ = p->once ? ek_requantize_once_dsp(sums[i], &channel, p->centre)
                                    : ek_requantize_dsp(sums[i], &channel, p->centre);
            }
            stream += 2 * CHANNELS;
        }
        if (p->clamped) {
            ek_clamp_dsp(output - p->outputs, p->outputs, p->low, p->high);
        }
        input += p->inputs;
    }
}
