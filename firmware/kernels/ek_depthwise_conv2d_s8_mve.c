#include "ek_depthwise_conv2d_s8_mve.h"

#include <stdbool.h>

#include "ek_copy_s8_mve.h"

#if defined(__ARM_FEATURE_MVE)

#include <stddef.h>

/* All channels of the pixels of one row; taps are addresses of channel 0 of the input pixels, those of a
 * window `step` bytes after those of the window before. */
void ek_depthwise_row_s8_mve(const ek_depthwise_conv2d_s8_mve_params_t *p, const int32_t *taps,
                             int8_t *output, int32_t step);

/* Registers:
 *   q4 q5 q6 q7   32-bit sums of channels 0 4 8 12, 2 6 10 14, 1 5 9 13, 3 7 11 15
 *   q2 q3         16-bit sums of a group, for even and odd channels; q0 q1 input, weights, products
 *   r0            where to enter for the number of taps per group
 *   r1, r4        taps, the next one; r2 output; r6 r8 r10 inputs of a group
 *   r3, r5        shifts of the record; its next weights
 *   r7, r9, r11   first channel, groups left, blocks left
 *   r12, lr       fix, output zero point
 *   stack         0 full, 4 remainder, 8 low, 12 high, 16 channels - 16, 20 first record + 128, 24 blocks,
 *                 28 pixels left, 32 step, 36 channels
 */
_Static_assert(offsetof(ek_depthwise_conv2d_s8_mve_params_t, packed) == 0 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, channels) == 4 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, group) == 8 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, full) == 12 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, remainder) == 16 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, fix) == 20 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, output_zero_point) == 24 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, low) == 28 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, high) == 32 &&
                   offsetof(ek_depthwise_conv2d_s8_mve_params_t, output_width) == 52,
               "the assembly below knows these offsets");

__asm__(".macro ek_m55_first pointer\n"
        "vldrb.u8 q0, [\\pointer]\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmullb.s8 q2, q0, q1\n"
        "vmullt.s8 q3, q0, q1\n"
        ".endm\n"
        ".macro ek_m55_next pointer\n"
        "vldrb.u8 q0, [\\pointer]\n"
        "vldrb.u8 q1, [r5]\n"
        "vmullb.s8 q1, q0, q1\n"
        "vadd.i16 q2, q2, q1\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmullt.s8 q1, q0, q1\n"
        "vadd.i16 q3, q3, q1\n"
        ".endm\n"
        ".macro ek_m55_widen\n"
        "vmovlb.s16 q0, q2\n"
        "vmovlt.s16 q1, q2\n"
        "vadd.i32 q4, q4, q0\n"
        "vadd.i32 q5, q5, q1\n"
        "vmovlb.s16 q0, q3\n"
        "vmovlt.s16 q1, q3\n"
        "vadd.i32 q6, q6, q0\n"
        "vadd.i32 q7, q7, q1\n"
        ".endm\n"
        ".macro ek_m55_group count\n"
        ".if \\count == 1\n"
        "ldr r6, [r4], #4\n"
        ".else\n"
        "ldrd r6, r8, [r4], #8\n"
        "add r8, r7\n"
        ".endif\n"
        "add r6, r7\n"
        ".if \\count == 3\n"
        "ldr r10, [r4], #4\n"
        "add r10, r7\n"
        ".endif\n"
        "ek_m55_first r6\n"
        ".if \\count > 1\n"
        "ek_m55_next r8\n"
        ".endif\n"
        ".if \\count > 2\n"
        "ek_m55_next r10\n"
        ".endif\n"
        "ek_m55_widen\n"
        ".endm\n"
        ".macro ek_m55_requantize sums index\n"
        "vldrw.u32 q0, [r3, #(16 * \\index - 64)]\n"
        "vldrb.s32 q1, [r3, #(4 * \\index)]\n"
        "vqrdmulh.s32 \\sums, \\sums, q0\n"
        "vqdmlah.s32 \\sums, \\sums, r12\n" /* minus 1 where negative */
        "vrshl.s32 \\sums, \\sums, q1\n"
        ".endm\n");

