#include "ek_conv2d_narrow_s8_dsp.h"

#include "ek_depthwise_dsp.h"

enum {
    BYTES = 8,     /* of a window */
    WORDS = 4,     /* of a widened window */
    LONG_WORDS = 5 /* of one of nine bytes */
};

/* One channel of a tile; the assembly below knows the order of the fields. */
typedef struct {
    const uint32_t *x; /* [pixels][words] */
    int8_t *output;
    uint32_t step_or_last; /* from pixel to pixel, or the last of LONG_WORDS weights */
    uint32_t weights[WORDS];
    const uint32_t *fours; /* end of what is a multiple of four pixels */
    const uint32_t *end;
    int32_t away; /* what negative sums lack to be rounded away from zero */
    int32_t multiplier;
    int32_t offset;
    int32_t bias;
    int32_t step;
} run_t;

#if defined(__ARM_FEATURE_DSP)

/* r0 windows, r1 output, r2 step or last weights, r3-r6 weights, r7-r10 a window, r11 multiplier, r12 offset,
 * lr bias. On the stack: ends of windows, what negative sums lack, step. */
#define ENTER                                                                                                \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #16\n"                                                                                      \
    "mov r10, r0\n"                                                                                          \
    "ldmia r10!, {r0-r6}\n"                                                                                  \
    "ldmia r10, {r7, r8, r9, r11, r12, lr}\n"                                                                \
    "ldr r10, [r10, #24]\n"                                                                                  \
    "stmia sp, {r7, r8, r9, r10}\n"                                                                          \
    "b 2f\n"                                                                                                 \
    "1:\n"

/* r7 the sum. */
#define WINDOW                                                                                               \
    "ldmia r0!, {r7, r8, r9, r10}\n"                                                                         \
    "smlad r7, r7, r3, lr\n"                                                                                 \
    "smlad r7, r8, r4, r7\n"                                                                                 \
    "smlad r7, r9, r5, r7\n"                                                                                 \
    "smlad r7, r10, r6, r7\n"

#define LONG_WINDOW                                                                                          \
    "ldmia r0!, {r7, r8, r9}\n"                                                                              \
    "smlad r10, r7, r3, lr\n"                                                                                \
    "smlad r10, r8, r4, r10\n"                                                                               \
    "smlad r10, r9, r5, r10\n"                                                                               \
    "ldmia r0!, {r7, r8}\n"                                                                                  \
    "smlad r10, r7, r6, r10\n"                                                                               \
    "smlad r7, r8, r2, r10\n"

#define MULTIPLIED                                                                                           \
    "smmla r7, r7, r11, r12\n"                                                                               \
    "ssat r7, #8, r7, asr #12\n"

#define MULTIPLIED_SIGNED                                                                                    \
    "ldr r8, [sp, #8]\n"                                                                                     \
    "and r8, r8, r7, asr #31\n"                                                                              \
    "sub r8, r12, r8\n"                                                                                      \
    "smmla r7, r7, r11, r8\n"                                                                                \
    "ssat r7, #8, r7, asr #12\n"

/* `load` brings the step to register `step`. */
#define TWO(window, multiplied, load, step)                                                                  \
    window multiplied "strb r7, [r1]\n" /* */                                                                \
        window multiplied load "strb r7, [r1, " step "]\n"                                                   \
                      "add r1, r1, " step ", lsl #1\n"

#define RUN(window, multiplied, load, step)                                                                  \
    ENTER TWO(window, multiplied, load, step)                                                                \
        TWO(window, multiplied, load, step) "2:\n"                                                           \
                                            "ldr r7, [sp]\n"                                                 \
                                            "cmp r0, r7\n"                                                   \
                                            "bne.w 1b\n"                                                     \
                                            "b 4f\n"                                                         \
                                            "3:\n" window multiplied load "strb r7, [r1]\n"                  \
                                            "add r1, r1, " step "\n"                                         \
                                            "4:\n"                                                           \
                                            "ldr r7, [sp, #4]\n"                                             \
                                            "cmp r0, r7\n"                                                   \
                                            "bne.w 3b\n"                                                     \
                                            "add sp, sp, #16\n"                                              \
                                            "pop {r4-r11, pc}\n"

__attribute__((naked, noinline)) static void run_rectified(EK_UNUSED const run_t *a) {
    __asm__ volatile(RUN(WINDOW, MULTIPLIED, "", "r2"));
}

__attribute__((naked, noinline)) static void run(EK_UNUSED const run_t *a) {
    __asm__ volatile(RUN(WINDOW, MULTIPLIED_SIGNED, "", "r2"));
}

__attribute__((naked, noinline)) static void run_long_rectified(EK_UNUSED const run_t *a) {
    __asm__ volatile(RUN(LONG_WINDOW, MULTIPLIED, "ldr r8, [sp, #12]\n", "r8"));
}

__attribute__((naked, noinline)) static void run_long(EK_UNUSED const run_t *a) {
    __asm__ volatile(RUN(LONG_WINDOW, MULTIPLIED_SIGNED, "ldr r8, [sp, #12]\n", "r8"));
}

#else

static void run_any(const run_t *a, bool rectified, int words) {
    int8_t *output = a->output;
    for (const uint32_t *x = a->x; x != a->end; x += words) {
        int32_t sum = a->bias;
        for (int i = 0; i < words; ++i) {
            sum = ek_smlad(x[i], i < WORDS ? a->weights[i] : a->step_or_last, sum);
        }
        *output = ek_depthwise_output(sum, a->multiplier, a->offset, rectified ? 0 : a->away);
        output += a->step;
    }
}

