#include "ek_conv2d_s8_dsp.h"

#include "ek_matrix_dsp.h"

enum { PIXELS = 3 };

/* What a tile works on; the assembly below knows the order of the fields. */
typedef struct {
    int8_t *output[PIXELS]; /* of each pixel; advances by two channels at a time */
    int32_t pairs;
    const uint32_t *panel; /* [depth / 2][PIXELS] */
    uint32_t blocks;       /* depth / 4 less one */
    int32_t centre;
    int32_t rounding;
} tile_t;

#if defined(__ARM_FEATURE_DSP)

/* Four steps of depth: 24 products.
 * r0 weights, r1 panel; r9, r10 two words of weights; r11, r12, lr the pixels' values;
 * r3-r5 the sums 256 * S1 + S0 of three pixels, r6-r8 their S0. */
#define BLOCK                                                                                                \
    "ldmia r0!, {r9, r10}\n"                                                                                 \
    "ldmia r1!, {r11, r12, lr}\n"                                                                            \
    "smlad r3, r11, r9, r3\n"                                                                                \
    "smlad r4, r12, r9, r4\n"                                                                                \
    "smlad r5, lr, r9, r5\n"                                                                                 \
    "sxtb16 r9, r9\n"                                                                                        \
    "smlad r6, r11, r9, r6\n"                                                                                \
    "smlad r7, r12, r9, r7\n"                                                                                \
    "smlad r8, lr, r9, r8\n"                                                                                 \
    "ldmia r1!, {r11, r12, lr}\n"                                                                            \
    "smlad r3, r11, r10, r3\n"                                                                               \
    "smlad r4, r12, r10, r4\n"                                                                               \
    "smlad r5, lr, r10, r5\n"                                                                                \
    "sxtb16 r10, r10\n"                                                                                      \
    "smlad r6, r11, r10, r6\n"                                                                               \
    "smlad r7, r12, r10, r7\n"                                                                               \
    "smlad r8, lr, r10, r8\n"

/* The same where the sums hold nothing yet. */
#define FIRST                                                                                                \
    "ldmia r0!, {r9, r10}\n"                                                                                 \
    "ldmia r1!, {r11, r12, lr}\n"                                                                            \
    "smuad r3, r11, r9\n"                                                                                    \
    "smuad r4, r12, r9\n"                                                                                    \
    "smuad r5, lr, r9\n"                                                                                     \
    "sxtb16 r9, r9\n"                                                                                        \
    "smuad r6, r11, r9\n"                                                                                    \
    "smuad r7, r12, r9\n"                                                                                    \
    "smuad r8, lr, r9\n"                                                                                     \
    "ldmia r1!, {r11, r12, lr}\n"                                                                            \
    "smlad r3, r11, r10, r3\n"                                                                               \
    "smlad r4, r12, r10, r4\n"                                                                               \
    "smlad r5, lr, r10, r5\n"                                                                                \
    "sxtb16 r10, r10\n"                                                                                      \
    "smlad r6, r11, r10, r6\n"                                                                               \
    "smlad r7, r12, r10, r7\n"                                                                               \
    "smlad r8, lr, r10, r8\n"

/* clang-format off */
#define OUTPUTS(round)                                                       \
    EK_MATRIX_CHANNEL("r9")                                                  \
    EK_MATRIX_BIAS("r6", "lsl #1") EK_MATRIX_BIAS("r7", "lsl #1") EK_MATRIX_BIAS("r8", "lsl #1") \
    round("r6", "r9", "r10") round("r7", "r9", "r10") round("r8", "r9", "r10")                   \
    EK_MATRIX_CHANNEL("r11")                                                 \
    EK_MATRIX_BIAS("r3", "asr #7") EK_MATRIX_BIAS("r4", "asr #7") EK_MATRIX_BIAS("r5", "asr #7") \
    round("r3", "r11", "r12") round("r4", "r11", "r12") round("r5", "r11", "r12")

/* All pairs of channels of one tile; returns the stream behind them. Thumb-2, no use of the frame pointer.
 * On the stack: outputs, pairs, panel, rounds of eight blocks, centre, where to enter the first round
 * (BLOCK is 68 bytes), how to make outputs. */