__asm__(".section .text.ek_depthwise_row_s8_mve,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global ek_depthwise_row_s8_mve\n"
        ".type ek_depthwise_row_s8_mve, %function\n"
        ".thumb_func\n"
        "ek_depthwise_row_s8_mve:\n"
        "push {r3-r11, lr}\n"
        "vpush {d8-d15}\n"
        "sub sp, #40\n"
        "ldr r4, [r0, #52]\n"
        "strd r4, r3, [sp, #28]\n"
        "ldrd r6, r8, [r0, #28]\n"
        "strd r6, r8, [sp, #8]\n"
        "ldrd r6, r8, [r0, #12]\n"
        "strd r6, r8, [sp]\n"
        "ldrd r12, lr, [r0, #20]\n"
        "ldrd r3, r11, [r0]\n"
        "str r11, [sp, #36]\n"
        "sub r7, r11, #16\n"
        "str r7, [sp, #16]\n"
        "add r11, #15\n"
        "lsr r11, #4\n"
        "add r3, #128\n"
        "strd r3, r11, [sp, #20]\n"
        "movs r7, #0\n"
        "ldr r0, [r0, #8]\n"
        "adr.w r10, 11f\n"
        "cmp r0, #2\n"
        "ble 8f\n"
        "adr.w r10, 3f\n"
        "b 7f\n"
        "8:\n"
        "bne 7f\n"
        "adr.w r10, 2f\n"
        "ldr r4, [sp]\n"
        "cmp r4, #4\n"
        "bne 7f\n"
        "ldr r4, [sp, #4]\n"
        "cmp r4, #1\n"
        "bne 7f\n"
        "adr.w r10, 9f\n"
        "7:\n"
        "orr r0, r10, #1\n"
        "1:\n"
        "vldrw.u32 q4, [r3, #-128]\n"
        "vldrw.u32 q5, [r3, #-112]\n"
        "vldrw.u32 q6, [r3, #-96]\n"
        "vldrw.u32 q7, [r3, #-80]\n"
        "mov r4, r1\n"
        "add r5, r3, #16\n"
        "ldr r9, [sp]\n"
        "bx r0\n"
        ".balign 4\n"
        "11:\n"
        "ek_m55_group 1\n"
        "subs r9, #1\n"
        "bne 11b\n"
        "b 4f\n"
        ".balign 4\n"
        "2:\n"
        "ek_m55_group 2\n"
        "subs r9, #1\n"
        "bne 2b\n"
        "b 4f\n"
        ".balign 4\n"
        "3:\n"
        "ek_m55_group 3\n"
        "subs r9, #1\n"
        "bne 3b\n"
        "4:\n"
        "ldr r9, [sp, #4]\n"
        "cmp r9, #1\n"
        "blt 6f\n"
        "beq 5f\n"
        "ek_m55_group 2\n"
        "b 6f\n"
        ".balign 4\n"
        "9:\n" /* nine taps in pairs: the usual case, without loop */
        ".rept 4\n"
        "ek_m55_group 2\n"
        ".endr\n"
        "5:\n"
        "ek_m55_group 1\n"
        "6:\n"
        "ek_m55_requantize q4, 0\n"
        "ek_m55_requantize q5, 1\n"
        "ek_m55_requantize q6, 2\n"
        "ek_m55_requantize q7, 3\n"
        "vqmovnb.s32 q0, q4\n"
        "vqmovnt.s32 q0, q5\n"
        "vqmovnb.s32 q1, q6\n"
        "vqmovnt.s32 q1, q7\n"
        "ldrd r6, r8, [sp, #8]\n"
        "vqadd.s16 q0, q0, lr\n"
        "vqadd.s16 q1, q1, lr\n"
        "vqmovnb.s16 q0, q0\n"
        "vqmovnt.s16 q0, q1\n"
        "vdup.8 q2, r6\n"
        "vdup.8 q3, r8\n"
        "vmax.s8 q0, q0, q2\n"
        "vmin.s8 q0, q0, q3\n"
        "add r6, r2, r7\n"
        "vstrb.8 q0, [r6]\n"
        "add r3, r5, #128\n"
        "add r7, #16\n"
        "ldr r6, [sp, #16]\n"
        "cmp r7, r6\n"
        "it gt\n"
        "movgt r7, r6\n"
        "subs r11, #1\n"
        "bne 1b\n"
        "ldrd r6, r8, [sp, #28]\n"
        "subs r6, #1\n"
        "beq 10f\n"
        "str r6, [sp, #28]\n"
        "add r1, r8\n"
        "ldr r8, [sp, #36]\n"
        "ldrd r3, r11, [sp, #20]\n"
        "add r2, r8\n"
        "movs r7, #0\n"
        "b 1b\n"
        "10:\n"
        "add sp, #40\n"
        "vpop {d8-d15}\n"
        "pop {r3-r11, pc}\n"
        ".size ek_depthwise_row_s8_mve, . - ek_depthwise_row_s8_mve\n"
        ".previous\n");

static void add_to(int32_t *values, int32_t count, int32_t distance) {
    for (; count >= 4; count -= 4) {
        vst1q_s32(values, vaddq_n_s32(vld1q_s32(values), distance));
        values += 4;
    }
    for (; count > 0; --count) {
        *values++ += distance;
    }
}

