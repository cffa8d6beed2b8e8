#include "ek_depthwise_conv2d_row_s8_dsp.h"

#include <string.h>

#include "ek_depthwise_row_dsp.h"

enum { WORDS = EK_DEPTHWISE_ROW_WORDS, MORE = WORDS - 1 };

/* Outputs of four channels from planes of words. */
typedef struct {
    const ek_depthwise_row_channel_t *channels;
    const uint32_t *x;
    int8_t *output;
    int32_t step;   /* from output to output */
    int32_t fours;  /* words of a multiple of four outputs, in bytes */
    int32_t rest;   /* words of the others */
    int32_t plane;  /* bytes */
    int32_t second; /* whether the weights are those of a window's second output */
} run_t;

#if defined(__ARM_FEATURE_DSP)

/* r0 x, r1 output, r2-r6 weights, r7 away, r8-r11 sums, r12 and lr words. On the stack, by offset: 0 bias,
 * four times; 16 multiplier, offset; 24 step, end of fours; 32 x and output of the channel; 40 its constants,
 * their end; 48 fours, rest; 56 plane, second; 64 end of rest, saved r1. */
#define ENTER                                                                                                \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #76\n"                                                                                      \
    "ldmia r0, {r1-r8}\n"                                                                                    \
    "str r4, [sp, #24]\n"                                                                                    \
    "strd r2, r3, [sp, #32]\n"                                                                               \
    "add r2, r1, #144\n"                                                                                     \
    "strd r1, r2, [sp, #40]\n"                                                                               \
    "strd r5, r6, [sp, #48]\n"                                                                               \
    "strd r7, r8, [sp, #56]\n"                                                                               \
    "1:\n"                                                                                                   \
    "ldr r12, [sp, #40]\n"                                                                                   \
    "ldrd r0, r1, [sp, #32]\n"                                                                               \
    "ldmia r12!, {r2-r10}\n"                                                                                 \
    "str r12, [sp, #40]\n"                                                                                   \
    "strd r8, r8, [sp]\n"                                                                                    \
    "strd r8, r8, [sp, #8]\n"                                                                                \
    "strd r9, r10, [sp, #16]\n"                                                                              \
    "ldrd r8, r9, [sp, #48]\n"                                                                               \
    "ldrd r10, r11, [sp, #56]\n"                                                                             \
    "add lr, r0, r8\n"                                                                                       \
    "add r9, r9, lr\n"                                                                                       \
    "str lr, [sp, #28]\n"                                                                                    \
    "str r9, [sp, #64]\n"                                                                                    \
    "add r8, r0, r10\n"                                                                                      \
    "add r9, r1, #1\n"                                                                                       \
    "strd r8, r9, [sp, #32]\n"                                                                               \
    "cmp r11, #0\n"                                                                                          \
    "beq 3f\n" MOVE("r6", "r5") MOVE("r5", "r4") MOVE("r4", "r3") MOVE("r3", "r2") "lsl r2, r2, #16\n"       \
                                                                                   "b 3f\n"

/* to = from's high half, to's low half */
#define MOVE(to, from)                                                                                       \
    "lsl " to ", " to ", #16\n"                                                                              \
    "pkhtb " to ", " to ", " from ", asr #16\n"

#define TAP(sum, x, weights) "smlad " sum ", " x ", " weights ", " sum "\n"

#define FOUR                                                                                                 \
    "2:\n"                                                                                                   \
    "ldrd r12, lr, [r0], #16\n"                                                                              \
    "ldmia sp, {r8-r11}\n" TAP("r8", "r12", "r2") TAP("r8", "lr", "r3")                                      \
        TAP("r9", "lr", "r2") "ldrd r12, lr, [r0, #-8]\n" TAP("r8", "r12", "r4") TAP("r9", "r12", "r3")      \
            TAP("r10", "r12", "r2") TAP("r8", "lr", "r5") TAP("r9", "lr", "r4") TAP("r10", "lr", "r3")       \
                TAP("r11", "lr", "r2") "ldrd r12, lr, [r0]\n" TAP("r8", "r12", "r6") TAP("r9", "r12", "r5")  \
                    TAP("r10", "r12", "r4") TAP("r11", "r12", "r3") TAP("r9", "lr", "r6")                    \
                        TAP("r10", "lr", "r5")                                                               \
                            TAP("r11", "lr", "r4") "ldrd r12, lr, [r0, #8]\n" TAP("r10", "r12", "r6")        \
                                TAP("r11", "r12", "r5") TAP("r11", "lr", "r6")

