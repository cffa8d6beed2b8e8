#include "ek_depthwise_planes_s8_mve.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ek_copy_s8_mve.h"

enum { LANES = 4, VECTOR = 16 };

/* What one output column of a channel is multiplied with. */
typedef struct {
    int8_t weights[VECTOR];
    int32_t bias[LANES]; /* four times the same */
} column_t;

/* Some columns of a channel. */
typedef struct {
    const column_t *columns;
    int32_t count;
    int32_t rows;
    int32_t row_step;    /* of the plane */
    int32_t output_row;  /* bytes */
    int32_t output_next; /* bytes from behind the last column to the first one four rows below */
    int32_t channels;
    int32_t shift; /* to the right */
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t fix;
} part_t;

#if defined(__ARM_FEATURE_MVE)

/* Registers:
 *   r0 r2 r4 r6   sums of four rows, q0 q1 q2 q3 their vectors; q4 weights, then sums
 *   r1, r3, r5    vectors of the next rows, columns, output
 *   r7, r8, r9    zero point and one half before the shift, rows left, shift to the left: to the uppermost
 * byte r10, r11, r12 channels, part, fix; lr where to enter the unrolled columns q5, q6        multiplier,
 * places of four rows in the output The last rows are made together with some that are made already. */
_Static_assert(offsetof(part_t, count) == 4 && offsetof(part_t, rows) == 8 &&
                   offsetof(part_t, row_step) == 12 && offsetof(part_t, output_row) == 16 &&
                   offsetof(part_t, output_next) == 20 && offsetof(part_t, channels) == 24 &&
                   offsetof(part_t, shift) == 28 && offsetof(part_t, output_zero_point) == 32 &&
                   offsetof(part_t, multiplier) == 36 && offsetof(part_t, fix) == 40 &&
                   sizeof(column_t) == 32,
               "the assembly below knows these offsets");

void ek_depthwise_planes_up_s8_mve(const part_t *part, const int8_t *plane, int8_t *output);
void ek_depthwise_planes_away_s8_mve(const part_t *part, const int8_t *plane, int8_t *output);

__asm__(".macro ek_m55_planes name away\n"
        ".section .text.\\name,\"ax\",%progbits\n"
        ".balign 4\n"
        ".global \\name\n"
        ".type \\name, %function\n"
        ".thumb_func\n"
        "\\name:\n"
        "push {r3-r11, lr}\n"
        "vpush {d8-d13}\n"
        "mov r11, r0\n"
        "mov r5, r2\n"
        "ldr r8, [r11, #8]\n"
        "ldr r2, [r11, #16]\n"
        "ldrd r10, r9, [r11, #24]\n"
        "ldrd r7, r4, [r11, #32]\n"
        "ldr r12, [r11, #40]\n"
        "movs r0, #0\n"
        "vidup.u32 q6, r0, #1\n"
        "vmul.i32 q6, q6, r2\n"
        "vdup.32 q5, r4\n"
        "movs r0, #1\n" /* the zero point, and one half */
        "lsls r0, r9\n"
        "mul r7, r0, r7\n"
        "add r7, r7, r0, lsr #1\n"
        "rsb r9, r9, #24\n"
        "ldr r4, [r11, #4]\n" /* as many columns as are left behind where it enters */
        "movs r6, #(48 + 8 * \\away)\n"
        "adr.w lr, 4f\n"
        "mls lr, r4, r6, lr\n"
        "orr lr, #1\n"
        "1:\n"
        "ldr r3, [r11]\n"
        "ldr r0, [r11, #12]\n"
        "vldrb.u8 q0, [r1]\n"
        "add r1, r0\n"
        "vldrb.u8 q1, [r1]\n"
        "add r1, r0\n"
        "vldrb.u8 q2, [r1]\n"
        "add r1, r0\n"
        "vldrb.u8 q3, [r1]\n"
        "add r1, r0\n"
        "bx lr\n"
        ".balign 4\n"
        "2:\n"
        ".rept 8\n"
        "vldrb.u8 q4, [r3], #16\n"
        "ldm r3!, {r0, r2, r4, r6}\n"
        "vmladava.s8 r0, q0, q4\n"
        "vmladava.s8 r2, q1, q4\n"
        "vmladava.s8 r4, q2, q4\n"
        "vmladava.s8 r6, q3, q4\n"
        "vmov q4[2], q4[0], r0, r4\n"
        "vmov q4[3], q4[1], r2, r6\n"
        ".if \\away\n"
        "vqrdmulh.s32 q4, q4, q5\n"
        "vqdmlah.s32 q4, q4, r12\n" /* minus 1 where negative */
        "vqadd.s32 q4, q4, r7\n"
        ".else\n"
        "vqrdmlash.s32 q4, q5, r7\n"
        ".endif\n"
        "vqshl.s32 q4, r9\n"
        "vshr.s32 q4, q4, #24\n"
        "vstrb.32 q4, [r5, q6]\n"
        "add r5, r10\n"
        ".endr\n"
        "4:\n"
        "subs r8, #4\n"
        "ble 3f\n"
        "ldr r0, [r11, #20]\n"
        "add r5, r0\n"
        "cmp r8, #4\n"
        "bge 1b\n"
        "rsb r0, r8, #4\n" /* back to the fourth row from below */
        "ldrd r2, r4, [r11, #12]\n"
        "mls r1, r0, r2, r1\n"
        "mls r5, r0, r4, r5\n"
        "movs r8, #4\n"
        "b 1b\n"
        "3:\n"
        "vpop {d8-d13}\n"
        "pop {r3-r11, pc}\n"
        ".size \\name, . - \\name\n"
        ".previous\n"
        ".endm\n"
        "ek_m55_planes ek_depthwise_planes_up_s8_mve 0\n"
        "ek_m55_planes ek_depthwise_planes_away_s8_mve 1\n");