__attribute__((naked, noinline)) static const uint32_t *multiply(EK_UNUSED const uint32_t *stream,
                                                                 EK_UNUSED const tile_t *tile) {
    __asm__ volatile(
        "push {r4-r11, lr}\n"
        "ldmia r1, {r2-r9}\n"
        "and r11, r7, #7\n"
        "mov r12, #68\n"
        "adr.w r10, 5f + 1\n"
        "mls r10, r11, r12, r10\n"
        "adr.w r11, 6f + 1\n"
        "cmp r9, #0\n"
        "it ne\n"
        "addne r11, #7f - 6f\n"
        "lsr r7, r7, #3\n"
        "sub sp, sp, #36\n"
        "stmia sp, {r2-r8, r10, r11}\n"
        "1:\n"
        "ldrd r1, r2, [sp, #16]\n"
        FIRST
        "ldr pc, [sp, #28]\n"
        "4:\n"
        ".rept 8\n" BLOCK ".endr\n"
        "5:\n"
        "subs r2, r2, #1\n"
        "bpl 4b\n"
        "ldmia r0!, {r9-r12}\n"
        "sub r3, r3, r6\n"
        "sub r4, r4, r7\n"
        "sub r5, r5, r8\n"
        "ldr lr, [sp, #24]\n"
        "ldr pc, [sp, #32]\n"
        "6:\n"
        OUTPUTS(EK_MATRIX_RECTIFIED)
        "b 8f\n"
        "7:\n"
        OUTPUTS(EK_MATRIX_TWICE)
        "8:\n"
        "ldmia sp, {r9-r12}\n"
        "strb r8, [r11], #1\n"
        "strb r5, [r11], #1\n"
        "strb r7, [r10], #1\n"
        "strb r4, [r10], #1\n"
        "strb r6, [r9], #1\n"
        "strb r3, [r9], #1\n"
        "subs r12, r12, #1\n"
        "stmia sp, {r9-r12}\n"
        "bne.w 1b\n"
        "add sp, sp, #36\n"
        "pop {r4-r11, pc}\n");
}
/* clang-format on */

/* Widens `fours` times four bytes of each pixel to the panel; returns its end. */
__attribute__((naked, noinline)) static uint32_t *widen(EK_UNUSED uint32_t *to, EK_UNUSED const int8_t *first,
                                                        EK_UNUSED const int8_t *second,
                                                        EK_UNUSED const int8_t *third,
                                                        EK_UNUSED int32_t fours) {
    __asm__ volatile("push {r4-r9}\n"
                     "ldr r12, [sp, #24]\n"
                     "1:\n"
                     "ldr r7, [r1], #4\n"
                     "ldr r8, [r2], #4\n"
                     "ldr r9, [r3], #4\n"
                     "sxtb16 r4, r7\n"
                     "sxtb16 r5, r8\n"
                     "sxtb16 r6, r9\n"
                     "sxtb16 r7, r7, ror #8\n"
                     "sxtb16 r8, r8, ror #8\n"
                     "sxtb16 r9, r9, ror #8\n"
                     "stmia r0!, {r4-r9}\n"
                     "subs r12, r12, #1\n"
                     "bne 1b\n"
                     "pop {r4-r9}\n"
                     "bx lr\n");
}

#else

static const uint32_t *multiply(const uint32_t *stream, const tile_t *tile) {
    const uint32_t words = 2 * tile->blocks + 2;
    for (int32_t pair = 0; pair < tile->pairs; ++pair) {
        for (int pixel = PIXELS - 1; pixel >= 0; --pixel) {
            int8_t *output = tile->output[pixel] + 2 * pair;
            int32_t both = 0;
            int32_t sum = 0;
            for (uint32_t i = 0; i < words; ++i) {
                const uint32_t x = tile->panel[i * PIXELS + (uint32_t)pixel];
                both = ek_smlad(x, stream[i], both);
                sum = ek_smlad(x, ek_sxtb16(stream[i]), sum);
            }
            const int32_t other = (int32_t)((uint32_t)both - (uint32_t)sum);
            output[0] = ek_matrix_output(2 * sum, stream + words, tile->centre, tile->rounding);
            output[1] = ek_matrix_output(other >> 7, stream + words + 2, tile->centre, tile->rounding);
        }
        stream += words + 4;
    }
    return stream;
}

static uint32_t *widen(uint32_t *to, const int8_t *first, const int8_t *second, const int8_t *third,
                       int32_t fours) {
    for (int32_t i = 0; i < fours; ++i) {
        const uint32_t words[PIXELS] = {ek_load4(first + 4 * i), ek_load4(second + 4 * i),
                                        ek_load4(third + 4 * i)};
        for (int lane = 0; lane < PIXELS; ++lane) {
            to[lane] = ek_sxtb16(words[lane]);
            to[lane + PIXELS] = ek_sxtb16_odd(words[lane]);
        }
        to += 2 * PIXELS;
    }
    return to;
}

#endif

/* The last channel where their number is odd: its partner's weights are zero. */
static void last_channel(const uint32_t *stream, const tile_t *tile, int32_t channel, int32_t pixels) {
    const uint32_t words = 2 * tile->blocks + 2;
    for (int32_t pixel = 0; pixel < pixels; ++pixel) {
        int32_t sum = 0;
        for (uint32_t i = 0; i < words; ++i) {
            sum = ek_smlad(tile->panel[i * PIXELS + (uint32_t)pixel], stream[i], sum);
        }
        tile->output[pixel][channel] =
            ek_matrix_output(2 * sum, stream + words, tile->centre, tile->rounding);
    }
}

/* Where a window begins: rows and bytes from the first pixel of the image, negative in the padding. */
typedef struct {
    int32_t y;
    int32_t x;
} origin_t;

static uint32_t *put(uint32_t *to, uint32_t word) {
    to[0] = ek_sxtb16(word);
    to[PIXELS] = ek_sxtb16_odd(word);
    return to + 2 * PIXELS;
}

/* Widens bytes `begin` to `end` of a row of `row` bytes from x on to one lane of the panel; the others are
 * the zero point. */
