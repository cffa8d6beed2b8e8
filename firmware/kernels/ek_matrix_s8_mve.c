#include "ek_matrix_s8_mve.h"

#if defined(__ARM_FEATURE_MVE)

#include <stddef.h>

/* Compilers spill accumulators and pointers here, which costs half of the speed; hence assembly.
 *
 * Registers while products are summed (vmladava adds into even registers only):
 *   r0 r2 r4 r6     sums of four channels for the first row
 *   r8 r10 r12 lr   the same for the second row; in ek_matrix_row_s8_mve for the next four channels
 *   r1              row x0
 *   r5              record of four channels, read from its begin to its end
 *   r7              output y0
 *   r3, r9          short pair: output y1, row x1; long pair: row x1, end of x0;
 *                   single row: record of the next four channels, end of x0
 *   r11             where to enter the unrolled steps
 *   q0, q1          16 values of each row, then multipliers and shifts; q2, q3 weights, then results
 *   q5, q6, q7      output zero point, low, high
 */
_Static_assert(offsetof(ek_matrix_s8_mve_t, packed) == 0 && offsetof(ek_matrix_s8_mve_t, steps) == 4 &&
                   offsetof(ek_matrix_s8_mve_t, channels) == 8 && offsetof(ek_matrix_s8_mve_t, fix) == 12 &&
                   offsetof(ek_matrix_s8_mve_t, once) == 16 &&
                   offsetof(ek_matrix_s8_mve_t, output_zero_point) == 20 &&
                   offsetof(ek_matrix_s8_mve_t, low) == 24 && offsetof(ek_matrix_s8_mve_t, high) == 28,
               "the assembly below knows these offsets");

/* Stack while a kernel runs: fix, channels left, then what each kernel says. */
#define LOCALS "24"
#define Y1     "112" /* the fifth argument: above locals, d10-d15 and r3-r11, lr */

__asm__(".macro ek_m55_enter name\n"
        ".section .text.\\name,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global \\name\n"
        ".type \\name, %function\n"
        ".thumb_func\n"
        "\\name:\n"
        "push {r3-r11, lr}\n"
        "vpush {d10-d15}\n"
        "sub sp, #" LOCALS "\n"
        "ldrd r4, r6, [r0, #20]\n"
        "vdup.32 q5, r4\n"
        "vdup.32 q6, r6\n"
        "ldr r4, [r0, #28]\n"
        "vdup.32 q7, r4\n"
        "ldrd r4, r6, [r0, #8]\n"
        "strd r6, r4, [sp]\n"
        "ldrd r5, r10, [r0]\n" /* packed, steps */
        ".endm\n"
        ".macro ek_m55_leave name\n"
        "add sp, #" LOCALS "\n"
        "vpop {d10-d15}\n"
        "pop {r3-r11, pc}\n"
        ".size \\name, . - \\name\n"
        ".previous\n"
        ".endm\n"
        ".macro ek_m55_pair_products\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vldrb.u8 q3, [r5], #16\n"
        "vmladava.s8 r0, q0, q2\n"
        "vmladava.s8 r8, q1, q2\n"
        "vldrb.u8 q2, [r5], #16\n"
        "vmladava.s8 r2, q0, q3\n"
        "vmladava.s8 r10, q1, q3\n"
        "vldrb.u8 q3, [r5], #16\n"
        "vmladava.s8 r4, q0, q2\n"
        "vmladava.s8 r12, q1, q2\n"
        "vmladava.s8 r6, q0, q3\n"
        "vmladava.s8 lr, q1, q3\n"
        ".endm\n"
        ".macro ek_m55_sums_to_lanes\n"
        "vmov q2[2], q2[0], r0, r4\n"
        "vmov q2[3], q2[1], r2, r6\n"
        "vmov q3[2], q3[0], r8, r12\n"
        "vmov q3[3], q3[1], r10, lr\n"
        "vldrw.u32 q0, [r5], #16\n"
        "vldrb.s32 q1, [r5], #4\n"
        "ldrd r0, r2, [sp]\n" /* fix, channels left */
        ".endm\n"
        ".macro ek_m55_clamp\n"
        "vadd.i32 q2, q2, q5\n"
        "vadd.i32 q3, q3, q5\n"
        "vmax.s32 q2, q2, q6\n"
        "vmax.s32 q3, q3, q6\n"
        "vmin.s32 q2, q2, q7\n"
        "vmin.s32 q3, q3, q7\n"
        ".endm\n"
        ".macro ek_m55_pair_requantize\n"
        "ek_m55_sums_to_lanes\n"
        "vqrdmulh.s32 q2, q2, q0\n"
        "vqrdmulh.s32 q3, q3, q0\n"
        "vqdmlah.s32 q2, q2, r0\n" /* minus 1 where negative */
        "vqdmlah.s32 q3, q3, r0\n"
        "vrshl.s32 q2, q2, q1\n"
        "vrshl.s32 q3, q3, q1\n"
        "ek_m55_clamp\n"
        "vctp.32 r2\n"
        ".endm\n");

