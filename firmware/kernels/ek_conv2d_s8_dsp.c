#include "ek_conv2d_s8_dsp.h"

#include "ek_matrix_dsp.h"
#include "ek_panel_dsp.h"

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

#if defined(__OPTIMIZE_SIZE__)
#define ROUND "2" /* binary logarithm of the blocks in a round */
#else
#define ROUND "3"
#endif

/* clang-format off */
#define OUTPUTS(round)                                                       \
    EK_MATRIX_CHANNEL("r9")                                                  \
    EK_MATRIX_BIAS("r6", "lsl #1") EK_MATRIX_BIAS("r7", "lsl #1") EK_MATRIX_BIAS("r8", "lsl #1") \
    round("r6", "r9", "r10") round("r7", "r9", "r10") round("r8", "r9", "r10")                   \
    EK_MATRIX_CHANNEL("r11")                                                 \
    EK_MATRIX_BIAS("r3", "asr #7") EK_MATRIX_BIAS("r4", "asr #7") EK_MATRIX_BIAS("r5", "asr #7") \
    round("r3", "r11", "r12") round("r4", "r11", "r12") round("r5", "r11", "r12")

#if defined(__OPTIMIZE_SIZE__) /* one way to round does for both */
#define CHOOSE
#define ROUNDED OUTPUTS(EK_MATRIX_TWICE)
#else
#define CHOOSE                                                               \
    "adr.w r11, 6f + 1\n"                                                    \
    "cmp r9, #0\n"                                                           \
    "it ne\n"                                                                \
    "subne r11, #6f - 7f\n"
#define ROUNDED                                                              \
    "ldr pc, [sp, #32]\n"                                                    \
    "7:\n"                                                                   \
    OUTPUTS(EK_MATRIX_TWICE)                                                 \
    "b 8f\n"                                                                 \
    "6:\n"                                                                   \
    OUTPUTS(EK_MATRIX_RECTIFIED)                                             \
    "8:\n"
#endif

/* All pairs of channels of one tile; returns the stream behind them. Thumb-2, no use of the frame pointer.
 * On the stack: outputs, pairs, panel, rounds of several blocks, centre, where to enter the first round
 * (BLOCK is 68 bytes), how to make outputs. */
__attribute__((naked, noinline, aligned(4))) static const uint32_t *multiply(EK_UNUSED const uint32_t *stream,
                                                                 EK_UNUSED const tile_t *tile) {
    __asm__ volatile(
        "push {r4-r11, lr}\n"
        "ldmia r1, {r2-r9}\n"
        "and r11, r7, #(1 << " ROUND ") - 1\n"
        "mov r12, #68\n"
        "adr.w r10, 5f + 1\n"
        "mls r10, r11, r12, r10\n"
        CHOOSE
        "lsr r7, r7, #" ROUND "\n"
        "sub sp, sp, #36\n"
        "stmia sp, {r2-r8, r10, r11}\n"
        "1:\n"
        "ldrd r1, r2, [sp, #16]\n"
        FIRST
        "ldr pc, [sp, #28]\n"
        "4:\n"
        ".rept 1 << " ROUND "\n" BLOCK ".endr\n"
        "5:\n"
        "subs r2, r2, #1\n"
        "bpl 4b\n"
        "ldmia r0!, {r9-r12}\n"
        "sub r3, r3, r6\n"
        "sub r4, r4, r7\n"
        "sub r5, r5, r8\n"
        "ldr lr, [sp, #24]\n"
        ROUNDED
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

/* One image. */
static void image(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output, uint32_t *panel) {
    const int32_t channels = p->output_channels;
    const int32_t last = p->output_height * p->output_width;
    tile_t tile;
    tile.panel = panel;
    tile.blocks = (uint32_t)(p->kernel_height * p->row) / 4 - 1;
    tile.centre = p->centre;
    tile.rounding = p->rounding;
    for (int32_t done = 0; done < last; done += PIXELS) {
        const int32_t count = last - done < PIXELS ? last - done : PIXELS;
        const int32_t pixel = p->backward ? last - done - count : done;
        const int32_t oy = pixel / p->output_width;
        int8_t *to = output + pixel * channels;
        const uint32_t *stream = p->stream;
        gather(p, input, oy, pixel - oy * p->output_width, count, panel);
        /* A lane without a pixel writes where the first does, before it. */
        tile.output[0] = to;
        tile.output[1] = count > 1 ? to + channels : to;
        tile.output[2] = count > 2 ? to + 2 * channels : to;
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
    const ek_conv2d_s8_dsp_params_t one = *p; /* to be kept in registers */
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const int32_t i = p->backward ? p->batches - 1 - batch : batch;
        image(&one, input + i * input_size, output + i * output_size, scratch);
    }
}