static void make(const part_t *part, const int8_t *plane, int8_t *output) {
    if (part->fix) {
        ek_depthwise_planes_away_s8_mve(part, plane, output);
    } else {
        ek_depthwise_planes_up_s8_mve(part, plane, output);
    }
}

/* Copies every `step`-th byte. */
static void gather(const int8_t *from, int32_t step, int32_t count, int8_t *to) {
    const uint16x8_t offsets = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)step);
    if (count >= 8) {
        __asm__ volatile("dls lr, %[count]\n"
                         "1:\n"
                         "vldrb.u16 q0, [%[from], %q[offsets]]\n"
                         "add %[from], %[step]\n"
                         "vstrb.16 q0, [%[to]], #8\n"
                         "le lr, 1b\n"
                         : [from] "+r"(from), [to] "+l"(to)
                         : [count] "r"(count / 8), [step] "r"(8 * step), [offsets] "w"(offsets)
                         : "q0", "lr", "memory");
    }
    const mve_pred16_t last = vctp16q((uint32_t)count % 8);
    vstrbq_p_u16((uint8_t *)to, vldrbq_gather_offset_z_u16((const uint8_t *)from, offsets, last), last);
}

/* The same for four neighbouring channels, `plane` bytes apart; count >= 16, and words are aligned. `sixteen`
 * has room for 64 bytes. The last sixteen pixels are some that are copied already. */
static void gather_four(const int8_t *from, int32_t step, int32_t count, int8_t *to, int32_t plane,
                        int8_t *sixteen) {
    const uint32x4_t offsets = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)step);
    int8_t *second = to + plane;
    int8_t *third = second + plane;
    int8_t *fourth = third + plane;
    int32_t blocks = count / 16;
    int32_t more = count % 16;
    for (;;) {
        __asm__ volatile(
            "dls lr, %[blocks]\n"
            "1:\n"
            "vldrw.u32 q0, [%[from], %q[offsets]]\n"
            "add %[from], %[step]\n"
            "vldrw.u32 q1, [%[from], %q[offsets]]\n"
            "add %[from], %[step]\n"
            "vldrw.u32 q2, [%[from], %q[offsets]]\n"
            "add %[from], %[step]\n"
            "vldrw.u32 q3, [%[from], %q[offsets]]\n"
            "add %[from], %[step]\n"
            "vstrw.32 q0, [%[sixteen]]\n"
            "vstrw.32 q1, [%[sixteen], #16]\n"
            "vstrw.32 q2, [%[sixteen], #32]\n"
            "vstrw.32 q3, [%[sixteen], #48]\n"
            "vld40.8 {q0, q1, q2, q3}, [%[sixteen]]\n"
            "vld41.8 {q0, q1, q2, q3}, [%[sixteen]]\n"
            "vld42.8 {q0, q1, q2, q3}, [%[sixteen]]\n"
            "vld43.8 {q0, q1, q2, q3}, [%[sixteen]]\n"
            "vstrb.8 q0, [%[first]], #16\n"
            "vstrb.8 q1, [%[second]], #16\n"
            "vstrb.8 q2, [%[third]], #16\n"
            "vstrb.8 q3, [%[fourth]], #16\n"
            "le lr, 1b\n"
            : [from] "+r"(from), [first] "+r"(to), [second] "+r"(second), [third] "+r"(third),
              [fourth] "+r"(fourth)
            : [blocks] "r"(blocks), [step] "r"(4 * step), [sixteen] "r"(sixteen), [offsets] "w"(offsets)
            : "q0", "q1", "q2", "q3", "lr", "memory");
        if (more == 0) {
            return;
        }
        const int32_t back = 16 - more;
        from -= back * step;
        to -= back;
        second -= back;
        third -= back;
        fourth -= back;
        blocks = 1;
        more = 0;
    }
}

