#include "ek_matrix_s8_mve.h"

enum { CONSTANTS = 24, UNROLLED = 7, UNROLLED_FEW = 3 };

#if defined(__ARM_FEATURE_MVE)

#include <stddef.h>

/* Compilers spill accumulators and pointers here, which costs half of the speed; hence assembly.
 *
 * Registers while products are summed (vmladava adds into even registers only):
 *   r0 r2 r4 r6      sums of the first channel, for four pixels
 *   r8 r10 r12 lr    sums of the second
 *   r1               block in use, r3 weights, r5 output, r9 last block of this pass
 *   r7               block size; where it is 16, end of the records, or output zero point if paired
 *   r11              where to enter the unrolled steps; if few, backward, and r9 forward
 *   q0 q1 q2 q3      16 values of each pixel; q4 q5 weights, then results
 *   q6 offsets, q7 output zero point
 * Paired records take q7 for what the first one leaves to the second, and count r5 up to zero, q6 being
 * where the output ends.
 * Stack: 0: last block, entry; 8: first block, entry; 16: end (paired: output zero point), fix; 32: low;
 * 48: high.
 */
_Static_assert(offsetof(ek_matrix_run_s8_mve_t, end) == 4 && offsetof(ek_matrix_run_s8_mve_t, last) == 8 &&
                   offsetof(ek_matrix_run_s8_mve_t, entered) == 12 &&
                   offsetof(ek_matrix_run_s8_mve_t, m) == 16,
               "the assembly below knows these offsets");
_Static_assert(offsetof(ek_matrix_s8_mve_t, steps) == 4 && offsetof(ek_matrix_s8_mve_t, block) == 8 &&
                   offsetof(ek_matrix_s8_mve_t, fix) == 12 &&
                   offsetof(ek_matrix_s8_mve_t, output_zero_point) == 16 &&
                   offsetof(ek_matrix_s8_mve_t, low) == 20 && offsetof(ek_matrix_s8_mve_t, high) == 24 &&
                   offsetof(ek_matrix_s8_mve_t, offsets) == 28 &&
                   offsetof(ek_matrix_s8_mve_t, channels) == 44,
               "the assembly below knows these offsets");

