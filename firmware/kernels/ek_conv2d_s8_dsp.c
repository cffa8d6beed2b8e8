#include "ek_conv2d_s8_dsp.h"

#include "ek_dsp.h"

enum { PIXELS = 3 };

/* What a tile works on; the assembly below knows the order of the fields. */
typedef struct {
    int8_t *output[PIXELS]; /* of each pixel; advances by two channels at a time */
    const uint32_t *panel;  /* [depth / 2][PIXELS] */
    uint32_t blocks;        /* depth / 4 */
    int32_t centre;
    int32_t pairs;
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

/* r9 2 * bias, r10 multiplier, r11 offset, r12 shift of the channel whose constants r0 points to; r1
 * clobbered. */
#define CONSTANTS                                                                                            \
    "ldmia r0!, {r9, r10}\n"                                                                                 \
    "ldr r11, [sp, #20]\n"                                                                                   \
    "and r12, r9, #31\n"                                                                                     \
    "asr r9, r9, #5\n"                                                                                       \
    "lsl r11, r11, r12\n"                                                                                    \
    "asr r11, r11, #1\n"

/* ek_requantize_dsp of one sum; `scale` makes it 2 sum. */
#define REQUANTIZE(sum, scale)                                                                               \
    "add " sum ", r9, " sum ", " scale "\n"                                                                  \
    "add r1, r11, " sum ", asr #31\n"                                                                        \
    "smmlar " sum ", " sum ", r10, r1\n"                                                                     \
    "asr " sum ", " sum ", r12\n"                                                                            \
    "ssat " sum ", #8, " sum "\n"

/* All pairs of channels of one tile; returns the stream behind them. Thumb-2, no use of the frame pointer. */
__attribute__((naked, noinline)) static const uint32_t *multiply(EK_UNUSED const uint32_t *stream,
                                                                 EK_UNUSED const tile_t *tile) {
    __asm__ volatile("push {r4-r11, lr}\n"
                     "ldmia r1, {r2-r8}\n"
                     "sub sp, sp, #28\n"
                     "stmia sp, {r2-r8}\n"
                     "1:\n"
                     "ldrd r1, r2, [sp, #12]\n" FIRST "subs r2, r2, #1\n"
                     "lsrs r2, r2, #1\n"
                     "bcc 2f\n" BLOCK "2:\n"
                     "lsrs r2, r2, #1\n"
                     "bcc 3f\n"
                     ".rept 2\n" BLOCK ".endr\n"
                     "3:\n"
                     "cmp r2, #0\n"
                     "beq 5f\n"
                     "4:\n"
                     ".rept 4\n" BLOCK ".endr\n"
                     "subs r2, r2, #1\n"
                     "bne 4b\n"
                     "5:\n"
                     "sub r3, r3, r6\n"
                     "sub r4, r4, r7\n"
                     "sub r5, r5, r8\n" CONSTANTS REQUANTIZE("r6", "lsl #1") REQUANTIZE("r7", "lsl #1")
                         REQUANTIZE("r8", "lsl #1") CONSTANTS REQUANTIZE("r3", "asr #7")
                             REQUANTIZE("r4", "asr #7") REQUANTIZE("r5", "asr #7") "ldmia sp, {r9-r11}\n"
                                                                                   "strb r8, [r11], #1\n"
                                                                                   "strb r5, [r11], #1\n"
                                                                                   "strb r7, [r10], #1\n"
                                                                                   "strb r4, [r10], #1\n"
                                                                                   "strb r6, [r9], #1\n"
                                                                                   "strb r3, [r9], #1\n"
                                                                                   "stmia sp, {r9-r11}\n"
                                                                                   "ldr r2, [sp, #24]\n"
                                                                                   "subs r2, r2, #1\n"
                                                                                   "str r2, [sp, #24]\n"
                                                                                   "bne 1b\n"
                                                                                   "add sp, sp, #28\n"
                                                                                   "pop {r4-r11, pc}\n");
}

#else

static const uint32_t *multiply(const uint32_t *stream, const tile_t *tile) {
    const uint32_t words = 2 * tile->blocks;
    for (int32_t pair = 0; pair < tile->pairs; ++pair) {
        const ek_channel_dsp_t low = {(int32_t)stream[words], (int32_t)stream[words + 1]};
        const ek_channel_dsp_t high = {(int32_t)stream[words + 2], (int32_t)stream[words + 3]};
        for (int pixel = PIXELS - 1; pixel >= 0; --pixel) {
            int32_t both = 0;
            int32_t sum = 0;
            for (uint32_t i = 0; i < words; ++i) {
                const uint32_t x = tile->panel[i * PIXELS + (uint32_t)pixel];
                both = ek_smlad(x, stream[i], both);
                sum = ek_smlad(x, ek_sxtb16(stream[i]), sum);
            }
            const int32_t other = (int32_t)((uint32_t)both - (uint32_t)sum);
            tile->output[pixel][2 * pair] = ek_requantize_dsp(2 * sum, &low, tile->centre);
            tile->output[pixel][2 * pair + 1] = ek_requantize_dsp(other >> 7, &high, tile->centre);
        }
        stream += words + 4;
    }
    return stream;
}

#endif

/* The last channel where their number is odd: its partner's weights are zero. */
static void last_channel(const uint32_t *stream, const tile_t *tile, int32_t channel, int32_t pixels) {
    const uint32_t words = 2 * tile->blocks;
    const ek_channel_dsp_t constants = {(int32_t)stream[words], (int32_t)stream[words + 1]};
    for (int32_t pixel = 0; pixel < pixels; ++pixel) {
        int32_t sum = 0;
        for (uint32_t i = 0; i < words; ++i) {
            sum = ek_smlad(tile->panel[i * PIXELS + (uint32_t)pixel], stream[i], sum);
        }
        tile->output[pixel][channel] = ek_requantize_dsp(2 * sum, &constants, tile->centre);
    }
}

static uint32_t *widen(uint32_t *to, uint32_t word) {
    to[0] = ek_sxtb16(word);
    to[PIXELS] = ek_sxtb16_odd(word);
    return to + 2 * PIXELS;
}

/* Widens `row` bytes from x on; those from `end` on and before `begin` are the zero point. */
static uint32_t *border(uint32_t *to, const int8_t *x, int32_t begin, int32_t end, int32_t row,
                        int32_t zero) {
    for (int32_t i = 0; i < row; i += 4) {
        uint32_t word = (uint32_t)(zero & 0xFF) * 0x01010101U;
        if (i >= begin && i + 4 <= end) {
            word = ek_load4(x + i);
        } else if (i + 4 > begin && i < end) {
            for (int32_t k = 0; k < 4; ++k) {
                if (i + k >= begin && i + k < end) {
                    word = (word & ~(0xFFU << (8 * k))) | (uint32_t)(x[i + k] & 0xFF) << (8 * k);
                }
            }
        }
        to = widen(to, word);
    }
    return to;
}

/* Writes one pixel's window to its lane of the panel. */
static void gather(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int32_t oy, int32_t ox,
                   uint32_t *to) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t taps = p->kernel_width * p->input_channels;
    const int32_t x = (ox * p->stride_width - p->pad_left) * p->input_channels;
    const int32_t begin = x < 0 ? -x : 0;
    const int32_t end = x + taps > row_size ? row_size - x : taps;
    int32_t y = oy * p->stride_height - p->pad_top;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        if (y < 0 || y >= p->input_height) {
            to = border(to, input, 0, 0, p->row, p->input_zero_point);
        } else if (begin > 0 || x + p->row > row_size) { /* else what is read too much has weight 0 */
            to = border(to, input + y * row_size + x, begin, end, p->row, p->input_zero_point);
        } else {
            const int8_t *from = input + y * row_size + x;
            const int8_t *stop = from + p->row;
            do {
                to = widen(to, ek_load4(from));
                from += 4;
            } while (from != stop);
        }
        y += p->dilation_height;
    }
}

