#include "ek_depthwise_conv2d_3x3_planes_s8_dsp.h"

#include "ek_depthwise_dsp.h"
#include "ek_dsp.h"

enum {
    GROUP = 4,             /* channels at a time */
    PAIRS = 16,            /* words of a column and channel: rows -1 and 0, 1 and 2, ... */
    COLUMN = GROUP * PAIRS /* words */
};

/* One channel, as the assembly below keeps it on the stack. It goes from the last rows to the first. */
typedef struct {
    int32_t inner[4]; /* the bias, scaled */
    int32_t left[2];  /* with what the padding adds, and without */
    int32_t right[2]; /* with what the padding adds */
    int32_t multiplier;
    int32_t offset;
    int32_t row;  /* to the second of two rows of output, 0 where there is none */
    int32_t step; /* to the next pixel */
    int32_t full_row;
    const uint32_t *end; /* x, at the first rows of a column */
    int32_t span;        /* bytes of x */
    int32_t advance;     /* of the output, from above the first rows to the last, two columns to the right */
    int32_t last_row;    /* what `row` is for the last rows */
    int32_t blocks;      /* of two columns between the borders */
    uint32_t weights[6]; /* per column: rows 0 and 1, rows 1 and 2; scaled */
    const uint32_t *x;   /* after the last rows */
    int8_t *output;      /* the last rows */
} channel_t;

#if defined(__ARM_FEATURE_DSP)

/* r0 x, r1 output, r2-r7 weights, r8-r11 sums of (row, column) (0, 0), (0, 1), (1, 0), (1, 1), r12 and lr a
 * column's pairs. On the stack, by offset: the words of channel_t up to `blocks`. */
#define ENTER                                                                                                \
    "push {r4-r11, lr}\n"                                                                                    \
    "sub sp, sp, #76\n"                                                                                      \
    "mov r12, sp\n"                                                                                          \
    "ldmia r0!, {r2-r10}\n"                                                                                  \
    "stmia r12!, {r2-r10}\n"                                                                                 \
    "ldmia r0!, {r2-r10}\n"                                                                                  \
    "stmia r12!, {r2-r10}\n"                                                                                 \
    "ldmia r0!, {r2-r7}\n"                                                                                   \
    "ldmia r0, {r0, r1}\n"

/* A column's share of two sums; `a` weights of rows 0 and 1, `b` of rows 1 and 2. */
#define TAPS(top, bottom, a, b)                                                                              \
    "smlad " top ", r12, " a ", " top "\n"                                                                   \
    "smlatb " bottom ", r12, " a ", " bottom "\n"                                                            \
    "smlabt " top ", lr, " b ", " top "\n"                                                                   \
    "smlad " bottom ", lr, " b ", " bottom "\n"

#define TWO_RIGHT_OF_BORDER                                                                                  \
    "ldrd r12, lr, [r0, #-4]!\n"                                                                             \
    "ldrd r8, r9, [sp, #16]\n"                                                                               \
    "ldrd r10, r11, [sp, #16]\n" TAPS("r8", "r10", "r4", "r5") TAPS("r9", "r11", "r2", "r3") /* */           \
        "ldrd r12, lr, [r0, #256]\n" TAPS("r8", "r10", "r6", "r7")                                           \
            TAPS("r9", "r11", "r4", "r5") "ldrd r12, lr, [r0, #512]\n" TAPS("r9", "r11", "r6", "r7")

#define TWO                                                                                                  \
    "ldrd r12, lr, [r0, #-4]!\n"                                                                             \
    "ldmia sp, {r8-r11}\n" TAPS("r8", "r10", "r2", "r3") /* */                                               \
        "ldrd r12, lr, [r0, #256]\n" TAPS("r8", "r10", "r4", "r5")                                           \
            TAPS("r9", "r11", "r2", "r3") "ldrd r12, lr, [r0, #512]\n" TAPS("r8", "r10", "r6", "r7")         \
                TAPS("r9", "r11", "r4", "r5") "ldrd r12, lr, [r0, #768]\n" TAPS("r9", "r11", "r6", "r7")