/* `op` is vmladava to add to sums, vmladav to begin them. */
__asm__(".macro ek_m55_weights short\n"
        ".if \\short\n"
        "vldrb.u8 q4, [r3]\n"
        "add r3, r7\n"
        "vldrb.u8 q5, [r3]\n"
        "add r3, r7\n"
        ".else\n"
        "vldrb.u8 q4, [r3], #16\n"
        "vldrb.u8 q5, [r3], #16\n"
        ".endif\n"
        ".endm\n"
        ".macro ek_m55_products op a b c d\n"
        "\\op\\().s8 r0, \\a, q4\n"
        "\\op\\().s8 r8, \\a, q5\n"
        "\\op\\().s8 r2, \\b, q4\n"
        "\\op\\().s8 r10, \\b, q5\n"
        "\\op\\().s8 r4, \\c, q4\n"
        "\\op\\().s8 r12, \\c, q5\n"
        "\\op\\().s8 r6, \\d, q4\n"
        "\\op\\().s8 lr, \\d, q5\n"
        ".endm\n"
        /* Sums, r3 behind weights -> two of the four bytes of each pixel. */
        ".macro ek_m55_requantize forward short paired fix\n"
        "vmov q4[2], q4[0], r0, r4\n"
        "vmov q4[3], q4[1], r2, r6\n"
        "vmov q5[2], q5[0], r8, r12\n"
        "vmov q5[3], q5[1], r10, lr\n"
        "ldm r3!, {r0, r2, r4, r6, r8, r10}\n" /* biases, multipliers, shifts */
        "vadd.i32 q4, q4, r0\n"
        "vadd.i32 q5, q5, r2\n"
        "vqrdmulh.s32 q4, q4, r4\n"
        "vqrdmulh.s32 q5, q5, r6\n"
        ".if \\fix\n"
        "ldr r12, [sp, #20]\n"
        "vqdmlah.s32 q4, q4, r12\n" /* minus 1 where negative */
        "vqdmlah.s32 q5, q5, r12\n"
        ".endif\n"
        "vrshl.s32 q4, r8\n"
        "vrshl.s32 q5, r10\n"
        "vqmovnb.s32 q4, q4\n"
        "vqmovnt.s32 q4, q5\n"
        ".if \\paired\n"
        ".if \\short\n"
        "ldr r0, [sp, #16]\n"
        "vqadd.s16 q4, q4, r0\n"
        ".else\n"
        "vqadd.s16 q4, q4, r7\n"
        ".endif\n"
        ".if \\forward\n"
        "vqmovnb.s16 q7, q4\n" /* saturates at -128 and 127 */
        ".else\n"
        "vqmovnt.s16 q7, q4\n"
        "vpst\n"
        "vstrwt.32 q7, [r5, q6]\n"
        "adds r5, #4\n"
        ".endif\n"
        ".else\n"
        "vqadd.s16 q4, q4, q7\n"
        "vldrw.u32 q5, [sp, #32]\n"
        "vmax.s16 q4, q4, q5\n"
        "vldrw.u32 q5, [sp, #48]\n"
        "vmin.s16 q4, q4, q5\n"
        "vpst\n"
        "vstrbt.16 q4, [r5, q6]\n"
        "adds r5, #2\n"
        ".if \\short\n"
        "ldr r0, [sp, #16]\n"
        "cmp r3, r0\n"
        ".else\n"
        "cmp r3, r7\n"
        ".endif\n"
        ".endif\n"
        ".endm\n"
        ".macro ek_m55_enter name short paired\n"
        ".section .text.\\name,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global \\name\n"
        ".type \\name, %function\n"
        ".thumb_func\n"
        "\\name:\n"
        "push {r3-r11, lr}\n"
        "vpush {d8-d15}\n"
        "sub sp, #64\n"
        "mov r5, r2\n"
        "vmsr p0, r3\n"
        "ldrd r3, r8, [r0]\n"
        "ldrd r2, r4, [r0, #8]\n"
        "add r2, r1\n"
        "ldr r0, [r0, #16]\n"
        "ldrd r7, r9, [r0, #8]\n"
        "ldr r6, [r0, #16]\n"
        "strd r2, r1, [sp]\n"
        "str r1, [sp, #8]\n"
        ".if \\paired\n"
        "strd r6, r9, [sp, #16]\n"
        ".ifeq \\short\n"
        "mov r7, r6\n"
        ".endif\n"
        "ldr r2, [r0, #44]\n"
        "vldrw.u32 q6, [r0, #28]\n"
        "vmovlb.u16 q6, q6\n" /* of the first channel */
        "add r5, r2\n"
        "vadd.i32 q6, q6, r5\n"
        "rsb r5, r2, #0\n"
        ".else\n"
        "strd r8, r9, [sp, #16]\n"
        ".ifeq \\short\n"
        "mov r7, r8\n"
        ".endif\n"
        "vdup.16 q7, r6\n"
        "ldrd r8, r9, [r0, #20]\n"
        "vdup.16 q4, r8\n"
        "vdup.16 q5, r9\n"
        "vstrw.32 q4, [sp, #32]\n"
        "vstrw.32 q5, [sp, #48]\n"
        "add r0, #28\n"
        "vldrh.u16 q6, [r0]\n"
        ".endif\n"
        ".endm\n"
        ".macro ek_m55_leave name\n"
        "add sp, #64\n"
        "vpop {d8-d15}\n"
        "pop {r3-r11, pc}\n"
        ".size \\name, . - \\name\n"
        ".previous\n"
        ".endm\n");

/* One tap, at most four steps where `few`. Of the steps after the first, as many as enter the unrolled ones
 * once go first. */
