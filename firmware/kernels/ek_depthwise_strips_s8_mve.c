#include "ek_depthwise_strips_s8_mve.h"

#include <string.h>

#include "ek_copy_s8_mve.h"

/* The lines of a strip that lie inside the picture. */
typedef struct {
    int32_t begin;
    int32_t end;
} inside_t;

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* Bits of the 16-bit lanes that hold lines which lie inside. */
static mve_pred16_t lanes_inside(const ek_depthwise_strips_s8_mve_params_t *p, inside_t lines) {
    uint32_t bits = 0;
    for (int32_t line = lines.begin; line < lines.end; ++line) {
        bits |= 3U << (2 * line);
    }
    return (mve_pred16_t)(p->height == 4 ? bits * 0x101U : 0xFFFFU);
}

/* Interleaves the lines of a strip. */
static inline void gather(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *from,
                          mve_pred16_t lanes, int8_t *to) {
    const uint16x8_t offsets = vldrhq_u16(p->offsets);
    const int32_t columns = 8 / p->height;
    const int32_t full = p->input_columns / columns;
    const int32_t rest = p->input_columns % columns * p->height;
    const int32_t step = columns * p->column_step;
    if (full > 0) {
        __asm__ volatile("vmsr p0, %[lanes]\n"
                         "dls lr, %[full]\n"
                         "1:\n"
                         "vpstt\n"
                         "vldrbt.u16 q0, [%[from], %q[offsets]]\n"
                         "vstrbt.16 q0, [%[to]], #8\n"
                         "add %[from], %[step]\n"
                         "le lr, 1b\n"
                         : [from] "+r"(from), [to] "+l"(to)
                         : [lanes] "r"(lanes), [full] "r"(full), [step] "r"(step), [offsets] "w"(offsets)
                         : "q0", "lr", "memory");
    }
    if (rest > 0) {
        const mve_pred16_t first = (mve_pred16_t)(lanes & vctp16q((uint32_t)rest));
        vstrbq_p_u16((uint8_t *)to, vldrbq_gather_offset_z_u16((const uint8_t *)from, offsets, first), first);
    }
}

/* Registers: r0 r2 r4 r6 sums of four outputs; q0 input, then the sums. ROUND makes outputs of them. */
#define BLOCKS(ROUND)                                                                                        \
    __asm__ volatile("vmsr p0, r0\n"                                                                         \
                     "dls lr, r2\n"                                                                          \
                     "1:\n"                                                                                  \
                     "vldrb.u8 q0, [%[at]]\n"                                                                \
                     "add %[at], %[stride]\n"                                                                \
                     "vmladav.s8 r0, q0, %q[w0]\n"                                                           \
                     "vmladav.s8 r2, q0, %q[w1]\n"                                                           \
                     "vmladav.s8 r4, q0, %q[w2]\n"                                                           \
                     "vmladav.s8 r6, q0, %q[w3]\n"                                                           \
                     "vmov q0[2], q0[0], r0, r4\n"                                                           \
                     "vmov q0[3], q0[1], r2, r6\n"                                                           \
                     "vadd.i32 q0, q0, %q[bias]\n" ROUND "vqmovnb.s32 q0, q0\n"                              \
                     "vqmovnb.s16 q0, q0\n"                                                                  \
                     "vpst\n"                                                                                \
                     "vstrbt.32 q0, [%[to], %q[places]]\n"                                                   \
                     "add %[to], %[step]\n"                                                                  \
                     "le lr, 1b\n"                                                                           \
                     : "+r"(lanes), "+r"(count), [at] "+r"(at), [to] "+r"(to)                                \
                     : [stride] "r"(stride), [step] "r"(step), [shift] "r"(shift), [point] "r"(point),       \
                       [fix] "r"(fix), [w0] "w"(w0), [w1] "w"(w1), [w2] "w"(w2), [w3] "w"(w3),               \
                       [bias] "w"(bias), [multiplier] "w"(multiplier), [places] "w"(places)                  \
                     : "r4", "r6", "q0", "lr", "memory")

#define HALF_AWAY                                                                                            \
    "vqrdmulh.s32 q0, q0, %q[multiplier]\n"                                                                  \
    "vqdmlah.s32 q0, q0, %[fix]\n"                                                                           \
    "vrshl.s32 q0, %[shift]\n"                                                                               \
    "vadd.i32 q0, q0, %[point]\n"

#define HALF_UP                                                                                              \
    "vqrdmlash.s32 q0, %q[multiplier], %[point]\n" /* the zero point, shifted left */                        \
    "vrshl.s32 q0, %[shift]\n"

/* All outputs of a channel of a strip, `rows` lines of each block. Not inlined: it needs nearly all
 * registers. */