static void run_rectified(const run_t *a) {
    run_any(a, true, WORDS);
}

static void run(const run_t *a) {
    run_any(a, false, WORDS);
}

static void run_long_rectified(const run_t *a) {
    run_any(a, true, LONG_WORDS);
}

static void run_long(const run_t *a) {
    run_any(a, false, LONG_WORDS);
}

#endif

static uint32_t *put(uint32_t *to, uint32_t first, uint32_t second) {
    to[0] = ek_sxtb16(first);
    to[1] = ek_sxtb16_odd(first);
    to[2] = ek_sxtb16(second);
    to[3] = ek_sxtb16_odd(second);
    return to + WORDS;
}

/* Widens `count` windows that lie `step` bytes apart. */
static uint32_t *widen(const int8_t *from, int32_t step, int32_t count, bool longer, uint32_t *to) {
    for (; count > 0; --count) {
        to = put(to, ek_load4(from), ek_load4(from + 4));
        if (longer) {
            *to++ = (uint32_t)from[BYTES];
        }
        from += step;
    }
    return to;
}

/* Widens a window of which only the bytes from `begin` to before `end` are there. */
static uint32_t *border(const int8_t *from, int32_t begin, int32_t end, int32_t zero, bool longer,
                        uint32_t *to) {
    int8_t window[BYTES + 1];
    for (int32_t i = 0; i <= BYTES; ++i) {
        window[i] = (int8_t)(i >= begin && i < end ? from[i] : zero);
    }
    return widen(window, 0, 1, longer, to);
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Widens the windows of some pixels. */
static void gather_tile(const ek_conv2d_narrow_s8_dsp_params_t *p, const int8_t *input, int32_t pixel,
                        int32_t count, uint32_t *to) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t step = p->stride_width * p->input_channels;
    const int32_t taps = p->kernel_width * p->input_channels;
    const bool longer = taps > BYTES;
    int32_t oy = pixel / p->output_width;
    int32_t ox = pixel - oy * p->output_width;
    while (count > 0) {
        const int32_t x = ox * step - p->pad_left * p->input_channels;
        const int32_t offset = oy * p->stride_height * row_size + x;
        /* How far windows can move and still lie, with what is read along with them, in row and image. */
        const int32_t room =
            smaller(row_size - x - taps, p->input_height * row_size - offset - (longer ? taps : BYTES));
        int32_t run = 1;
        if (x >= 0 && room >= 0) {
            run = smaller(count, smaller(p->output_width - ox, room / step + 1));
            to = widen(input + offset, step, run, longer, to);
        } else {
            to = border(input + offset, -x, row_size - x, p->input_zero_point, longer, to);
        }
        count -= run;
        ox += run;
        if (ox == p->output_width) {
            ox = 0;
            ++oy;
        }
    }
}

/* One channel of some pixels. */
static void run_channel(const ek_conv2d_narrow_s8_dsp_params_t *p, const uint32_t *stream, int32_t count,
                        const uint32_t *windows, int8_t *output) {
    const bool longer = p->kernel_width * p->input_channels > BYTES;
    const int32_t words = longer ? LONG_WORDS : WORDS;
    const ek_depthwise_channel_t c = ek_depthwise_channel(stream + (longer ? 3 : 2), p->centre);
    const run_t a = {.x = windows,
                     .output = output,
                     .step_or_last = longer ? ek_depthwise_scaled(ek_sxtb16(stream[2]), c.scale)
                                            : (uint32_t)p->output_channels,
                     .weights = {ek_depthwise_scaled(ek_sxtb16(stream[0]), c.scale),
                                 ek_depthwise_scaled(ek_sxtb16_odd(stream[0]), c.scale),
                                 ek_depthwise_scaled(ek_sxtb16(stream[1]), c.scale),
                                 ek_depthwise_scaled(ek_sxtb16_odd(stream[1]), c.scale)},
                     .fours = windows + count / 4 * 4 * words,
                     .end = windows + count * words,
                     .away = c.away,
                     .multiplier = c.multiplier,
                     .offset = c.offset,
                     .bias = c.bias,
                     .step = p->output_channels};
    if (longer) {
        (p->rectified ? run_long_rectified : run_long)(&a);
    } else {
        (p->rectified ? run_rectified : run)(&a);
    }
}

void ek_conv2d_narrow_s8_dsp(const ek_conv2d_narrow_s8_dsp_params_t *p, const int8_t *input, int8_t *output,
                             void *scratch) {
    const int32_t pixels = p->output_height * p->output_width;
    const int32_t constants = p->kernel_width * p->input_channels > BYTES ? 5 : 4;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t pixel = 0; pixel < pixels; pixel += p->tile) {
            const int32_t count = pixels - pixel < p->tile ? pixels - pixel : p->tile;
            gather_tile(p, input, pixel, count, scratch);
            for (int32_t channel = 0; channel < p->output_channels; ++channel) {
                run_channel(p, p->stream + channel * constants, count, scratch, output + channel);
            }
            if (p->clamped) {
                ek_clamp_dsp(output, count * p->output_channels, p->low, p->high);
            }
            output += count * p->output_channels;
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
