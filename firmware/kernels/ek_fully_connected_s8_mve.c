#include "ek_fully_connected_s8_mve.h"

#include "ek_copy_s8_mve.h"

#if defined(__ARM_FEATURE_MVE)

#include <stddef.h>

/* Compilers spill accumulators and pointers here, which costs half of the speed; hence assembly.
 *
 * Registers while products are summed (vmladava adds into even registers only):
 *   r0 r2 r4 r6 r8 r10 r12 lr   sums of eight channels
 *   r1                          input, r9 its end
 *   r5                          record, read from begin to end
 *   r7                          output, r3 channels left
 *   r11                         where to enter the unrolled steps
 *   q0                          16 values of the input; q1, q2 weights
 *   q5, q6, q7                  output zero point, low, high
 * Stack: 0: input, 4: once, 8: fix.
 */
_Static_assert(offsetof(ek_fully_connected_s8_mve_params_t, steps) == 4 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, channels) == 8 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, fix) == 12 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, once) == 16 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, output_zero_point) == 20 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, low) == 24 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, high) == 28,
               "the assembly below knows these offsets");

__asm__(".section .text.ek_fully_connected_row_s8_mve,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global ek_fully_connected_row_s8_mve\n"
        ".type ek_fully_connected_row_s8_mve, %function\n"
        ".thumb_func\n"
        "ek_fully_connected_row_s8_mve:\n"
        "push {r3-r11, lr}\n"
        "vpush {d10-d15}\n"
        "sub sp, #16\n"
        "mov r7, r2\n"
        "ldrd r4, r6, [r0, #20]\n"
        "vdup.16 q5, r4\n"
        "vdup.16 q6, r6\n"
        "ldr r4, [r0, #28]\n"
        "vdup.16 q7, r4\n"
        "ldrd r3, r6, [r0, #8]\n"
        "ldr r4, [r0, #16]\n"
        "strd r1, r4, [sp]\n"
        "str r6, [sp, #8]\n"
        "ldrd r5, r10, [r0]\n" /* packed, steps */
        "add r9, r1, r10, lsl #4\n"
        "sub r10, #1\n"
        "and r10, #7\n"
        "add r10, #1\n"
        "movs r2, #68\n" /* bytes of code per step */
        "adr.w r11, 3f\n"
        "mls r11, r10, r2, r11\n"
        "orr r11, #1\n"
        "1:\n"
        "ldm r5!, {r0, r2, r4, r6, r8, r10, r12, lr}\n"
        "bx r11\n"
        ".balign 4\n"
        "2:\n"
        ".rept 8\n"
        "vldrb.u8 q0, [r1], #16\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r0, q0, q1\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmladava.s8 r2, q0, q2\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r4, q0, q1\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmladava.s8 r6, q0, q2\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r8, q0, q1\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmladava.s8 r10, q0, q2\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r12, q0, q1\n"
        "vmladava.s8 lr, q0, q2\n"
        ".endr\n"
        "3:\n"
        "cmp r1, r9\n"
        "bne.w 2b\n"
        "vmov q2[2], q2[0], r0, r8\n" /* even channels */
        "vmov q2[3], q2[1], r4, r12\n"
        "vldrw.u32 q0, [r5], #16\n"
        "vmov q3[2], q3[0], r2, r10\n" /* odd channels */
        "vmov q3[3], q3[1], r6, lr\n"
        "vldrw.u32 q1, [r5], #16\n"
        "ldrd r1, r2, [sp]\n"
        "cbnz r2, 4f\n"
        "vqrdmulh.s32 q2, q2, q0\n"
        "vqrdmulh.s32 q3, q3, q1\n"
        "ldr r4, [sp, #8]\n"
        "vqdmlah.s32 q2, q2, r4\n" /* minus 1 where negative */
        "vqdmlah.s32 q3, q3, r4\n"
        "b 5f\n"
        "4:\n"
        "vqdmulh.s32 q2, q2, q0\n" /* cut off: the shift is the only rounding */
        "vqdmulh.s32 q3, q3, q1\n"
        "5:\n"
        "vldrb.s32 q0, [r5], #4\n"
        "vldrb.s32 q1, [r5], #4\n"
        "vrshl.s32 q2, q2, q0\n"
        "vrshl.s32 q3, q3, q1\n"
        "vqmovnb.s32 q2, q2\n"
        "vqmovnt.s32 q2, q3\n"
        "vqadd.s16 q2, q2, q5\n"
        "vmax.s16 q2, q2, q6\n"
        "vmin.s16 q2, q2, q7\n"
        "vctp.16 r3\n"
        "vpst\n"
        "vstrbt.16 q2, [r7], #8\n"
        "subs r3, #8\n"
        "bgt.w 1b\n"
        "add sp, #16\n"
        "vpop {d10-d15}\n"
        "pop {r3-r11, pc}\n"
        ".size ek_fully_connected_row_s8_mve, . - ek_fully_connected_row_s8_mve\n"
        ".previous\n");

void ek_fully_connected_row_s8_mve(const ek_fully_connected_s8_mve_params_t *p, const int8_t *x, int8_t *y);

#else

#include <string.h>

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static int8_t output_of(const ek_fully_connected_s8_mve_params_t *p, int32_t sum, int32_t multiplier,
                        int32_t shift) {
    int32_t high;
    if (p->once) {
        high = (int32_t)(((int64_t)sum * multiplier) >> 31);
    } else {
        high = ek_multiply_high(sum, multiplier);
        high += p->fix && high < 0 ? -1 : 0;
    }
    const int32_t half_up = shift == 0 ? high : ((high >> (-shift - 1)) + 1) >> 1;
    return (int8_t)ek_clamp(half_up + p->output_zero_point, p->low, p->high);
}

static void ek_fully_connected_row_s8_mve(const ek_fully_connected_s8_mve_params_t *p, const int8_t *x,
                                          int8_t *y) {
    const int8_t *record = p->packed;
    for (int32_t channel = 0; channel < p->channels; channel += 8) {
        int32_t sums[8];
        int32_t multipliers[8];
        memcpy(sums, record, sizeof sums);
        const int8_t *weights = record + sizeof sums;
        for (int32_t i = 0; i < 128 * p->steps; ++i) {
            sums[i / 16 % 8] += weights[i] * x[i / 128 * 16 + i % 16];
        }
        const int8_t *end = weights + 128 * p->steps;
        memcpy(multipliers, end, sizeof multipliers);
        end += sizeof multipliers;
        for (int32_t i = 0; i < 8 && channel + i < p->channels; ++i) {
            const int32_t at = i % 2 * 4 + i / 2;
            y[channel + i] = output_of(p, sums[i], multipliers[at], end[at]);
        }
        record = end + 8;
    }
}

#endif

void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params_t *p, const int8_t *input,
                               int8_t *output) {
    int8_t row[EK_FULLY_CONNECTED_PARTIAL];
    if (p->inputs % 16 != 0) { /* the last block would read beyond the input */
        ek_copy_s8_mve(row, input, p->inputs);
        input = row;
    }
    ek_fully_connected_row_s8_mve(p, input, output);
}
