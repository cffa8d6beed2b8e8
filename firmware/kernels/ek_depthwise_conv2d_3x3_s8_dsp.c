#include "ek_depthwise_conv2d_3x3_s8_dsp.h"

#include "ek_depthwise_dsp.h"
#include "ek_dsp.h"

enum {
    GROUP = 4,             /* channels at a time */
    SLOTS = 3,             /* words of a column and channel: pairs of rows 2i, 2i + 1, and 2i again */
    COLUMN = GROUP * SLOTS /* words */
};

/* A channel's constants, as the assembly below loads them. */
typedef struct {
    uint32_t weights[6]; /* per column: rows 0 and 1, rows 1 and 2; scaled */
    int32_t bias;        /* scaled */
    int32_t multiplier;
    int32_t offset;
    int32_t away; /* what negative sums lack to be rounded away from zero */
} channel_t;

/* Two rows of output of a group. */
typedef struct {
    const channel_t *channels;
    const uint32_t *x; /* the first pair of the first column */
    int8_t *output;
    int32_t row;  /* to the second row; 0 where there is none */
    int32_t step; /* to the next pixel */
    int32_t span; /* words of an even number of columns, in bytes */
    int32_t odd;  /* whether there is one more column */
} rows_t;

static void unpack(const uint32_t *stream, int32_t centre, channel_t *to) {
    const ek_depthwise_channel_t channel = ek_depthwise_channel(stream + 3, centre);
    to->weights[0] = ek_depthwise_scaled(ek_sxtb16(stream[0]), channel.scale);
    to->weights[1] = ek_depthwise_scaled(ek_sxtb16_odd(stream[0]), channel.scale);
    to->weights[2] = ek_depthwise_scaled(ek_sxtb16(stream[1]), channel.scale);
    to->weights[3] = ek_depthwise_scaled(ek_sxtb16_odd(stream[1]), channel.scale);
    to->weights[4] = ek_depthwise_scaled(ek_sxtb16(stream[2]), channel.scale);
    to->weights[5] = ek_depthwise_scaled(ek_sxtb16_odd(stream[2]), channel.scale);
    to->bias = channel.bias;
    to->multiplier = channel.multiplier;
    to->offset = channel.offset;
    to->away = channel.away;
}

/* Where a row's bytes lie. */
typedef struct {
    const int8_t *at;
    int32_t step; /* from column to column; 0 outside */
} row_t;

/* Widens `count` columns of two rows of a group, to be found in slot 2, too, where `again`. */
static inline void fill(row_t low, row_t high, int32_t count, bool again, uint32_t *to) {
    for (; count > 0; --count) {
        const uint32_t a = ek_load4(low.at);
        const uint32_t b = ek_load4(high.at);
        const uint32_t first = ek_pack_low(a, b);
        const uint32_t last = ek_pack_high(a, b);
        const uint32_t word0 = ek_sxtb16(first);
        const uint32_t word1 = ek_sxtb16_odd(first);
        const uint32_t word2 = ek_sxtb16(last);
        const uint32_t word3 = ek_sxtb16_odd(last);
        low.at += low.step;
        high.at += high.step;
        to[0] = word0;
        to[SLOTS] = word1;
        to[2 * SLOTS] = word2;
        to[3 * SLOTS] = word3;
        if (again) {
            to[2] = word0;
            to[SLOTS + 2] = word1;
            to[2 * SLOTS + 2] = word2;
            to[3 * SLOTS + 2] = word3;
        }
        to += COLUMN;
    }
}

/* Row y of a group, or what stands for it outside. */
static row_t row_of(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const int8_t *input, int32_t y,
                    const int8_t *outside) {
    if (y < 0 || y >= p->input_height) {
        return (row_t){outside, 0};
    }
    return (row_t){input + y * p->input_width * p->channels, p->channels};
}

#if defined(__ARM_FEATURE_DSP)

/* r0 x, r1 output, r2-r7 weights, r8-r11 sums of (row, column) (0, 0), (0, 1), (1, 0), (1, 1), r12 and lr a
 * column's pairs. On the stack, by offset: 0 bias, four times; 16 multiplier, offset; 24 row, step; 32 x and
 * output of the channel; 40 its constants, their end; 48 span, away; 56 end of x, odd; 64 saved r0, r1. */
#define ENTER                                                                                                \
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
#define TAPS(top, bottom, a, b)                                                                              \
    "smlad " top ", r12, " a ", " top "\n"                                                                   \
    "smlatb " bottom ", r12, " a ", " bottom "\n"                                                            \
    "smlabt " top ", lr, " b ", " top "\n"                                                                   \
    "smlad " bottom ", lr, " b ", " bottom "\n"

#define TWO_COLUMNS                                                                                          \
    "2:\n"                                                                                                   \
    "ldrd r12, lr, [r0], #96\n"                                                                              \
    "ldmia sp, {r8-r11}\n" TAPS("r8", "r10", "r2", "r3") /* */                                               \
        "ldrd r12, lr, [r0, #-48]\n" TAPS("r8", "r10", "r4", "r5")                                           \
            TAPS("r9", "r11", "r2", "r3") "ldrd r12, lr, [r0]\n" TAPS("r8", "r10", "r6", "r7")               \
                TAPS("r9", "r11", "r4", "r5") "ldrd r12, lr, [r0, #48]\n" TAPS("r9", "r11", "r6", "r7")

#define STORE_TWO_COLUMNS                                                                                    \
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