/* `record` has 16 bytes on either side. */
static void prepare(const ek_depthwise_planes_s8_mve_params_t *p, int32_t channel, int8_t *record,
                    column_t *column) {
    vstrbq_scatter_offset_s8(record, vldrbq_u8(p->places), vldrbq_s8(p->weights + channel * p->taps));
    const ek_planes_column_t *taps = p->taps_of;
    __asm__ volatile("dls lr, %[count]\n"
                     "1:\n"
                     "ldrd r2, r3, [%[taps]], #8\n"
                     "vmsr p0, r3\n"
                     "sub r2, %[record], r2\n"
                     "vpst\n"
                     "vldrbt.u8 q0, [r2]\n"
                     "vstrb.8 q0, [%[column]], #16\n"
                     "vaddv.s8 r2, q0\n"
                     "mls r2, r2, %[point], %[bias]\n"
                     "vdup.32 q0, r2\n"
                     "vstrw.32 q0, [%[column]], #16\n"
                     "le lr, 1b\n"
                     : [taps] "+r"(taps), [column] "+l"(column)
                     : [count] "r"(p->columns), [record] "r"(record), [point] "r"(p->input_zero_point),
                       [bias] "r"(p->bias[channel])
                     : "r2", "r3", "q0", "lr", "p0", "memory");
}

#else

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static void make(const part_t *part, const int8_t *plane, int8_t *output) {
    for (int32_t i = 0; i < part->rows * part->count; ++i) {
        const int32_t y = i / part->count;
        const int32_t x = i % part->count;
        int32_t sum = part->columns[x].bias[0];
        for (int32_t tap = 0; tap < VECTOR; ++tap) {
            sum += part->columns[x].weights[tap] * plane[y * part->row_step + tap];
        }
        int32_t high = ek_multiply_high(sum, part->multiplier);
        high += part->fix && high < 0 ? -1 : 0;
        const int32_t right = part->shift;
        const int32_t half_up = right == 0 ? high : ((high >> (right - 1)) + 1) >> 1;
        output[y * part->output_row + x * part->channels] =
            (int8_t)ek_clamp(half_up + part->output_zero_point, INT8_MIN, INT8_MAX);
    }
}

static void gather(const int8_t *from, int32_t step, int32_t count, int8_t *to) {
    for (int32_t i = 0; i < count; ++i) {
        to[i] = from[i * step];
    }
}

static void gather_four(const int8_t *from, int32_t step, int32_t count, int8_t *to, int32_t plane,
                        int8_t *sixteen) {
    (void)sixteen;
    for (int32_t i = 0; i < 4; ++i) {
        gather(from + i, step, count, to + i * plane);
    }
}

static void prepare(const ek_depthwise_planes_s8_mve_params_t *p, int32_t channel, int8_t *record,
                    column_t *column) {
    for (int32_t i = 0; i < VECTOR; ++i) {
        record[p->places[i]] = p->weights[channel * p->taps + i];
    }
    for (int32_t x = 0; x < p->columns; ++x) {
        int32_t sum = 0;
        for (int32_t i = 0; i < VECTOR; ++i) {
            const bool inside = (p->taps_of[x].inside >> i & 1) != 0;
            column->weights[i] = inside ? record[i - p->taps_of[x].displacement] : 0;
            sum += column->weights[i];
        }
        for (int32_t i = 0; i < LANES; ++i) {
            column->bias[i] = p->bias[channel] - p->input_zero_point * sum;
        }
        ++column;
    }
}

#endif

void ek_depthwise_planes_s8_mve(const ek_depthwise_planes_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    column_t *const columns = (column_t *)(void *)scratch;
    int8_t *const record = (int8_t *)(columns + p->columns) + VECTOR;
    int8_t *const planes = record + 2 * VECTOR + (p->together > 1 ? 64 : 0);
    const int32_t channels = p->channels;
    const int32_t output_row = p->columns * channels;
    part_t part = {.rows = p->output_rows,
                   .row_step = p->row_step,
                   .output_row = output_row,
                   .channels = channels,
                   .output_zero_point = p->output_zero_point,
                   .fix = p->fix};
    memset(record - VECTOR, 0, 3 * VECTOR);
    ek_fill_s8_mve(planes, p->input_zero_point, p->together * p->plane);
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t channel = 0; channel < channels; ++channel) {
            int8_t *const plane = planes + channel % p->together * p->plane;
            if (p->together == 1) {
                gather(input + channel, channels, p->pixels, plane + p->above);
            } else if (plane == planes) {
                gather_four(input + channel, channels, p->pixels, plane + p->above, p->plane,
                            record + 2 * VECTOR);
            }
            prepare(p, channel, record, columns);
            part.multiplier = p->multipliers[channel];
            part.shift = -p->shifts[channel];
            part.columns = columns;
            int8_t *made = output + channel;
            for (int32_t i = 0; i < p->parts; ++i) {
                part.count = p->part_columns[i];
                part.output_next = LANES * output_row - part.count * channels;
                make(&part, plane + p->part_offsets[i], made);
                part.columns += part.count;
                made += part.count * channels;
            }
        }
        input += p->pixels * channels;
        output += p->output_rows * output_row;
    }
}