__asm__(".macro ek_m55_step forward short\n"
        ".if \\forward\n"
        "vldrb.u8 q0, [r1, #64]!\n"
        ".else\n"
        "vldrb.u8 q0, [r1, #-64]!\n"
        ".endif\n"
        "vldrb.u8 q1, [r1, #16]\n"
        "vldrb.u8 q2, [r1, #32]\n"
        "vldrb.u8 q3, [r1, #48]\n"
        "ek_m55_weights \\short\n"
        "ek_m55_products vmladava q0 q1 q2 q3\n"
        ".endm\n"
        ".macro ek_m55_tile name few short paired fix\n"
        "ek_m55_enter \\name \\short \\paired\n"
        "mov r6, #(56 + 4 * \\short)\n"
        "adr.w r9, 3f\n"
        "mls r9, r4, r6, r9\n"
        "orr r9, #1\n"
        "adr.w r11, 5f\n"
        "mls r11, r4, r6, r11\n"
        "orr r11, #1\n"
        ".ifeq \\few\n"
        "str r9, [sp, #4]\n"
        "str r11, [sp, #12]\n"
        ".endif\n"
        "vldrb.u8 q0, [r1]\n"
        "vldrb.u8 q1, [r1, #16]\n"
        "vldrb.u8 q2, [r1, #32]\n"
        "vldrb.u8 q3, [r1, #48]\n"
        "1:\n"
        ".ifeq \\few\n"
        "ldrd r9, r11, [sp]\n"
        ".endif\n"
        "ek_m55_weights \\short\n"
        "ek_m55_products vmladav q0 q1 q2 q3\n"
        ".if \\few\n"
        "bx r9\n"
        ".else\n"
        "bx r11\n"
        ".endif\n"
        ".balign 4\n"
        "2:\n"
        ".rept 7 - 4 * \\few\n"
        "ek_m55_step 1 \\short\n"
        ".endr\n"
        "3:\n"
        ".ifeq \\few\n"
        "cmp r1, r9\n"
        "bne 2b\n"
        ".endif\n"
        "ek_m55_requantize 1 \\short \\paired \\fix\n"
        ".ifeq \\paired\n"
        "beq.w 6f\n"
        ".endif\n"
        ".ifeq \\few\n"
        "ldrd r9, r11, [sp, #8]\n"
        ".endif\n"
        "ek_m55_weights \\short\n"
        "ek_m55_products vmladav q0 q1 q2 q3\n"
        "bx r11\n"
        ".balign 4\n"
        "4:\n"
        ".rept 7 - 4 * \\few\n"
        "ek_m55_step 0 \\short\n"
        ".endr\n"
        "5:\n"
        ".ifeq \\few\n"
        "cmp r1, r9\n"
        "bne 4b\n"
        ".endif\n"
        "ek_m55_requantize 0 \\short \\paired \\fix\n"
        "bne.w 1b\n"
        "6:\n"
        "ek_m55_leave \\name\n"
        ".endm\n"
        "ek_m55_tile ek_matrix_full_paired_s8_mve 0 0 1 0\n"
        "ek_m55_tile ek_matrix_full_paired_fix_s8_mve 0 0 1 1\n"
        "ek_m55_tile ek_matrix_full_s8_mve 0 0 0 1\n"
        "ek_m55_tile ek_matrix_few_paired_s8_mve 1 0 1 0\n"
        "ek_m55_tile ek_matrix_few_paired_fix_s8_mve 1 0 1 1\n"
        "ek_m55_tile ek_matrix_few_s8_mve 1 0 0 1\n"
        "ek_m55_tile ek_matrix_short_paired_s8_mve 1 1 1 0\n"
        "ek_m55_tile ek_matrix_short_paired_fix_s8_mve 1 1 1 1\n"
        "ek_m55_tile ek_matrix_short_s8_mve 1 1 0 1\n");

