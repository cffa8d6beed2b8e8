#include "ek_depthwise_conv2d_s8_dsp.h"

#include "ek_dsp.h"

enum { CHANNELS = 4, WINDOW = 32 /* most words of a window */, SHORT = 6 /* what the assembly takes */ };

/* Where four channels' bytes of one half of a pair lie. */
typedef struct {
    const int8_t *at;
    int32_t step; /* to the next word's */
} half_t;

/* Where planes are written. */
typedef struct {
    uint32_t *to;
    int32_t plane; /* from channel to channel, in words */
    int32_t step;
} planes_t;

static void fill(planes_t *planes, half_t low, half_t high, int32_t count) {
    uint32_t *to = planes->to;
    const int32_t plane = planes->plane;
    for (int32_t i = count; i > 0; --i) {
        const uint32_t a = ek_load4(low.at);
        const uint32_t b = ek_load4(high.at);
        const uint32_t first = ek_pack_low(a, b);
        const uint32_t last = ek_pack_high(a, b);
        low.at += low.step;
        high.at += high.step;
        to[0] = ek_sxtb16(first);
        to[plane] = ek_sxtb16_odd(first);
        to[2 * plane] = ek_sxtb16(last);
        to[3 * plane] = ek_sxtb16_odd(last);
        to += planes->step;
    }
    planes->to = to;
}

