#include "ek_conv2d_winograd_s8_dsp.h"

#include "ek_matrix_dsp.h"

enum {
    SIDE = 4, /* of a tile's input */
    POSITIONS = SIDE * SIDE,
    TAPS = 9,
    SUMS = 4 /* two channels by two tiles */
};

#if defined(__ARM_FEATURE_DSP)

/* sums and differences of halfwords, modulo 2^16 */
static inline uint32_t add2(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

static inline uint32_t sub2(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("ssub16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

/* Four steps of depth: 16 products, 40 bytes. r0 weights, r1 input; r2, r3 the first channel's sums of both
 * tiles, r4, r5 the second's. */
#define BLOCK                                                                                                \
    "ldmia r0!, {r10, r11, r12, lr}\n"                                                                       \
    "ldmia r1!, {r6, r7, r8, r9}\n"                                                                          \
    "smlad r2, r6, r10, r2\n"                                                                                \
    "smlad r3, r7, r10, r3\n"                                                                                \
    "smlad r4, r6, r11, r4\n"                                                                                \
    "smlad r5, r7, r11, r5\n"                                                                                \
    "smlad r2, r8, r12, r2\n"                                                                                \
    "smlad r3, r9, r12, r3\n"                                                                                \
    "smlad r4, r8, lr, r4\n"                                                                                 \
    "smlad r5, r9, lr, r5\n"

/* The same where the sums hold nothing yet. */
#define FIRST                                                                                                \
    "ldmia r0!, {r10, r11, r12, lr}\n"                                                                       \
    "ldmia r1!, {r6, r7, r8, r9}\n"                                                                          \
    "smuad r2, r6, r10\n"                                                                                    \
    "smuad r3, r7, r10\n"                                                                                    \
    "smuad r4, r6, r11\n"                                                                                    \
    "smuad r5, r7, r11\n"                                                                                    \
    "smlad r2, r8, r12, r2\n"                                                                                \
    "smlad r3, r9, r12, r3\n"                                                                                \
    "smlad r4, r8, lr, r4\n"                                                                                 \
    "smlad r5, r9, lr, r5\n"

/* All positions: `weights` of each, [blocks][2][2 channels], lie before its sums; `input` is
 * [POSITIONS][blocks][2][2 tiles]. */
__attribute__((naked, noinline, aligned(4))) static void multiply(EK_UNUSED uint32_t *weights,
                                                                  EK_UNUSED const uint32_t *input,
                                                                  EK_UNUSED const uint32_t *end,
                                                                  EK_UNUSED int32_t blocks) {
    __asm__ volatile("push {r4-r11, lr}\n"
                     "sub sp, sp, #8\n"
                     "adr.w r4, 2f + 41\n"
                     "mov r5, #40\n"
                     "mls r3, r3, r5, r4\n"
                     "strd r2, r3, [sp]\n"
                     "1:\n" FIRST "ldr pc, [sp, #4]\n"
                     ".rept 15\n" BLOCK ".endr\n"
                     "2:\n"
                     "ldr r6, [sp]\n"
                     "stmia r0!, {r2-r5}\n"
                     "cmp r0, r6\n"
                     "bne.w 1b\n"
                     "add sp, sp, #8\n"
                     "pop {r4-r11, pc}\n");
}

#else

static inline uint32_t add2(uint32_t a, uint32_t b) {
    return ((a + b) & 0xFFFFU) | ((a & 0xFFFF0000U) + (b & 0xFFFF0000U));
}

static inline uint32_t sub2(uint32_t a, uint32_t b) {
    return ((a - b) & 0xFFFFU) | ((a & 0xFFFF0000U) - (b & 0xFFFF0000U));
}

static void multiply(uint32_t *weights, const uint32_t *input, const uint32_t *end, int32_t blocks) {
    while (weights != end) {
        uint32_t *const sums = weights + 4 * blocks;
        for (int i = 0; i < SUMS; ++i) {
            int32_t sum = 0;
            for (int32_t k = 0; k < 2 * blocks; ++k) {
                sum = ek_smlad(input[2 * k + i % 2], weights[2 * k + i / 2], sum);
            }
            sums[i] = (uint32_t)sum;
        }
        weights = sums + SUMS;
        input += 4 * blocks;
    }
}

#endif

/* Transforms three taps of a row, of two input channels each, by 2 G. */
static inline uint32_t *put_row(uint32_t *to, int32_t step, uint32_t a, uint32_t b, uint32_t c) {
    const uint32_t outer = add2(a, c);
    to[0] = add2(a, a);
    to += step;
    to[0] = add2(outer, b);
    to += step;
    to[0] = sub2(outer, b);
    to += step;
    to[0] = add2(c, c);
    return to + step;
}

/* Transforms the weights of two output channels; returns the stream behind them. */
static const uint32_t *transform_weights(const uint32_t *stream, int32_t depth, uint32_t *to) {
    const int32_t step = depth + SUMS;
    for (int32_t i = 0; i < 2 * depth; i += 2) { /* two channels of input of one of output */
        const int8_t *const taps = (const int8_t *)stream + i % 4 / 2;
        const uint32_t a0 = ek_sxtb16(ek_load4(taps));
        const uint32_t a1 = ek_sxtb16(ek_load4(taps + 4));
        const uint32_t a2 = ek_sxtb16(ek_load4(taps + 8));
        const uint32_t b0 = ek_sxtb16(ek_load4(taps + 12));
        const uint32_t b1 = ek_sxtb16(ek_load4(taps + 16));
        const uint32_t b2 = ek_sxtb16(ek_load4(taps + 20));
        const uint32_t c0 = ek_sxtb16(ek_load4(taps + 24));
        const uint32_t c1 = ek_sxtb16(ek_load4(taps + 28));
        const uint32_t c2 = ek_sxtb16(ek_load4(taps + 32));
        const uint32_t d0 = add2(a0, c0);
        const uint32_t d1 = add2(a1, c1);
        const uint32_t d2 = add2(a2, c2);
        uint32_t *x = to + i / 8 * 4 + i % 4 + i % 8 / 4;
        x = put_row(x, step, add2(a0, a0), add2(a1, a1), add2(a2, a2));
        x = put_row(x, step, add2(d0, b0), add2(d1, b1), add2(d2, b2));
        x = put_row(x, step, sub2(d0, b0), sub2(d1, b1), sub2(d2, b2));
        (void)put_row(x, step, add2(c0, c0), add2(c1, c1), add2(c2, c2));
        stream += i % 4 / 2 * TAPS;
    }
    return stream + 4;
}

/* Transforms four pixels, two channels of each, by the transpose of B. */
static inline void put_pixels(uint32_t *to, int32_t step, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    to[0] = sub2(a, c);
    to += step;
    to[0] = add2(b, c);
    to += step;
    to[0] = sub2(c, b);
    to += step;
    to[0] = sub2(b, d);
}

/* Transforms the pixels of a tile's input. */
static void transform_input(const int8_t *const at[POSITIONS], int32_t depth, uint32_t *to) {
    for (int32_t i = 0; i < depth; i += 4) {
        uint32_t columns[2][SIDE][SIDE];
        uint32_t *x = to + i;
        for (int column = 0; column < SIDE; ++column) {
            const uint32_t a = ek_load4(at[column] + i);
            const uint32_t b = ek_load4(at[SIDE + column] + i);
            const uint32_t c = ek_load4(at[2 * SIDE + column] + i);
            const uint32_t d = ek_load4(at[3 * SIDE + column] + i);
            put_pixels(columns[0][column], 1, ek_sxtb16(a), ek_sxtb16(b), ek_sxtb16(c), ek_sxtb16(d));
            put_pixels(columns[1][column], 1, ek_sxtb16_odd(a), ek_sxtb16_odd(b), ek_sxtb16_odd(c),
                       ek_sxtb16_odd(d));
        }
        for (int row = 0; row < SIDE; ++row) {
            put_pixels(x, depth, columns[0][0][row], columns[0][1][row], columns[0][2][row],
                       columns[0][3][row]);
            put_pixels(x + 2, depth, columns[1][0][row], columns[1][1][row], columns[1][2][row],
                       columns[1][3][row]);
            x += SIDE * depth;
        }
    }
}

/* Where a tile's outputs go. */
typedef struct {
    int8_t *at;
    int32_t right; /* to the second column; 0 where there is none */
    int32_t below; /* to the second row */
} tile_t;

/* A channel's constants. */
typedef struct {
    int32_t bias; /* twice */
    int32_t multiplier;
    int32_t offset;
    int32_t shift;
    int32_t twice; /* -1 where negative sums are rounded away from zero, else 0 */
} channel_t;

static inline int8_t output_of(uint32_t four_sums, const channel_t *c) {
    const int32_t x = ((int32_t)four_sums >> 1) + c->bias;
    return (int8_t)ek_ssat8(ek_smmlar(x, c->multiplier, c->offset + (x >> 31 & c->twice)) >> c->shift);
}

/* The first and the second row of a column of sums. */
static inline void add_column(const uint32_t *x, int32_t row, uint32_t *first, uint32_t *second) {
    const uint32_t b = x[row];
    const uint32_t c = x[2 * row];
    *first = x[0] + b + c;
    *second = b - c - x[3 * row];
}

/* Makes a tile's outputs of one channel of its sums, of which one lies at each position. What is outside is
 * written where the first column or row goes, before it. */
static void transform_output(const uint32_t *sums, int32_t position, const channel_t *channel, tile_t tile) {
    const channel_t c = *channel;
    const int32_t row = SIDE * position;
    uint32_t x[SIDE];
    uint32_t y[SIDE];
    add_column(sums, row, x, y);
    sums += position;
    add_column(sums, row, x + 1, y + 1);
    sums += position;
    add_column(sums, row, x + 2, y + 2);
    sums += position;
    add_column(sums, row, x + 3, y + 3);
    int8_t *const below = tile.at + tile.below;
    below[tile.right] = output_of(y[1] - y[2] - y[3], &c);
    below[0] = output_of(y[0] + y[1] + y[2], &c);
    tile.at[tile.right] = output_of(x[1] - x[2] - x[3], &c);
    tile.at[0] = output_of(x[0] + x[1] + x[2], &c);
}

/* Transforms the input of the tiles of a row, from number `tile` on. */
static void transform_row(const ek_conv2d_winograd_s8_dsp_params_t *p, const int8_t *input, int32_t y,
                          int32_t tile, const int8_t *outside, uint32_t *panel) {
    const int32_t depth = p->input_channels;
    for (int32_t ox = 0; ox < p->output_width; ox += 2) {
        const int8_t *at[POSITIONS];
        const int32_t x = ox - p->pad_left;
        for (int row = 0; row < SIDE; ++row) {
            const bool inside = y + row >= 0 && y + row < p->input_height;
            const int8_t *from = input + ((y + row) * p->input_width + x) * depth;
            for (int column = 0; column < SIDE; ++column) {
                at[SIDE * row + column] =
                    inside && x + column >= 0 && x + column < p->input_width ? from : outside;
                from += depth;
            }
        }
        transform_input(at, depth, panel + tile / 2 * POSITIONS * depth + tile % 2);
        ++tile;
    }
}

/* Multiplies some rows of tiles, from output row `oy` on, by the weights of two channels. */
static void run_channels(const ek_conv2d_winograd_s8_dsp_params_t *p, int8_t *output, int32_t oy, int32_t end,
                         const channel_t channels[2], uint32_t *weights, const uint32_t *panel) {
    const int32_t depth = p->input_channels;
    const int32_t position = depth + SUMS;
    const int32_t row_size = p->output_width * p->output_channels;
    const uint32_t *sums = weights + depth;
    bool second = false; /* of two tiles */
    for (; oy < end; oy += 2) {
        tile_t tile = {.at = output + oy * row_size,
                       .right = p->output_channels,
                       .below = oy + 1 < p->output_height ? row_size : 0};
        for (int32_t ox = 0; ox < p->output_width; ox += 2) {
            if (!second) {
                multiply(weights, panel, weights + POSITIONS * position, depth / 4);
                panel += POSITIONS * depth;
            }
            if (ox + 1 == p->output_width) {
                tile.right = 0;
            }
            transform_output(sums + second, position, channels, tile);
            ++tile.at;
            transform_output(sums + second + 2, position, channels + 1, tile);
            tile.at += 2 * p->output_channels - 1;
            second = !second;
        }
    }
}

/* Some rows of tiles, from output row `oy` on. */
static void run_rows(const ek_conv2d_winograd_s8_dsp_params_t *p, const int8_t *input, int8_t *output,
                     int32_t oy, int32_t end, uint32_t *scratch) {
    const int32_t depth = p->input_channels;
    const int32_t size = POSITIONS * (depth + SUMS); /* words of two channels */
    uint32_t *weights = scratch + depth / 4;
    uint32_t *const panel = weights + (p->kept ? p->output_channels / 2 : 1) * size;
    const uint32_t *stream = p->stream;
    int32_t tile = 0;
    for (int32_t y = oy; y < end; y += 2) {
        transform_row(p, input, y - p->pad_top, tile, (const int8_t *)scratch, panel);
        tile += (p->output_width + 1) / 2;
    }
    for (int32_t pair = 0; pair < p->output_channels; pair += 2) {
        channel_t channels[2];
        if (p->kept && oy > 0) {
            stream += depth / 2 * TAPS + 4;
        } else {
            stream = transform_weights(stream, depth, weights);
        }
        for (int i = 0; i < 2; ++i) {
            const uint32_t *const words = stream - 4 + 2 * i;
            const int32_t shift = (int32_t)(words[0] & 0xFFU);
            channels[i] = (channel_t){.bias = (int32_t)words[0] >> 8,
                                      .multiplier = (int32_t)words[1],
                                      .offset = (int32_t)((uint32_t)p->centre << shift),
                                      .shift = shift + 1,
                                      .twice = p->rounding == EK_MATRIX_RECTIFY ? 0 : -1};
        }
        run_channels(p, output + pair, oy, end, channels, weights, panel);
        weights += p->kept ? size : 0;
    }
}

void ek_conv2d_winograd_s8_dsp(const ek_conv2d_winograd_s8_dsp_params_t *p, const int8_t *input,
                               int8_t *output, void *scratch) {
    const int32_t input_size = p->input_height * p->input_width * p->input_channels;
    const int32_t output_size = p->output_height * p->output_width * p->output_channels;
    uint32_t *const outside = scratch;
    for (int32_t i = 0; i < p->input_channels / 4; ++i) {
        outside[i] = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    }
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; oy += 2 * p->rows) {
            const int32_t left = p->output_height - oy;
            run_rows(p, input, output, oy, oy + (left < 2 * p->rows ? left : 2 * p->rows), outside);
        }
        if (p->clamped) {
            ek_clamp_dsp(output, output_size, p->low, p->high);
        }
        input += input_size;
        output += output_size;
    }
}