__attribute__((noinline)) static void compute(const ek_depthwise_strips_s8_mve_params_t *p, int32_t channel,
                                              int32_t rows, const int8_t *strip, int8_t *record,
                                              uint32x4_t places, int8_t *output) {
    const int8x16_t taps = vldrbq_s8(p->weights + channel * p->taps);
    vstrbq_scatter_offset_p_s8(record, vldrbq_u8(p->places), taps, vctp8q((uint32_t)p->taps));
    const int8x16_t w0 = vldrbq_s8(record);
    const int8x16_t w1 = vldrbq_s8(record - p->displacements[1]);
    const int8x16_t w2 = vldrbq_s8(record - p->displacements[2]);
    const int8x16_t w3 = vldrbq_s8(record - p->displacements[3]);
    const int32x4_t bias = vdupq_n_s32(p->bias[channel]);
    const int32x4_t multiplier = vdupq_n_s32(p->multipliers[channel]);
    const int32_t shift = p->shifts[channel];
    const int32_t fix = p->fix;
    const int32_t point = fix ? p->output_zero_point : p->output_zero_point * (1 << -shift);
    const int32_t stride = p->stride;
    const int32_t step = p->block_columns * p->output_column_step;
    const int8_t *at = strip;
    int8_t *to = output;
    const uint32_t valid = rows < p->block_lines ? 0x00FFU : 0xFFFFU;
    const int32_t rest = p->output_columns % p->block_columns;
    const uint32_t first = rest == 0 ? 0 : p->block_lines == 2 ? 0x0F0FU : (1U << (4 * rest)) - 1;
    register uint32_t lanes __asm__("r0") = valid;
    register int32_t count __asm__("r2") = p->output_columns / p->block_columns;
    if (count > 0) {
        if (fix) {
            BLOCKS(HALF_AWAY);
        } else {
            BLOCKS(HALF_UP);
        }
    }
    if (first != 0) {
        lanes = valid & first;
        count = 1;
        if (fix) {
            BLOCKS(HALF_AWAY);
        } else {
            BLOCKS(HALF_UP);
        }
    }
}

static void strip_of(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *picture, int32_t first,
                     inside_t lines, int32_t rows, int8_t *strip, int8_t *record, int8_t *output) {
    const mve_pred16_t lanes = lanes_inside(p, lines);
    const int8_t *from = picture + first * p->line_step;
    int8_t *to = strip + p->left * p->height;
    const uint32_t across = (uint32_t)p->output_column_step;
    const uint32_t along = (uint32_t)p->output_line_step;
    const uint32x4_t index = vidupq_n_u32(0, 1);
    const uint32x4_t places = p->block_lines == 1
                                  ? vmulq_n_u32(index, across)
                                  : vaddq_u32(vmulq_n_u32(vandq_u32(index, vdupq_n_u32(1)), across),
                                              vmulq_n_u32(vshrq_n_u32(index, 1), along));
    for (int32_t channel = 0; channel < p->channels; ++channel) {
        gather(p, from + channel, lanes, to);
        compute(p, channel, rows, strip, record, places, output + channel);
    }
}

#else

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static void strip_of(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *picture, int32_t first,
                     inside_t lines, int32_t rows, int8_t *strip, int8_t *record, int8_t *output) {
    (void)record;
    for (int32_t channel = 0; channel < p->channels; ++channel) {
        for (int32_t x = 0; x < p->input_columns; ++x) {
            for (int32_t y = lines.begin; y < lines.end; ++y) {
                strip[(p->left + x) * p->height + y] =
                    picture[(first + y) * p->line_step + x * p->column_step + channel];
            }
        }
        for (int32_t i = 0; i < rows * p->output_columns; ++i) {
            const int32_t y = i / p->output_columns;
            const int32_t x = i % p->output_columns;
            const int32_t lane = y * p->block_columns + x % p->block_columns;
            const int8_t *at = strip + x / p->block_columns * p->stride + p->displacements[lane];
            int32_t sum = p->bias[channel];
            for (int32_t tap = 0; tap < p->taps; ++tap) {
                sum += p->weights[channel * p->taps + tap] * at[p->places[tap]];
            }
            int32_t high = ek_multiply_high(sum, p->multipliers[channel]);
            high += p->fix && high < 0 ? -1 : 0;
            const int32_t right = -p->shifts[channel];
            const int32_t half_up = right == 0 ? high : ((high >> (right - 1)) + 1) >> 1;
            output[y * p->output_line_step + x * p->output_column_step + channel] =
                (int8_t)ek_clamp(half_up + p->output_zero_point, INT8_MIN, INT8_MAX);
        }
    }
}

#endif

void ek_depthwise_strips_s8_mve(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    int8_t *const record = (int8_t *)scratch + 16;
    int8_t *const strip = (int8_t *)scratch + 32;
    memset(scratch, 0, 32);
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t n = 0; n < p->strips; ++n) {
            const int32_t first = n * p->advance - p->before;
            const int32_t below = p->input_lines - first;
            const inside_t lines = {first < 0 ? -first : 0, below < p->height ? below : p->height};
            const int32_t left = p->output_lines - n * p->block_lines;
            ek_fill_s8_mve(strip, p->input_zero_point, p->length);
            strip_of(p, input, first, lines, left < p->block_lines ? left : p->block_lines, strip, record,
                     output + n * p->block_lines * p->output_line_step);
        }
        input += p->input_size;
        output += p->output_size;
    }
}