/* Three taps: columns 0 to 3 in q0 to q3 come first, then 4 in q0 and 5 in q1; backward 5 comes first. */
__asm__(".macro ek_m55_three_forward op\n"
        "ek_m55_weights 0\n"
        "ek_m55_products \\op q0 q1 q2 q3\n"
        "vldrb.u8 q0, [r1, #64]\n"
        "ek_m55_weights 0\n"
        "ek_m55_products vmladava q1 q2 q3 q0\n"
        "vldrb.u8 q1, [r1, #80]\n"
        "ek_m55_weights 0\n"
        "ek_m55_products vmladava q2 q3 q0 q1\n"
        ".endm\n"
        ".macro ek_m55_three_backward op\n"
        "ek_m55_weights 0\n"
        "ek_m55_products \\op q2 q3 q0 q1\n"
        "vldrb.u8 q1, [r1, #16]\n"
        "ek_m55_weights 0\n"
        "ek_m55_products vmladava q1 q2 q3 q0\n"
        "vldrb.u8 q0, [r1]\n"
        "ek_m55_weights 0\n"
        "ek_m55_products vmladava q0 q1 q2 q3\n"
        ".endm\n"
        ".macro ek_m55_tile_of_columns name paired fix\n"
        "ek_m55_enter \\name 0 \\paired\n"
        "vldrb.u8 q0, [r1]\n"
        "vldrb.u8 q1, [r1, #16]\n"
        "vldrb.u8 q2, [r1, #32]\n"
        "vldrb.u8 q3, [r1, #48]\n"
        "1:\n"
        "ldr r9, [sp]\n"
        "ek_m55_three_forward vmladav\n"
        "cmp r1, r9\n"
        "beq.w 3f\n"
        "2:\n"
        "vldrb.u8 q0, [r1, #96]!\n"
        "vldrb.u8 q1, [r1, #16]\n"
        "vldrb.u8 q2, [r1, #32]\n"
        "vldrb.u8 q3, [r1, #48]\n"
        "ek_m55_three_forward vmladava\n"
        "cmp r1, r9\n"
        "bne.w 2b\n"
        "3:\n"
        "ek_m55_requantize 1 0 \\paired \\fix\n"
        ".ifeq \\paired\n"
        "beq.w 6f\n"
        ".endif\n"
        "ldr r9, [sp, #8]\n"
        "ek_m55_three_backward vmladav\n"
        "cmp r1, r9\n"
        "beq.w 5f\n"
        "4:\n"
        "vldrb.u8 q1, [r1, #-16]\n"
        "vldrb.u8 q0, [r1, #-32]\n"
        "vldrb.u8 q3, [r1, #-48]\n"
        "vldrb.u8 q2, [r1, #-64]\n"
        "sub r1, #96\n"
        "ek_m55_three_backward vmladava\n"
        "cmp r1, r9\n"
        "bne.w 4b\n"
        "5:\n"
        "ek_m55_requantize 0 0 \\paired \\fix\n"
        "bne.w 1b\n"
        "6:\n"
        "ek_m55_leave \\name\n"
        ".endm\n"
        "ek_m55_tile_of_columns ek_matrix_columns_paired_s8_mve 1 0\n"
        "ek_m55_tile_of_columns ek_matrix_columns_paired_fix_s8_mve 1 1\n"
        "ek_m55_tile_of_columns ek_matrix_columns_s8_mve 0 1\n");

ek_matrix_kernel_s8_mve_t ek_matrix_full_paired_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_full_paired_fix_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_full_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_few_paired_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_few_paired_fix_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_few_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_short_paired_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_short_paired_fix_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_short_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_columns_paired_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_columns_paired_fix_s8_mve;
ek_matrix_kernel_s8_mve_t ek_matrix_columns_s8_mve;