#define ONE_LEFT_OF_BORDER                                                                                   \
    "ldrd r12, lr, [r0, #-4]!\n"                                                                             \
    "ldrd r8, r10, [sp, #24]\n" TAPS("r8", "r10", "r2", "r3") /* */                                          \
        "ldrd r12, lr, [r0, #256]\n" TAPS("r8", "r10", "r4", "r5")

#define MULTIPLY(sum) "smmla " sum ", " sum ", r12, lr\n"

#define STORE_TWO                                                                                            \
    "ldrd r12, lr, [sp, #32]\n" MULTIPLY("r10") MULTIPLY("r11") MULTIPLY("r8") MULTIPLY("r9") /* */          \
        "ldrd r12, lr, [sp, #40]\n"                                                                          \
        "ssat r10, #8, r10, asr #12\n"                                                                       \
        "ssat r11, #8, r11, asr #12\n"                                                                       \
        "ssat r8, #8, r8, asr #12\n"                                                                         \
        "ssat r9, #8, r9, asr #12\n"                                                                         \
        "add r12, r12, r1\n"                                                                                 \
        "strb r10, [r12]\n"                                                                                  \
        "strb r11, [r12, lr]\n"                                                                              \
        "strb r8, [r1]\n"                                                                                    \
        "strb r9, [r1, lr]\n"

#define STORE_ONE                                                                                            \
    "ldrd r12, lr, [sp, #32]\n" MULTIPLY("r10") MULTIPLY("r8") /* */                                         \
        "ldr r12, [sp, #40]\n"                                                                               \
        "ssat r10, #8, r10, asr #12\n"                                                                       \
        "ssat r8, #8, r8, asr #12\n"                                                                         \
        "strb r10, [r1, r12]\n"                                                                              \
        "strb r8, [r1]\n"

/* To the two rows above; the flags tell whether there are none. */
#define UP                                                                                                   \
    "ldrd r12, lr, [sp, #48]\n"                                                                              \
    "str r12, [sp, #40]\n"                                                                                   \
    "sub r1, r1, r12, lsl #1\n"                                                                              \
    "cmp r0, lr\n"

/* To the last rows, two columns of output to the right and `bytes` of x. */
#define RIGHT(bytes)                                                                                         \
    "ldrd r8, r9, [sp, #56]\n"                                                                               \
    "ldr r10, [sp, #64]\n"                                                                                   \
    "add r12, r0, #" bytes "\n"                                                                              \
    "str r12, [sp, #52]\n"                                                                                   \
    "str r10, [sp, #40]\n"                                                                                   \
    "add r0, r12, r8\n"                                                                                      \
    "add r1, r1, r9\n"

__attribute__((naked, noinline)) static void run(EK_UNUSED const channel_t *a) {
    __asm__ volatile(ENTER "1:\n" TWO_RIGHT_OF_BORDER STORE_TWO UP "bne 1b\n" RIGHT("256") /* */
                     "2:\n"
                     "ldr r8, [sp, #68]\n"
                     "subs r8, r8, #1\n"
                     "str r8, [sp, #68]\n"
                     "bmi 4f\n"
                     "3:\n" TWO STORE_TWO UP "bne 3b\n" RIGHT("512") /* */
                     "b 2b\n"
                     "4:\n" ONE_LEFT_OF_BORDER STORE_ONE UP "bne 4b\n"
                     "add sp, sp, #76\n"
                     "pop {r4-r11, pc}\n");
}

#else

static void run(const channel_t *a) {
    const int32_t columns = 3 + 2 * a->blocks;
    for (int32_t column = 0; column < columns; ++column) {
        const int32_t bias = column == 0 ? a->left[0] : column + 1 == columns ? a->right[0] : a->inner[0];
        const uint32_t *x = a->x + column * COLUMN;
        int8_t *output = a->output + column * a->step;
        int32_t row = a->last_row;
        for (int32_t pairs = a->span / 4; pairs > 0; --pairs) {
            int32_t top = bias;
            int32_t bottom = bias;
            --x;
            for (int32_t tap = column == 0; tap < (column + 1 == columns ? 2 : 3); ++tap) {
                const uint32_t *const at = x + (tap - 1) * COLUMN;
                const uint32_t *const w = a->weights + 2 * tap;
                top = ek_smlad(at[0], w[0], ek_smlad(at[1] << 16, w[1], top));
                bottom = ek_smlad(at[0] >> 16, w[0], ek_smlad(at[1], w[1], bottom));
            }
            output[row] = ek_depthwise_output(bottom, a->multiplier, a->offset, 0);
            output[0] = ek_depthwise_output(top, a->multiplier, a->offset, 0);
            output -= 2 * a->full_row;
            row = a->full_row;
        }
    }
}

