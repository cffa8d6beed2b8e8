#include "ek_fully_connected_s8_mve.h"

#include "ek_copy_s8_mve.h"

#if defined(__ARM_FEATURE_MVE)

#include <stddef.h>

/* Compilers spill accumulators and pointers here, which costs half of the speed; hence assembly.
 *
 * Registers while products are summed (vmladava adds into even registers only):
 *   r0 r2 r4 r6     sums of four channels
 *   r8 r10 r12 lr   sums of the next four
 *   r1              input, r9 its end
 *   r5, r3          records of both, read from begin to end
 *   r7              output
 *   r11             where to enter the unrolled steps
 *   q0              16 values of the input; q1, q2 weights, later multipliers, shifts and results
 *   q5, q6, q7      output zero point, low, high
 * Stack: 0: fix, 4: channels left, 8: once, 12: bytes of a row, 16: bytes of a record.
 */
_Static_assert(offsetof(ek_fully_connected_s8_mve_params_t, steps) == 4 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, channels) == 8 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, fix) == 12 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, once) == 16 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, output_zero_point) == 20 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, low) == 24 &&
                   offsetof(ek_fully_connected_s8_mve_params_t, high) == 28,
               "the assembly below knows these offsets");

__asm__(".macro ek_m55_row_enter name\n"
        ".section .text.\\name,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global \\name\n"
        ".type \\name, %function\n"
        ".thumb_func\n"
        "\\name:\n"
        "push {r3-r11, lr}\n"
        "vpush {d10-d15}\n"
        "sub sp, #24\n"
        "ldrd r4, r6, [r0, #20]\n"
        "vdup.32 q5, r4\n"
        "vdup.32 q6, r6\n"
        "ldr r4, [r0, #28]\n"
        "vdup.32 q7, r4\n"
        "ldrd r4, r6, [r0, #8]\n"
        "strd r6, r4, [sp]\n"
        "ldrd r5, r10, [r0]\n" /* packed, steps */
        ".endm\n"
        ".macro ek_m55_row_leave name\n"
        "add sp, #24\n"
        "vpop {d10-d15}\n"
        "pop {r3-r11, pc}\n"
        ".size \\name, . - \\name\n"
        ".previous\n"
        ".endm\n"
        ".macro ek_m55_row_lanes\n"
        "vmov q2[2], q2[0], r0, r4\n"
        "vmov q2[3], q2[1], r2, r6\n"
        "vmov q3[2], q3[0], r8, r12\n"
        "vmov q3[3], q3[1], r10, lr\n"
        "vldrw.u32 q0, [r5], #16\n"
        "vldrb.s32 q1, [r5], #4\n"
        "ldrd r0, r2, [sp]\n" /* fix, channels left */
        ".endm\n"
        ".macro ek_m55_row_clamp\n"
        "vadd.i32 q2, q2, q5\n"
        "vadd.i32 q3, q3, q5\n"
        "vmax.s32 q2, q2, q6\n"
        "vmax.s32 q3, q3, q6\n"
        "vmin.s32 q2, q2, q7\n"
        "vmin.s32 q3, q3, q7\n"
        ".endm\n");