static ek_matrix_kernel_s8_mve_t *kernel_of(const ek_matrix_s8_mve_t *m) {
    static ek_matrix_kernel_s8_mve_t *const kernels[][3] = {
        {ek_matrix_full_s8_mve, ek_matrix_full_paired_s8_mve, ek_matrix_full_paired_fix_s8_mve},
        {ek_matrix_few_s8_mve, ek_matrix_few_paired_s8_mve, ek_matrix_few_paired_fix_s8_mve},
        {ek_matrix_short_s8_mve, ek_matrix_short_paired_s8_mve, ek_matrix_short_paired_fix_s8_mve},
        {ek_matrix_columns_s8_mve, ek_matrix_columns_paired_s8_mve, ek_matrix_columns_paired_fix_s8_mve},
    };
    enum { FULL, FEW, SHORT, COLUMNS } depth = FULL;
    if (m->taps == 3) {
        depth = COLUMNS;
    } else if (m->block < EK_MATRIX_VECTOR) {
        depth = SHORT;
    } else if (m->steps <= UNROLLED_FEW + 1) {
        depth = FEW;
    }
    return kernels[depth][!m->paired ? 0 : m->fix == 0 ? 1 : 2];
}

#else

#include <string.h>

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static int8_t output_of(const ek_matrix_s8_mve_t *m, int32_t sum, int32_t multiplier, int32_t shift) {
    int32_t high = ek_multiply_high(sum, multiplier);
    high += m->fix && high < 0 ? -1 : 0;
    const int32_t half_up = shift == 0 ? high : ((high >> (-shift - 1)) + 1) >> 1;
    return (int8_t)ek_clamp(half_up + m->output_zero_point, m->low, m->high);
}

/* Channel c of the record, for the pixel p of the patch. */
static int32_t sum_of(const ek_matrix_s8_mve_t *m, const int8_t *record, bool reverse, int32_t c,
                      const int8_t *patch, int32_t p) {
    const int32_t vectors = m->taps == 3 ? EK_MATRIX_COLUMNS : EK_MATRIX_TILE;
    const int32_t blocks = m->steps * m->taps;
    int32_t sum = 0;
    for (int32_t i = 0; i < blocks; ++i) {
        const int32_t at = reverse ? blocks - 1 - i : i;
        const int8_t *x = patch + (at / m->taps * vectors + p + at % m->taps) * EK_MATRIX_VECTOR;
        const int8_t *weights = record + (2 * i + c) * m->block;
        for (int32_t k = 0; k < m->block; ++k) {
            sum += weights[k] * x[k];
        }
    }
    return sum;
}

static void tile(const ek_matrix_run_s8_mve_t *run, const int8_t *patch, int8_t *y, uint32_t mask) {
    const ek_matrix_s8_mve_t *m = run->m;
    bool reverse = false;
    for (const int8_t *record = run->begin; record != run->end; record += run->record) {
        int32_t constants[6];
        memcpy(constants, record + run->record - CONSTANTS, sizeof constants);
        for (int32_t i = 0; i < 8; ++i) {
            const int32_t c = i % 2;
            if ((mask >> (2 * i) & 1) != 0) {
                int8_t *to = y + m->offsets[i] + (m->paired ? c : 0); /* 0 2 and 1 3, or 0 1 and 2 3 */
                *to = output_of(m, sum_of(m, record, reverse, c, patch, i / 2) + constants[c],
                                constants[2 + c], constants[4 + c]);
            }
        }
        y += !m->paired ? 2 : reverse ? 3 : 1;
        reverse = !reverse;
    }
}

static ek_matrix_kernel_s8_mve_t *kernel_of(const ek_matrix_s8_mve_t *m) {
    (void)m;
    return tile;
}

#endif

ek_matrix_run_s8_mve_t ek_matrix_run_s8_mve(const ek_matrix_s8_mve_t *m) {
    const int32_t vectors = m->taps == 3 ? EK_MATRIX_COLUMNS : EK_MATRIX_TILE;
    const int32_t record = 2 * m->steps * m->taps * m->block + CONSTANTS;
    return (ek_matrix_run_s8_mve_t){
        .begin = m->packed,
        .end = m->packed + m->channels / 2 * record,
        .last = (m->steps - 1) * vectors * EK_MATRIX_VECTOR,
        .entered = m->steps > 1 ? (m->steps - 2) % UNROLLED + 1 : 0,
        .m = m,
        .kernel = kernel_of(m),
        .record = record,
    };
}
