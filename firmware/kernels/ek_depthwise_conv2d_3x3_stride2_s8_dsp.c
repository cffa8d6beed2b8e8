#include "ek_depthwise_conv2d_3x3_stride2_s8_dsp.h"

#include "ek_depthwise_row_dsp.h"

enum { ROWS = 3 };

/* Outputs of four channels from planes of words. */
typedef struct {
    const ek_depthwise_row_channel_t *channels;
    const uint32_t *x;
    int8_t *output;
    int32_t step;  /* from output to output */
    int32_t fours; /* words of a multiple of four outputs, in bytes */
    int32_t rest;  /* words of the others */
    int32_t plane; /* bytes */
} run_t;

#if defined(__ARM_FEATURE_DSP)

/* r0 x, r1 output, r2-r4 weights of columns 0 and 1 by rows, r5 and r6 those of column 2, r8-r11 sums, r7,
 * r12 and lr words of three rows. On the stack, by offset: 0 bias, four times; 16 multiplier, offset; 24
 * step, end of fours; 32 x and output of the channel; 40 its constants, their end; 48 fours, rest; 56 plane,
 * away; 64 end of rest, saved r1. */
#define ENTER                                                                                                \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #76\n"                                                                                      \
    "ldmia r0, {r1-r7}\n"                                                                                    \
    "str r4, [sp, #24]\n"                                                                                    \
    "strd r2, r3, [sp, #32]\n"                                                                               \
    "mov r12, r1\n"                                                                                          \
    "add r2, r1, #144\n"                                                                                     \
    "str r2, [sp, #44]\n"                                                                                    \
    "strd r5, r6, [sp, #48]\n"                                                                               \
    "str r7, [sp, #56]\n"                                                                                    \
    "1:\n"                                                                                                   \
    "ldrd r0, r1, [sp, #32]\n"                                                                               \
    "ldmia r12!, {r2-r10}\n"                                                                                 \
    "str r12, [sp, #40]\n"                                                                                   \
    "strd r8, r8, [sp]\n"                                                                                    \
    "strd r8, r8, [sp, #8]\n"                                                                                \
    "strd r9, r10, [sp, #16]\n"                                                                              \
    "ldrd r8, r9, [sp, #48]\n"                                                                               \
    "ldr r10, [sp, #56]\n"                                                                                   \
    "add lr, r0, r8\n"                                                                                       \
    "add r9, r9, lr\n"                                                                                       \
    "str lr, [sp, #28]\n"                                                                                    \
    "strd r7, r9, [sp, #60]\n"                                                                               \
    "add r8, r0, r10\n"                                                                                      \
    "add r9, r1, #1\n"                                                                                       \
    "strd r8, r9, [sp, #32]\n"                                                                               \
    "b 3f\n"

/* Columns 0 and 1, and column 2, of a window's three rows. */
#define BEGIN(sum)                                                                                           \
    "smlad " sum ", r7, r2, " sum "\n"                                                                       \
    "smlad " sum ", r12, r3, " sum "\n"                                                                      \
    "smlad " sum ", lr, r4, " sum "\n"
#define END(sum)                                                                                             \
    "smlabb " sum ", r7, r5, " sum "\n"                                                                      \
    "smlabt " sum ", r12, r5, " sum "\n"                                                                     \
    "smlabb " sum ", lr, r6, " sum "\n"

#define FOUR                                                                                                 \
    "2:\n"                                                                                                   \
    "ldmia sp, {r8-r11}\n"                                                                                   \
    "ldmia r0!, {r7, r12, lr}\n" BEGIN("r8")                 /* */                                           \
        "ldmia r0!, {r7, r12, lr}\n" END("r8") BEGIN("r9")   /* */                                           \
        "ldmia r0!, {r7, r12, lr}\n" END("r9") BEGIN("r10")  /* */                                           \
        "ldmia r0!, {r7, r12, lr}\n" END("r10") BEGIN("r11") /* */                                           \
        "ldmia r0, {r7, r12, lr}\n" END("r11")

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
    "ldr r8, [sp]\n"                                                                                         \
    "ldmia r0!, {r7, r12, lr}\n" BEGIN("r8") /* */                                                           \
        "ldmia r0, {r7, r12, lr}\n" END("r8")