void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output,
                      void *scratch) {
    uint32_t *panel = scratch;
    const int32_t channels = p->output_channels;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const int32_t last = p->output_height * p->output_width;
        const int32_t image = p->backward ? p->batches - 1 - batch : batch;
        const int8_t *from = input + image * p->input_height * p->input_width * p->input_channels;
        for (int32_t done = 0; done < last; done += PIXELS) {
            const int32_t count = last - done < PIXELS ? last - done : PIXELS;
            const int32_t pixel = p->backward ? last - done - count : done;
            int8_t *to = output + (image * last + pixel) * channels;
            int32_t oy = pixel / p->output_width;
            int32_t ox = pixel - oy * p->output_width;
            tile_t tile = {.panel = panel,
                           .blocks = (uint32_t)(p->kernel_height * p->row) / 4,
                           .centre = p->centre,
                           .pairs = channels / 2};
            for (int32_t i = 0; i < PIXELS; ++i) {
                /* A lane without a pixel writes where the first does, before it. */
                tile.output[i] = i < count ? to + i * channels : to;
                if (i < count) {
                    gather(p, from, oy, ox, panel + i);
                    if (++ox == p->output_width) {
                        ox = 0;
                        ++oy;
                    }
                }
            }
            const uint32_t *stream = p->stream;
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
}