#define ONE_COLUMN                                                                                           \
    "cmp lr, #0\n"                                                                                           \
    "beq 4f\n"                                                                                               \
    "ldrd r12, lr, [r0]\n"                                                                                   \
    "ldrd r8, r10, [sp]\n" TAPS("r8", "r10", "r2", "r3")          /* */                                      \
        "ldrd r12, lr, [r0, #48]\n" TAPS("r8", "r10", "r4", "r5") /* */                                      \
        "ldrd r12, lr, [r0, #96]\n" TAPS("r8", "r10", "r6", "r7")

#define STORE_ONE_COLUMN                                                                                     \
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
#define MULTIPLY        "ldrd r12, lr, [sp, #16]\n"
#define MULTIPLIED(sum) "smmla " sum ", " sum ", r12, lr\n"

/* The same; r0 what negative sums lack, r1 the offset of this sum. */
#define MULTIPLY_SIGNED                                                                                      \
    "strd r0, r1, [sp, #64]\n"                                                                               \
    "ldr r0, [sp, #52]\n" MULTIPLY
#define MULTIPLIED_SIGNED(sum)                                                                               \
    "and r1, r0, " sum ", asr #31\n"                                                                         \
    "sub r1, lr, r1\n"                                                                                       \
    "smmla " sum ", " sum ", r12, r1\n"
#define MULTIPLIED_ALL "ldrd r0, r1, [sp, #64]\n"

__attribute__((naked, noinline)) static void run_rectified(EK_UNUSED const rows_t *a) {
    __asm__ volatile(ENTER TWO_COLUMNS MULTIPLY MULTIPLIED("r10") MULTIPLIED("r11") MULTIPLIED("r8")
                         MULTIPLIED("r9") STORE_TWO_COLUMNS ONE_COLUMN MULTIPLY MULTIPLIED("r10")
                             MULTIPLIED("r8") STORE_ONE_COLUMN);
}

__attribute__((naked, noinline)) static void run(EK_UNUSED const rows_t *a) {
    __asm__ volatile(ENTER TWO_COLUMNS MULTIPLY_SIGNED MULTIPLIED_SIGNED("r10") MULTIPLIED_SIGNED(
        "r11") MULTIPLIED_SIGNED("r8") MULTIPLIED_SIGNED("r9")
                         MULTIPLIED_ALL STORE_TWO_COLUMNS ONE_COLUMN MULTIPLY_SIGNED MULTIPLIED_SIGNED("r10")
                             MULTIPLIED_SIGNED("r8") MULTIPLIED_ALL STORE_ONE_COLUMN);
}

#else

static void run_any(const rows_t *a, bool rectified) {
    const int32_t columns = a->span / (4 * COLUMN) + a->odd;
    for (int32_t i = 0; i < GROUP; ++i) {
        const channel_t *const channel = a->channels + i;
        const int32_t away = rectified ? 0 : channel->away;
        for (int32_t column = 0; column < columns; ++column) {
            int32_t top = channel->bias;
            int32_t bottom = channel->bias;
            for (int32_t tap = 0; tap < 3; ++tap) {
                const uint32_t *const x = a->x + (column + tap) * COLUMN + i * SLOTS;
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

static void run_rectified(const rows_t *a) {
    run_any(a, true);
}

static void run(const rows_t *a) {
    run_any(a, false);
}

#endif

/* Four channels of one picture. */
static void run_group(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const channel_t *channels,
                      const int8_t *input, int8_t *output, uint32_t *x) {
    const int32_t row_size = p->output_width * p->channels;
    const int32_t room = p->output_width + 2 - p->pad_left;
    const int32_t count = p->input_width < room ? p->input_width : room;
    const int8_t *const outside = (const int8_t *)(x + (p->output_width + 2) * COLUMN);
    uint32_t *const to = x + p->pad_left * COLUMN;
    rows_t rows = {.channels = channels,
                   .row = row_size,
                   .step = p->channels,
                   .span = p->output_width / 2 * 2 * COLUMN * 4,
                   .odd = p->output_width % 2};
    int32_t y = -p->pad_top;
    for (int32_t oy = -2; oy < p->output_height; oy += 2) {
        const bool second = (oy & 2) == 0;
        const row_t low = row_of(p, input, y, outside);
        const row_t high = row_of(p, input, y + 1, outside);
        y += 2;
        if (second) {
            fill(low, high, count, false, to + 1);
        } else {
            fill(low, high, count, true, to);
        }
        if (oy >= 0) {
            rows.x = second ? x : x + 1;
            rows.output = output;
            rows.row = oy + 1 < p->output_height ? row_size : 0;
            if (p->rectified) {
                run_rectified(&rows);
            } else {
                run(&rows);
            }
            output += 2 * row_size;
        }
    }
}

void ek_depthwise_conv2d_3x3_s8_dsp(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch) {
    const int32_t words = (p->output_width + 2) * COLUMN;
    const int32_t input_size = p->input_height * p->input_width * p->channels;
    const int32_t output_size = p->output_height * p->output_width * p->channels;
    const uint32_t zero_points = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    uint32_t *const x = scratch;
    for (int32_t i = 0; i < words; ++i) {
        x[i] = ek_sxtb16(zero_points);
    }
    x[words] = zero_points;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const uint32_t *stream = p->stream;
        for (int32_t channel = 0; channel < p->channels; channel += GROUP) {
            channel_t channels[GROUP];
            for (int32_t i = 0; i < GROUP; ++i) {
                unpack(stream, p->centre, channels + i);
                stream += 5;
            }
            run_group(p, channels, input + channel, output + channel, x);
        }
        if (p->clamped) {
            ek_clamp_dsp(output, output_size, p->low, p->high);
        }
        input += input_size;
        output += output_size;
    }
}