/* Up to 16 steps (r10): x0 and x1 point to 120 bytes before the last step, so that offsets reach all. */
__asm__("ek_m55_enter ek_matrix_pair_short_s8_mve\n"
        "mov r7, r3\n"
        "ldr r3, [sp, #" Y1 "]\n"
        "lsl r4, r10, #4\n"
        "sub r4, #136\n"
        "add r9, r2, r4\n"
        "add r1, r4\n"
        "movs r2, #56\n" /* bytes of code per step */
        "adr.w r11, 2f\n"
        "mls r11, r10, r2, r11\n"
        "orr r11, #1\n"
        "1:\n"
        "ldm r5, {r0, r2, r4, r6}\n"
        "ldm r5!, {r8, r10, r12, lr}\n"
        "bx r11\n"
        ".balign 4\n"
        ".irp offset, -120,-104,-88,-72,-56,-40,-24,-8,8,24,40,56,72,88,104,120\n"
        "vldrb.u8 q0, [r1, #\\offset]\n"
        "vldrb.u8 q1, [r9, #\\offset]\n"
        "ek_m55_pair_products\n"
        ".endr\n"
        "2:\n"
        "ek_m55_pair_requantize\n"
        "vpstt\n"
        "vstrbt.32 q2, [r7], #4\n"
        "vstrbt.32 q3, [r3], #4\n"
        "subs r2, #4\n"
        "str r2, [sp, #4]\n"
        "bgt 1b\n"
        "ek_m55_leave ek_matrix_pair_short_s8_mve\n");

/* Any number of steps, eight at a time after the first steps % 8. Stack: 8: y1, 12: bytes of a row. */
__asm__("ek_m55_enter ek_matrix_pair_long_s8_mve\n"
        "ldr r9, [sp, #" Y1 "]\n"
        "str r9, [sp, #8]\n"
        "mov r7, r3\n"
        "mov r3, r2\n"
        "lsl r4, r10, #4\n"
        "str r4, [sp, #12]\n"
        "add r9, r1, r4\n"
        "sub r10, #1\n"
        "and r10, #7\n"
        "add r10, #1\n"
        "movs r2, #56\n"
        "adr.w r11, 3f\n"
        "mls r11, r10, r2, r11\n"
        "orr r11, #1\n"
        "1:\n"
        "ldm r5, {r0, r2, r4, r6}\n"
        "ldm r5!, {r8, r10, r12, lr}\n"
        "bx r11\n"
        ".balign 4\n"
        "2:\n"
        ".rept 8\n"
        "vldrb.u8 q0, [r1], #16\n"
        "vldrb.u8 q1, [r3], #16\n"
        "ek_m55_pair_products\n"
        ".endr\n"
        "3:\n"
        "cmp r1, r9\n"
        "bne 2b\n"
        "ek_m55_pair_requantize\n"
        "ldrd r4, r6, [sp, #8]\n"
        "vpstt\n"
        "vstrbt.32 q2, [r7], #4\n"
        "vstrbt.32 q3, [r4], #4\n"
        "subs r2, #4\n"
        "strd r2, r4, [sp, #4]\n"
        "sub r1, r6\n"
        "sub r3, r6\n"
        "bgt 1b\n"
        "ek_m55_leave ek_matrix_pair_long_s8_mve\n");

/* One row, eight channels at a time. Stack: 8: once, 12: bytes of a row, 16: bytes of a record. */
__asm__("ek_m55_enter ek_matrix_row_s8_mve\n"
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
        "ek_m55_sums_to_lanes\n"
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
        "ek_m55_clamp\n"
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
        "ek_m55_leave ek_matrix_row_s8_mve\n");

void ek_matrix_pair_short_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x0, const int8_t *x1, int8_t *y0,
                                 int8_t *y1);
void ek_matrix_pair_long_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x0, const int8_t *x1, int8_t *y0,
                                int8_t *y1);

void ek_matrix_pair_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x0, const int8_t *x1, int8_t *y0,
                           int8_t *y1) {
    if (m->steps <= 16) {
        ek_matrix_pair_short_s8_mve(m, x0, x1, y0, y1);
    } else {
        ek_matrix_pair_long_s8_mve(m, x0, x1, y0, y1);
    }
}

#else

#include <string.h>

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static int8_t output_of(const ek_matrix_s8_mve_t *m, int32_t sum, int32_t multiplier, int32_t shift) {
    int32_t high;
    if (m->once) {
        high = (int32_t)(((int64_t)sum * multiplier) >> 31);
    } else {
        high = ek_multiply_high(sum, multiplier);
        high += m->fix && high < 0 ? -1 : 0;
    }
    const int32_t half_up = shift == 0 ? high : ((high >> (-shift - 1)) + 1) >> 1;
    return (int8_t)ek_clamp(half_up + m->output_zero_point, m->low, m->high);
}

void ek_matrix_row_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x, int8_t *y) {
    const int8_t *record = m->packed;
    for (int32_t channel = 0; channel < m->channels; channel += 4) {
        int32_t sums[4];
        int32_t multipliers[4];
        memcpy(sums, record, sizeof sums);
        const int8_t *weights = record + sizeof sums;
        for (int32_t step = 0; step < m->steps; ++step) {
            for (int32_t i = 0; i < 64; ++i) {
                sums[i / 16] += weights[64 * step + i] * x[16 * step + i % 16];
            }
        }
        const int8_t *end = weights + 64 * m->steps;
        memcpy(multipliers, end, sizeof multipliers);
        for (int32_t i = 0; i < 4 && channel + i < m->channels; ++i) {
            y[channel + i] = output_of(m, sums[i], multipliers[i], end[16 + i]);
        }
        record = end + 20;
    }
}

void ek_matrix_pair_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x0, const int8_t *x1, int8_t *y0,
                           int8_t *y1) {
    ek_matrix_row_s8_mve(m, x0, y0);
    ek_matrix_row_s8_mve(m, x1, y1);
}

#endif