static void border(uint32_t *to, const int8_t *x, int32_t begin, int32_t end, int32_t row, int32_t zero) {
    const uint32_t zeros = (uint32_t)(zero & 0xFF) * 0x01010101U;
    int32_t i = 0;
    for (; i + 4 <= begin; i += 4) {
        to = put(to, zeros);
    }
    while (i < end) {
        for (; i >= begin && i + 4 <= end; i += 4) {
            to = put(to, ek_load4(x + i));
        }
        if (i < end) {
            uint32_t word = zeros;
            for (int32_t k = i < begin ? begin - i : 0; k < 4 && i + k < end; ++k) {
                word = (word & ~(0xFFU << (8 * k))) | (uint32_t)(x[i + k] & 0xFF) << (8 * k);
            }
            to = put(to, word);
            i += 4;
        }
    }
    for (; i < row; i += 4) {
        to = put(to, zeros);
    }
}

/* Writes row ky of all windows to the panel, where the border may cut them. */
static void gather_row(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, const origin_t at[PIXELS],
                       int32_t ky, int32_t count, uint32_t *to) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t taps = p->kernel_width * p->input_channels;
    for (int32_t i = 0; i < count; ++i) {
        const int32_t x = at[i].x;
        const int32_t y = at[i].y + ky * p->dilation_height;
        const int32_t begin = x < 0 ? -x : 0;
        if (y < 0 || y >= p->input_height) {
            border(to + i, input, p->row, 0, p->row, p->input_zero_point);
        } else if (x + p->row <= row_size) { /* what is read behind the taps has weight 0 */
            border(to + i, input + y * row_size + x, begin, p->row, p->row, p->input_zero_point);
        } else {
            const int32_t end = x + taps > row_size ? row_size - x : taps;
            border(to + i, input + y * row_size + x, begin, end, p->row, p->input_zero_point);
        }
    }
}

/* Writes the windows of a tile to the panel. */
static void gather(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, const origin_t at[PIXELS],
                   int32_t count, uint32_t *panel) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t last = row_size - p->row;
    const bool beside = at[0].x < 0 || at[0].x > last || at[1].x < 0 || at[1].x > last || at[2].x < 0 ||
                        at[2].x > last || at[0].y != at[1].y || at[0].y != at[2].y;
    int32_t y = at[0].y;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        if (beside || y < 0 || y >= p->input_height) {
            gather_row(p, input, at, ky, count, panel);
            panel += PIXELS * p->row / 2;
        } else {
            const int8_t *row = input + y * row_size;
            panel = widen(panel, row + at[0].x, row + at[1].x, row + at[2].x, p->row / 4);
        }
        y += p->dilation_height;
    }
}

/* One image. */
static void image(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output, uint32_t *panel) {
    const int32_t channels = p->output_channels;
    const int32_t last = p->output_height * p->output_width;
    const int32_t column = p->stride_width * p->input_channels;
    const int32_t left = p->pad_left * p->input_channels;
    tile_t tile = {.panel = panel,
                   .blocks = (uint32_t)(p->kernel_height * p->row) / 4 - 1,
                   .centre = p->centre,
                   .rounding = p->rounding};
    for (int32_t done = 0; done < last; done += PIXELS) {
        const int32_t count = last - done < PIXELS ? last - done : PIXELS;
        const int32_t pixel = p->backward ? last - done - count : done;
        int8_t *to = output + pixel * channels;
        int32_t oy = pixel / p->output_width;
        int32_t ox = pixel - oy * p->output_width;
        origin_t at[PIXELS];
        for (int32_t i = 0; i < PIXELS; ++i) {
            /* A lane without a pixel reads and writes where the first does, and writes before it. */
            tile.output[i] = i < count ? to + i * channels : to;
            at[i].y = oy * p->stride_height - p->pad_top;
            at[i].x = ox * column - left;
            if (i + 1 >= count) {
                oy = pixel / p->output_width;
                ox = pixel - oy * p->output_width;
            } else if (++ox == p->output_width) {
                ox = 0;
                ++oy;
            }
        }
        gather(p, input, at, count, panel);
        const uint32_t *stream = p->stream;
        tile.pairs = channels / 2;
        if (tile.pairs > 0) {
            stream = multiply(stream, &tile);
        }
        if (channels % 2 != 0) {
            last_channel(stream, &tile, channels - 1, count);
        }
        if (p->clamped) {
            ek_clamp_dsp(to, count * channels, p->low, p->high);
        }
    }
}

void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output,
                      void *scratch) {
    const int32_t input_size = p->input_height * p->input_width * p->input_channels;
    const int32_t output_size = p->output_height * p->output_width * p->output_channels;
    ek_conv2d_s8_dsp_params_t one = *p;
    if (p->kernel_height * p->kernel_width * p->stride_height * p->stride_width == 1) {
        one.input_width *= p->input_height; /* pixel by pixel: rows have no meaning */
        one.output_width *= p->output_height;
        one.input_height = one.output_height = 1;
    }
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const int32_t i = p->backward ? p->batches - 1 - batch : batch;
        image(&one, input + i * input_size, output + i * output_size, scratch);
    }
}