#else

#include <string.h>

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with; taps are distances from the picture. */
static void pixel_of(const ek_depthwise_conv2d_s8_mve_params_t *p, const int8_t *image, const int32_t *taps,
                     int8_t *output) {
    const int32_t count = p->kernel_height * p->kernel_width;
    const int8_t *record = p->packed;
    for (int32_t block = 0; block < p->channels; block += 16) {
        const int32_t first = block + 16 > p->channels ? p->channels - 16 : block;
        int32_t sums[16];
        int32_t multipliers[16];
        memcpy(sums, record, sizeof sums);
        memcpy(multipliers, record + 64, sizeof multipliers);
        for (int32_t i = 0; i < 16; ++i) {
            const int32_t at = i % 4 * 4 + (i / 4 % 2) * 2 + i / 8; /* the channel in place i */
            for (int32_t tap = 0; tap < count; ++tap) {
                const int32_t x = taps[tap] < 0 ? p->input_zero_point : image[taps[tap] + first + at];
                sums[i] += record[144 + 16 * tap + at] * x;
            }
            int32_t high = ek_multiply_high(sums[i], multipliers[i]);
            high += p->fix && high < 0 ? -1 : 0;
            const int32_t right = -record[128 + i];
            const int32_t half_up = right == 0 ? high : ((high >> (right - 1)) + 1) >> 1;
            output[first + at] = (int8_t)ek_clamp(half_up + p->output_zero_point, p->low, p->high);
        }
        record += 144 + 16 * count;
    }
}

static void add_to(int32_t *values, int32_t count, int32_t distance) {
    for (int32_t i = 0; i < count; ++i) {
        values[i] += distance;
    }
}

#endif

/* Lists the taps of all windows of one output row, column by column: neighbours share columns. `base` is what
 * a tap of the picture is counted from. */
static void list_taps(const ek_depthwise_conv2d_s8_mve_params_t *p, int32_t base, int32_t padding,
                      int32_t top, int32_t *tap) {
    const int32_t row = p->input_width * p->channels;
    const int32_t end = (p->output_width - 1) * p->stride_width + p->kernel_width - p->pad_left;
    const int32_t bottom = top + p->kernel_height;
    const int32_t first = top > 0 ? top : 0;
    const int32_t last = bottom < p->input_height ? bottom : p->input_height;
    for (int32_t x = -p->pad_left; x < end; ++x) {
        int32_t y = top;
        if (x >= 0 && x < p->input_width) {
            for (; y < first; ++y) {
                *tap++ = padding;
            }
            for (int32_t at = base + first * row + x * p->channels; y < last; ++y) {
                *tap++ = at;
                at += row;
            }
        }
        for (; y < bottom; ++y) {
            *tap++ = padding;
        }
    }
}

/* The taps of the row that begins at `top`; where both lie inside, those of the row before go on. */
static void next_taps(const ek_depthwise_conv2d_s8_mve_params_t *p, int32_t base, int32_t padding,
                      int32_t top, bool first, int32_t *taps) {
    const int32_t before = top - p->stride_height;
    if (first || before < 0 || top + p->kernel_height > p->input_height) {
        list_taps(p, base, padding, top, taps);
        return;
    }
    const int32_t begin = p->pad_left * p->kernel_height;
    const int32_t end = begin + p->input_width * p->kernel_height;
    add_to(taps + begin, (end < p->listed ? end : p->listed) - begin,
           p->stride_height * p->input_width * p->channels);
}

void ek_depthwise_conv2d_s8_mve(const ek_depthwise_conv2d_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    int32_t *const taps = (int32_t *)(void *)scratch;
    const int32_t step = p->stride_width * p->kernel_height;
#if defined(__ARM_FEATURE_MVE)
    int8_t *const padding = (int8_t *)(taps + p->listed);
    ek_fill_s8_mve(padding, p->input_zero_point, p->channels);
#endif
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const int32_t top = oy * p->stride_height - p->pad_top;
#if defined(__ARM_FEATURE_MVE)
            next_taps(p, (int32_t)input, (int32_t)padding, top, oy == 0, taps);
            ek_depthwise_row_s8_mve(p, taps, output, step * (int32_t)sizeof *taps);
#else
            next_taps(p, 0, -1, top, oy == 0, taps);
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                pixel_of(p, input, taps + ox * step, output + ox * p->channels);
            }
#endif
            output += p->output_width * p->channels;
        }
        input += p->input_height * p->input_width * p->channels;
    }
}