#define STORE_FOUR                                                                                           \
    "ldrd r12, lr, [sp, #24]\n"                                                                              \
    "ssat r8, #8, r8, asr #12\n"                                                                             \
    "ssat r9, #8, r9, asr #12\n"                                                                             \
    "ssat r10, #8, r10, asr #12\n"                                                                           \
    "ssat r11, #8, r11, asr #12\n"                                                                           \
    "strb r8, [r1]\n"                                                                                        \
    "add r8, r1, r12, lsl #1\n"                                                                              \
    "strb r9, [r1, r12]\n"                                                                                   \
    "strb r10, [r8]\n"                                                                                       \
    "strb r11, [r8, r12]\n"                                                                                  \
    "add r1, r1, r12, lsl #2\n"                                                                              \
    "3:\n"                                                                                                   \
    "cmp r0, lr\n"                                                                                           \
    "bne 2b\n"

#define ONE                                                                                                  \
    "b 5f\n"                                                                                                 \
    "4:\n"                                                                                                   \
    "ldrd r12, lr, [r0], #4\n"                                                                               \
    "ldr r8, [sp]\n" TAP("r8", "r12", "r2") TAP("r8", "lr", "r3") /* */                                      \
        "ldrd r12, lr, [r0, #4]\n" TAP("r8", "r12", "r4")                                                    \
            TAP("r8", "lr", "r5") "ldr r12, [r0, #12]\n" TAP("r8", "r12", "r6")

#define STORE_ONE                                                                                            \
    "ldr r12, [sp, #24]\n"                                                                                   \
    "ssat r8, #8, r8, asr #12\n"                                                                             \
    "strb r8, [r1]\n"                                                                                        \
    "add r1, r1, r12\n"                                                                                      \
    "5:\n"                                                                                                   \
    "ldr r12, [sp, #64]\n"                                                                                   \
    "cmp r0, r12\n"                                                                                          \
    "bne 4b\n"                                                                                               \
    "ldrd r8, r9, [sp, #40]\n"                                                                               \
    "cmp r8, r9\n"                                                                                           \
    "bne 1b\n"                                                                                               \
    "add sp, sp, #76\n"                                                                                      \
    "pop {r4-r11, pc}\n"

/* r12 multiplier, lr offset */
#define MULTIPLY        "ldrd r12, lr, [sp, #16]\n"
#define MULTIPLIED(sum) "smmla " sum ", " sum ", r12, lr\n"

/* The same; r1 the offset of this sum. */
#define MULTIPLY_SIGNED "str r1, [sp, #68]\n" MULTIPLY
#define MULTIPLIED_SIGNED(sum)                                                                               \
    "and r1, r7, " sum ", asr #31\n"                                                                         \
    "sub r1, lr, r1\n"                                                                                       \
    "smmla " sum ", " sum ", r12, r1\n"
#define MULTIPLIED_ALL "ldr r1, [sp, #68]\n"

__attribute__((naked, noinline)) static void run_rectified(EK_UNUSED const run_t *a) {
    __asm__ volatile(ENTER FOUR MULTIPLY MULTIPLIED("r8") MULTIPLIED("r9") MULTIPLIED("r10") MULTIPLIED("r11")
                         STORE_FOUR ONE MULTIPLY MULTIPLIED("r8") STORE_ONE);
}

__attribute__((naked, noinline)) static void run(EK_UNUSED const run_t *a) {
    __asm__ volatile(ENTER FOUR MULTIPLY_SIGNED MULTIPLIED_SIGNED("r8") MULTIPLIED_SIGNED("r9")
                         MULTIPLIED_SIGNED("r10") MULTIPLIED_SIGNED("r11")
                             MULTIPLIED_ALL STORE_FOUR ONE MULTIPLY_SIGNED MULTIPLIED_SIGNED("r8")
                                 MULTIPLIED_ALL STORE_ONE);
}