static int32_t limited(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

/* Columns of pairs of rows, from row y and column x on; those in the padding only where `border` says so. */
static void fill_columns(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *input, int32_t y,
                         int32_t x, int32_t columns, bool border, uint32_t *scratch, int32_t plane) {
    const half_t outside = {(const int8_t *)(scratch + CHANNELS * plane), 0};
    const int32_t row_size = p->input_width * p->channels;
    const int32_t begin = limited(-x, 0, columns);
    const int32_t end = limited(p->input_width - x, begin, columns);
    for (int32_t pair = 0; pair < p->pairs; ++pair, y += 2) {
        planes_t planes = {scratch + pair, plane, p->pairs};
        half_t low = outside;
        half_t high = outside;
        if (border) {
            fill(&planes, outside, outside, begin);
        } else {
            planes.to += begin * p->pairs;
        }
        if (y >= 0 && y < p->input_height) {
            low = (half_t){input + y * row_size + (x + begin) * p->channels, p->channels};
        }
        if (y + 1 >= 0 && y + 1 < p->input_height) {
            high = (half_t){input + (y + 1) * row_size + (x + begin) * p->channels, p->channels};
        }
        fill(&planes, low, high, end - begin);
        if (border) {
            fill(&planes, outside, outside, columns - end);
        }
    }
}

/* Pairs of columns of one row, from column x on. */
static void fill_row(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *row, int32_t x,
                     int32_t words, uint32_t *scratch, int32_t plane) {
    const half_t outside = {(const int8_t *)(scratch + CHANNELS * plane), 0};
    planes_t planes = {scratch, plane, 1};
    for (int32_t i = 0; i < words;) {
        half_t low = outside;
        half_t high = outside;
        int32_t count = 1;
        if (x >= 0 && x < p->input_width) {
            low = (half_t){row + x * p->channels, 2 * p->channels};
        }
        if (x + 1 >= 0 && x + 1 < p->input_width) {
            high = (half_t){row + (x + 1) * p->channels, 2 * p->channels};
        }
        if (low.step && high.step) {
            count = limited((p->input_width - x) / 2, 1, words - i);
        }
        fill(&planes, low, high, count);
        i += count;
        x += 2 * count;
    }
}

/* One channel's outputs of a stretch of windows; the assembly below knows the order of the fields. */
typedef struct {
    const uint32_t *stream;
    const uint32_t *x;
    int8_t *output;
    int32_t count;
    int32_t output_step;
    int32_t next; /* from the end of SHORT words to the next window, in bytes */
    int32_t centre;
    int32_t second; /* whether the weights are those of a window's second output */
} run_t;

/* As `run` below, for any size of window. */
static void run_long(const run_t *a, int32_t window) {
    const uint32_t *constants = a->stream + (window + 1) / 2;
    const ek_channel_dsp_t channel = {(int32_t)constants[0], (int32_t)constants[1]};
    uint32_t w[WINDOW];
    uint32_t before = 0;
    for (int32_t i = 0; i < window; ++i) {
        const uint32_t packed = a->stream[i / 2];
        const uint32_t pair = i % 2 == 0 ? ek_sxtb16(packed) : ek_sxtb16_odd(packed);
        w[i] = a->second ? pair << 16 | before >> 16 : pair;
        before = pair;
    }
    const uint32_t *x = a->x;
    int8_t *output = a->output;
    for (int32_t i = 0; i < a->count; ++i) {
        int32_t sum = 0;
        for (int32_t k = 0; k < window; ++k) {
            sum = ek_smlad(x[k], w[k], sum);
        }
        *output = ek_requantize_dsp(2 * sum, &channel, a->centre);
        output += a->output_step;
        x += SHORT + a->next / 4;
    }
}

#if defined(__ARM_FEATURE_DSP)

/* r3-r8 six words of weights, r0 multiplier, r1 windows, r2 output, lr count; on the stack 2 * bias, offset,
 * shift, next, output_step. r12 holds run_t.second. */
#define PROLOGUE                                                                                             \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #20\n"                                                                                      \
    "ldr r1, [r0]\n"                                                                                         \
    "ldmia r1, {r9-r12, lr}\n"                                                                               \
    "sxtb16 r3, r9\n"                                                                                        \
    "sxtb16 r4, r9, ror #8\n"                                                                                \
    "sxtb16 r5, r10\n"                                                                                       \
    "sxtb16 r6, r10, ror #8\n"                                                                               \
    "sxtb16 r7, r11\n"                                                                                       \
    "sxtb16 r8, r11, ror #8\n"                                                                               \
    "and r9, r12, #31\n"                                                                                     \
    "asr r10, r12, #5\n"                                                                                     \
    "ldr r11, [r0, #24]\n"                                                                                   \
    "lsl r11, r11, r9\n"                                                                                     \
    "asr r11, r11, #1\n"                                                                                     \
    "strd r10, r11, [sp]\n"                                                                                  \
    "ldr r10, [r0, #20]\n"                                                                                   \
    "strd r9, r10, [sp, #8]\n"                                                                               \
    "ldr r10, [r0, #16]\n"                                                                                   \
    "str r10, [sp, #16]\n"                                                                                   \
    "mov r9, lr\n"                                                                                           \
    "ldr r12, [r0, #28]\n"                                                                                   \
    "ldrd r1, r2, [r0, #4]\n"                                                                                \
    "ldr lr, [r0, #12]\n"                                                                                    \
    "mov r0, r9\n"

/* to = from's high half, to's low half */
#define MOVE(to, from)                                                                                       \
    "lsl " to ", " to ", #16\n"                                                                              \
    "pkhtb " to ", " to ", " from ", asr #16\n"

/* r9-r11 words of the window, r12 the sum. */
__attribute__((naked, noinline)) static void run(EK_UNUSED const run_t *a) {
    __asm__ volatile(PROLOGUE "cmp r12, #0\n"
                              "beq 1f\n" MOVE("r8", "r7") MOVE("r7", "r6") MOVE("r6", "r5") MOVE("r5", "r4")
                                  MOVE("r4", "r3") "lsl r3, r3, #16\n"
                                                   "1:\n"
                                                   "ldmia r1!, {r9-r11}\n"
                                                   "smuad r12, r9, r3\n"
                                                   "smlad r12, r10, r4, r12\n"
                                                   "smlad r12, r11, r5, r12\n"
                                                   "ldmia r1!, {r9-r11}\n"
                                                   "smlad r12, r9, r6, r12\n"
                                                   "smlad r12, r10, r7, r12\n"
                                                   "smlad r12, r11, r8, r12\n"
                                                   "ldmia sp, {r9-r11}\n"
                                                   "add r12, r9, r12, lsl #1\n"
                                                   "add r10, r10, r12, asr #31\n"
                                                   "smmlar r12, r12, r0, r10\n"
                                                   "asr r12, r12, r11\n"
                                                   "ldrd r9, r10, [sp, #12]\n"
                                                   "ssat r12, #8, r12\n"
                                                   "strb r12, [r2]\n"
                                                   "add r2, r2, r10\n"
                                                   "add r1, r1, r9\n"
                                                   "subs lr, lr, #1\n"
                                                   "bne 1b\n"
                                                   "add sp, sp, #20\n"
                                                   "pop {r4-r11, pc}\n");
}

#else

static void run(const run_t *a) {
    run_long(a, SHORT);
}

#endif

static void run_any(const run_t *a, int32_t window) {
    if (window == SHORT) {
        run(a);
    } else {
        run_long(a, window);
    }
}

void ek_depthwise_conv2d_s8_dsp(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *input,
                                int8_t *output, void *scratch) {
    uint32_t *x = scratch;
    const int32_t plane = (p->tile - 1) * p->step + p->window;
    const int32_t channels = p->channels;
    const int32_t row_size = p->output_width * channels;
    const int32_t words = (p->window + 1) / 2;
    const int32_t rows = p->both && !p->along ? 2 : 1;
    const int32_t columns = p->both && p->along ? 2 : 1;
    bool border = true;
    x[CHANNELS * plane] = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; oy += rows) {
            for (int32_t ox = 0; ox < p->output_width; ox += p->tile * columns) {
                const int32_t y = oy * p->stride_height - p->pad_top;
                const int32_t left = ox * p->stride_width - p->pad_left;
                const int32_t first = limited((p->output_width - ox + columns - 1) / columns, 0, p->tile);
                /* Windows whose second output exists. */
                const int32_t second = p->along ? limited((p->output_width - ox) / 2, 0, p->tile)
                                       : oy + 1 < p->output_height ? first
                                                                   : 0;
                const uint32_t *stream = p->stream;
                for (int32_t channel = 0; channel < channels; channel += CHANNELS) {
                    int8_t *to = output + oy * row_size + ox * channels + channel;
                    if (p->along) {
                        const int8_t *row = input + y * p->input_width * channels + channel;
                        fill_row(p, row, left, (first - 1) * p->step + p->window, x, plane);
                    } else {
                        fill_columns(p, input + channel, y, left,
                                     (first - 1) * p->stride_width + p->kernel_width, border, x, plane);
                        border = p->tile < p->output_width; /* else it stays */
                    }
                    run_t one = {.x = x,
                                 .output_step = columns * channels,
                                 .next = 4 * (p->step - SHORT),
                                 .centre = p->centre};
                    for (int32_t i = 0; i < CHANNELS; ++i) {
                        one.stream = stream;
                        one.output = to + i;
                        one.count = first;
                        one.second = 0;
                        run_any(&one, p->window);
                        if (p->both && second > 0) {
                            one.output += p->along ? channels : row_size;
                            one.count = second;
                            one.second = 1;
                            run_any(&one, p->window);
                        }
                        one.x += plane;
                        stream += words + 2;
                    }
                }
            }
        }
        if (p->clamped) {
            ek_clamp_dsp(output, p->output_height * row_size, p->low, p->high);
        }
        input += p->input_height * p->input_width * channels;
        output += p->output_height * row_size;
    }
}