#endif

/* Reads a channel's constants; `zeros` is the padding in both halves. */
static void unpack(const uint32_t *stream, int32_t centre, uint32_t zeros, channel_t *to) {
    const ek_depthwise_channel_t channel = ek_depthwise_channel(stream + 3, centre);
    uint32_t *const w = to->weights;
    for (int32_t i = 0; i < 3; ++i) {
        w[2 * i] = ek_depthwise_scaled(ek_sxtb16(stream[i]), channel.scale);
        w[2 * i + 1] = ek_depthwise_scaled(ek_sxtb16_odd(stream[i]), channel.scale);
    }
    const uint32_t zero = zeros << 16;
    const int32_t left = ek_smlad(zeros, w[0], ek_smlad(zero, w[1], channel.bias));
    const int32_t right = ek_smlad(zeros, w[4], ek_smlad(zero, w[5], channel.bias));
    to->inner[0] = to->inner[1] = to->inner[2] = to->inner[3] = to->left[1] = channel.bias;
    to->left[0] = left;
    to->right[0] = to->right[1] = right;
    to->multiplier = channel.multiplier;
    to->offset = channel.offset;
}

/* Two vertical neighbours of a group. */
static inline void widen(uint32_t a, uint32_t b, uint32_t *to) {
    const uint32_t first = ek_pack_low(a, b);
    const uint32_t last = ek_pack_high(a, b);
    to[0] = ek_sxtb16(first);
    to[PAIRS] = ek_sxtb16_odd(first);
    to[2 * PAIRS] = ek_sxtb16(last);
    to[3 * PAIRS] = ek_sxtb16_odd(last);
}

/* All rows of a group; `outside` are four bytes of padding. */
static void fill(const int8_t *input, int32_t height, int32_t row, uint32_t outside, uint32_t *to) {
    widen(outside, ek_load4(input), to);
    for (int32_t y = 2; y < height; y += 2) {
        const int8_t *const next = input + row;
        input = next + row;
        widen(ek_load4(next), ek_load4(input), ++to);
    }
    widen(height % 2 ? outside : ek_load4(input + row), outside, to + 1);
}

void ek_depthwise_conv2d_3x3_planes_s8_dsp(const ek_depthwise_conv2d_3x3_planes_s8_dsp_params_t *p,
                                           const int8_t *input, int8_t *output, void *scratch) {
    const uint32_t outside = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    const int32_t row = p->width * p->channels;
    const int32_t size = p->height * row;
    const int32_t last = (p->height - 1) / 2; /* pair of rows of output */
    uint32_t *const x = scratch;
    channel_t channel = {
        .step = p->channels,
        .full_row = row,
        .span = 4 * (last + 1),
        .advance = 2 * (row * (last + 1) + p->channels),
        .last_row = p->height % 2 ? 0 : row,
    };
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const uint32_t *stream = p->stream;
        for (int32_t i = 0; i < p->channels; ++i) {
            const int32_t member = i % GROUP;
            if (member == 0) {
                for (int32_t column = 0; column < p->width; ++column) {
                    fill(input + i + column * p->channels, p->height, row, outside, x + column * COLUMN);
                }
            }
            unpack(stream, p->centre, ek_sxtb16(outside), &channel);
            channel.x = x + member * PAIRS + last + 1;
            channel.end = x + member * PAIRS;
            channel.output = output + i + 2 * last * row;
            channel.row = channel.last_row;
            channel.blocks = (p->width - 3) / 2;
            run(&channel);
            stream += 5;
        }
        if (p->clamped) {
            ek_clamp_dsp(output, size, p->low, p->high);
        }
        input += size;
        output += size;
    }
}