#else

static void run_any(const run_t *a, bool rectified) {
    for (int32_t i = 0; i < 4; ++i) {
        const ek_depthwise_row_channel_t *const c = a->channels + i;
        const uint32_t *x = a->x + i * (a->plane / 4);
        int8_t *output = a->output + i;
        for (int32_t n = (a->fours + a->rest) / 4; n > 0; --n) {
            int32_t sum = c->bias;
            uint32_t before = 0;
            for (int32_t k = 0; k < WORDS; ++k) {
                const uint32_t pair = c->weights[k];
                sum = ek_smlad(x[k], a->second ? pair << 16 | before >> 16 : pair, sum);
                before = pair;
            }
            *output = ek_depthwise_output(sum, c->multiplier, c->offset, rectified ? 0 : c->away);
            output += a->step;
            ++x;
        }
    }
}

static void run_rectified(const run_t *a) {
    run_any(a, true);
}

static void run(const run_t *a) {
    run_any(a, false);
}

#endif

static void run_outputs(run_t *a, int32_t count, bool rectified) {
    a->fours = count / 4 * 16;
    a->rest = count % 4 * 4;
    if (rectified) {
        run_rectified(a);
    } else {
        run(a);
    }
}

/* Four channels of a row. */
static void run_row(const ek_depthwise_conv2d_row_s8_dsp_params_t *p,
                    const ek_depthwise_row_channel_t *channels, const int8_t *input, int8_t *output,
                    uint32_t *x) {
    const bool both = p->stride_width == 1;
    const int32_t plane = p->tile + MORE;
    const int32_t windows = both ? (p->output_width + 1) / 2 : p->output_width;
    const ek_depthwise_row_t row = {input, (const int8_t *)(x + 4 * plane), p->input_width, p->channels};
    run_t a = {.channels = channels,
               .x = x,
               .output = output,
               .step = both ? 2 * p->channels : p->channels,
               .plane = 4 * plane};
    int32_t kept = 0; /* words that are there from the tile before */
    for (int32_t window = 0; window < windows; window += p->tile) {
        const int32_t count = windows - window < p->tile ? windows - window : p->tile;
        if (kept > 0) {
            for (int32_t i = 0; i < 4 * plane; i += plane) {
                memcpy(x + i, x + i + p->tile, MORE * sizeof *x);
            }
        }
        ek_depthwise_widen_row(&row, 2 * (window + kept) - p->pad_left, count + MORE - kept, x + kept, 1,
                               plane);
        kept = MORE;
        a.second = 0;
        run_outputs(&a, count, p->rectified);
        if (both) {
            const int32_t left = p->output_width - 2 * window;
            a.second = 1;
            a.output += p->channels;
            run_outputs(&a, left / 2 < count ? left / 2 : count, p->rectified);
            a.output -= p->channels;
        }
        a.output += count * a.step;
    }
}

void ek_depthwise_conv2d_row_s8_dsp(const ek_depthwise_conv2d_row_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch) {
    const int32_t row_size = p->input_width * p->channels;
    const int32_t made_size = p->output_width * p->channels;
    uint32_t *const x = scratch;
    x[4 * (p->tile + MORE)] = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const int8_t *const row = input + oy * p->stride_height * row_size;
            const uint32_t *stream = p->stream;
            for (int32_t channel = 0; channel < p->channels; channel += 4) {
                ek_depthwise_row_channel_t channels[4];
                for (int32_t i = 0; i < 4; ++i) {
                    ek_depthwise_row_unpack(stream, p->centre, channels + i);
                    stream += 5;
                }
                run_row(p, channels, row + channel, output + channel, x);
            }
            if (p->clamped) {
                ek_clamp_dsp(output, made_size, p->low, p->high);
            }
            output += made_size;
        }
        input += p->input_height * row_size;
    }
}