#define STORE_ONE                                                                                            \
    "ldr r12, [sp, #24]\n"                                                                                   \
    "ssat r8, #8, r8, asr #12\n"                                                                             \
    "strb r8, [r1]\n"                                                                                        \
    "add r1, r1, r12\n"                                                                                      \
    "5:\n"                                                                                                   \
    "ldr r12, [sp, #64]\n"                                                                                   \
    "cmp r0, r12\n"                                                                                          \
    "bne 4b\n"                                                                                               \
    "ldrd r12, lr, [sp, #40]\n"                                                                              \
    "cmp r12, lr\n"                                                                                          \
    "bne 1b\n"                                                                                               \
    "add sp, sp, #76\n"                                                                                      \
    "pop {r4-r11, pc}\n"

/* r12 multiplier, lr offset */
#define MULTIPLY        "ldrd r12, lr, [sp, #16]\n"
#define MULTIPLIED(sum) "smmla " sum ", " sum ", r12, lr\n"

/* The same; r7 what negative sums lack, r1 the offset of this sum. */
#define MULTIPLY_SIGNED                                                                                      \
    "str r1, [sp, #68]\n"                                                                                    \
    "ldr r7, [sp, #60]\n" MULTIPLY
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
        const uint32_t *const w = c->weights;
        const uint32_t *x = a->x + i * (a->plane / 4);
        int8_t *output = a->output + i;
        for (int32_t n = (a->fours + a->rest) / (4 * ROWS); n > 0; --n) {
            int32_t sum = c->bias;
            for (int32_t row = 0; row < ROWS; ++row) {
                const uint32_t last = row == 0 ? w[3] : row == 1 ? w[3] >> 16 : w[4];
                sum = ek_smlad(x[row], w[row], sum);
                sum = ek_smlad(x[ROWS + row] & 0xFFFFU, last & 0xFFFFU, sum);
            }
            *output = ek_depthwise_output(sum, c->multiplier, c->offset, rectified ? 0 : c->away);
            output += a->step;
            x += ROWS;
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

/* Four channels of a row, whose windows begin at row y. */
static void run_row(const ek_depthwise_conv2d_3x3_stride2_s8_dsp_params_t *p,
                    const ek_depthwise_row_channel_t *channels, const int8_t *input, int32_t y,
                    int8_t *output, uint32_t *x) {
    const int32_t plane = ROWS * (p->tile + 1);
    const int8_t *const outside = (const int8_t *)(x + 4 * plane);
    run_t a = {.channels = channels, .x = x, .output = output, .step = p->channels, .plane = 4 * plane};
    for (int32_t window = 0; window < p->output_width; window += p->tile) {
        const int32_t left = p->output_width - window;
        const int32_t count = left < p->tile ? left : p->tile;
        for (int32_t i = 0; i < ROWS; ++i) {
            ek_depthwise_row_t row = {outside, outside, p->input_width, 0};
            if (y + i >= 0 && y + i < p->input_height) {
                row.at = input + (y + i) * p->input_width * p->channels;
                row.channels = p->channels;
            }
            ek_depthwise_widen_row(&row, 2 * window - p->pad_left, count + 1, x + i, ROWS, plane);
        }
        a.fours = count / 4 * (16 * ROWS);
        a.rest = count % 4 * (4 * ROWS);
        if (p->rectified) {
            run_rectified(&a);
        } else {
            run(&a);
        }
        a.output += count * a.step;
    }
}

void ek_depthwise_conv2d_3x3_stride2_s8_dsp(const ek_depthwise_conv2d_3x3_stride2_s8_dsp_params_t *p,
                                            const int8_t *input, int8_t *output, void *scratch) {
    const int32_t size = p->output_width * p->channels;
    uint32_t *const x = scratch;
    x[4 * ROWS * (p->tile + 1)] = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const uint32_t *stream = p->stream;
            for (int32_t channel = 0; channel < p->channels; channel += 4) {
                ek_depthwise_row_channel_t channels[4];
                for (int32_t i = 0; i < 4; ++i) {
                    ek_depthwise_row_unpack(stream, p->centre, channels + i);
                    stream += 5;
                }
                run_row(p, channels, input + channel, 2 * oy - p->pad_top, output + channel, x);
            }
            if (p->clamped) {
                ek_clamp_dsp(output, size, p->low, p->high);
            }
            output += size;
        }
        input += p->input_height * p->input_width * p->channels;
    }
}