__asm__("ek_m55_row_enter ek_fully_connected_row_s8_mve\n"
        "mov r7, r2\n"
        "ldr r6, [r0, #16]\n"
        "lsl r8, r10, #4\n"
        "strd r6, r8, [sp, #8]\n"
        "lsl r6, r10, #6\n"
        "add r6, #36\n"
        "str r6, [sp, #16]\n"
        "add r9, r1, r8\n"
        "cmp r4, #4\n"
        "it le\n"
        "movle r6, #0\n" /* no further record: the last one twice */
        "add r3, r5, r6\n"
        "sub r10, #1\n"
        "and r10, #3\n"
        "add r10, #1\n"
        "movs r2, #68\n"
        "adr.w r11, 3f\n"
        "mls r11, r10, r2, r11\n"
        "orr r11, #1\n"
        "1:\n"
        "ldm r5!, {r0, r2, r4, r6}\n"
        "ldm r3!, {r8, r10, r12, lr}\n"
        "bx r11\n"
        ".balign 4\n"
        "2:\n"
        ".rept 4\n"
        "vldrb.u8 q0, [r1], #16\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r0, q0, q1\n"
        "vldrb.u8 q1, [r5], #16\n"
        "vmladava.s8 r2, q0, q2\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r4, q0, q1\n"
        "vldrb.u8 q1, [r3], #16\n"
        "vmladava.s8 r6, q0, q2\n"
        "vldrb.u8 q2, [r3], #16\n"
        "vmladava.s8 r8, q0, q1\n"
        "vldrb.u8 q1, [r3], #16\n"
        "vmladava.s8 r10, q0, q2\n"
        "vldrb.u8 q2, [r3], #16\n"
        "vmladava.s8 r12, q0, q1\n"
        "vmladava.s8 lr, q0, q2\n"
        ".endr\n"
        "3:\n"
        "cmp r1, r9\n"
        "bne 2b\n"
        "ek_m55_row_lanes\n"
        "ldrd r4, r6, [sp, #8]\n" /* once, bytes of a row */
        "sub r1, r6\n"
        "cbnz r4, 4f\n"
        "vqrdmulh.s32 q2, q2, q0\n"
        "vldrw.u32 q0, [r3], #16\n"
        "vqrdmulh.s32 q3, q3, q0\n"
        "vqdmlah.s32 q2, q2, r0\n"
        "vqdmlah.s32 q3, q3, r0\n"
        "b 5f\n"
        "4:\n"
        "vqdmulh.s32 q2, q2, q0\n" /* cut off: the shift is the only rounding */
        "vldrw.u32 q0, [r3], #16\n"
        "vqdmulh.s32 q3, q3, q0\n"
        "5:\n"
        "vrshl.s32 q2, q2, q1\n"
        "vldrb.s32 q1, [r3], #4\n"
        "vrshl.s32 q3, q3, q1\n"
        "ek_m55_row_clamp\n"
        "vctp.32 r2\n"
        "vpst\n"
        "vstrbt.32 q2, [r7], #4\n"
        "subs r2, #4\n"
        "ble 6f\n"
        "vctp.32 r2\n"
        "vpst\n"
        "vstrbt.32 q3, [r7], #4\n"
        "subs r2, #4\n"
        "str r2, [sp, #4]\n"
        "mov r5, r3\n"
        "ldr r6, [sp, #16]\n"
        "cmp r2, #4\n"
        "it le\n"
        "movle r6, #0\n"
        "add r3, r5, r6\n"
        "cmp r2, #0\n"
        "bgt 1b\n"
        "6:\n"
        "ek_m55_row_leave ek_fully_connected_row_s8_mve\n");

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
    for (int32_t channel = 0; channel < p->channels; channel += 4) {
        int32_t sums[4];
        int32_t multipliers[4];
        memcpy(sums, record, sizeof sums);
        const int8_t *weights = record + sizeof sums;
        for (int32_t i = 0; i < 64 * p->steps; ++i) {
            sums[i / 16 % 4] += weights[i] * x[i / 64 * 16 + i % 16];
        }
        const int8_t *end = weights + 64 * p->steps;
        memcpy(multipliers, end, sizeof multipliers);
        for (int32_t i = 0; i < 4 && channel + i < p->channels; ++i) {
            y[channel + i] = output_of(p, sums[i], multipliers[i], end[16 + i]);
        }
        record = end + 20;
    }
}

#endif

void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params_t *p, const int8_t *input,
                               int8_t *output, uint8_t *scratch) {
    if (p->inputs % 16 != 0) { /* the last block would read beyond the input */
        ek_copy_s8_mve((int8_t *)scratch, input, p->inputs);
        input = (const int8_t *)scratch;
    }
    ek_fully_connected_row_s8_mve(p, input, output);
}
