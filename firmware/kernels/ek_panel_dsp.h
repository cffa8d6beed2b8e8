/* How ek_conv2d_s8_dsp lays out the windows of three pixels: [depth / 2][PIXELS] words, each two steps of
 * depth of one pixel as SXTB16 widens them.
 */
#ifndef EK_PANEL_DSP_H
#define EK_PANEL_DSP_H

#include "ek_conv2d_s8_dsp.h"
#include "ek_dsp.h"

enum { PIXELS = 3 };

/* On a function whose values would crowd out those of its caller. */
#if defined(__GNUC__)
#define EK_NOINLINE __attribute__((noinline))
#else
#define EK_NOINLINE
#endif

#if defined(__ARM_FEATURE_DSP)

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

static uint32_t *put(uint32_t *to, uint32_t word) {
    to[0] = ek_sxtb16(word);
    to[PIXELS] = ek_sxtb16_odd(word);
    return to + 2 * PIXELS;
}

/* Widens bytes `begin` to `end` of a row of `row` bytes from x on to one lane of the panel, or, where
 * `widened`, only those that share a word with others; all others are the zero point. */
static void border(uint32_t *to, const int8_t *x, int32_t begin, int32_t end, int32_t row, int32_t zero,
                   bool widened) {
    const uint32_t zeros = (uint32_t)(zero & 0xFF) * 0x01010101U;
    int32_t i = 0;
    for (; i + 4 <= begin; i += 4) {
        to = put(to, zeros);
    }
    while (i < end) {
        if (widened && i >= begin && i + 4 <= end) {
            const int32_t fours = (end - i) / 4;
            to += 2 * PIXELS * fours;
            i += 4 * fours;
        }
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

/* Where a window begins: rows and bytes from the first pixel of the image, negative in the padding. */
typedef struct {
    int32_t y;
    int32_t x;
} origin_t;

/* Writes one row of all windows to the panel, `down` rows below their origins. */
static void gather_row(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, const origin_t at[PIXELS],
                       int32_t down, uint32_t *to) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t taps = p->kernel_width * p->input_channels;
    const int8_t *from[PIXELS];
    bool readable = true; /* even where what is read is not meant */
    for (int32_t i = 0; i < PIXELS; ++i) {
        const int32_t y = at[i].y + down;
        const int32_t offset = y * row_size + at[i].x;
        from[i] = input + offset;
        readable = readable && y >= 0 && y < p->input_height && offset >= 0 &&
                   offset + p->row <= p->input_height * row_size;
    }
    if (readable) {
        (void)widen(to, from[0], from[1], from[2], p->row / 4);
    }
    for (int32_t i = 0; i < PIXELS; ++i) {
        const int32_t begin = at[i].x < 0 ? -at[i].x : 0;
        const int32_t end = at[i].x + taps > row_size ? row_size - at[i].x : p->row;
        const int32_t y = at[i].y + down;
        if (y < 0 || y >= p->input_height) {
            border(to + i, input, p->row, 0, p->row, p->input_zero_point, false);
        } else if (!readable || begin > 0 || end < p->row) {
            /* What lies behind the taps has weight 0, but may not be there. */
            border(to + i, from[i], begin, readable || end < taps ? end : taps, p->row, p->input_zero_point,
                   readable);
        }
    }
}

/* Writes all windows to the panel where a row of them is one word, and one of the input not less. */
static void gather_narrow(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, const origin_t at[PIXELS],
                          uint32_t *panel) {
    const int32_t row_size = p->input_width * p->input_channels;
    const uint32_t zeros = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    for (int32_t i = 0; i < PIXELS; ++i) {
        const int32_t x = at[i].x < 0 ? 0 : at[i].x + 4 > row_size ? row_size - 4 : at[i].x;
        const int32_t before = 8 * (x - at[i].x); /* bits of padding; those behind are negative */
        const bool outside = before <= -32 || before >= 32;
        const uint32_t height = outside ? 0 : (uint32_t)p->input_height;
        const int32_t left = !outside && before > 0 ? before : 0;
        const int32_t right = !outside && before < 0 ? -before : 0;
        const uint32_t fill = left > 0 ? zeros >> (32 - left) : right > 0 ? zeros << (32 - right) : 0;
        int32_t offset = at[i].y * row_size + x;
        int32_t y = at[i].y;
        uint32_t *to = panel + i;
        for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
            to = put(to, (uint32_t)y < height ? ek_load4(input + offset) << left >> right | fill : zeros);
            offset += p->dilation_height * row_size;
            y += p->dilation_height;
        }
    }
}

/* Writes the windows of `count` pixels from (oy, ox) on to the panel, wherever they lie. */
EK_NOINLINE static void gather_any(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int32_t oy,
                                   int32_t ox, int32_t count, uint32_t *panel) {
    origin_t at[PIXELS];
    for (int32_t i = 0; i < PIXELS; ++i) { /* a lane without a pixel reads what the one before it does */
        at[i].y = oy * p->stride_height - p->pad_top;
        at[i].x = (ox * p->stride_width - p->pad_left) * p->input_channels;
        if (i + 1 < count && ++ox == p->output_width) {
            ox = 0;
            ++oy;
        }
    }
    if (p->row == 4 && p->input_width * p->input_channels >= 4) {
        gather_narrow(p, input, at, panel);
        return;
    }
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        gather_row(p, input, at, ky * p->dilation_height, panel);
        panel += PIXELS * p->row / 2;
    }
}

/* Writes the windows of `count` pixels from (oy, ox) on to the panel. */
static void gather(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int32_t oy, int32_t ox,
                   int32_t count, uint32_t *panel) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t step = p->stride_width * p->input_channels;
    const int32_t bottom = p->input_height - (p->kernel_height - 1) * p->dilation_height;
    const int32_t y = oy * p->stride_height - p->pad_top;
    const int32_t x = (ox * p->stride_width - p->pad_left) * p->input_channels;
    if (count == PIXELS && ox + PIXELS <= p->output_width && x >= 0 &&
        x + (PIXELS - 1) * step + p->row <= row_size && y >= 0 && y < bottom) {
        const int8_t *from = input + y * row_size + x;
        for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
            panel = widen(panel, from, from + step, from + 2 * step, p->row / 4);
            from += p->dilation_height * row_size;
        }
    } else {
        gather_any(p, input, oy, ox, count, panel);
    }
}

#endif
