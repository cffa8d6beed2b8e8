#include "ek_depthwise_strips_s8_mve.h"

#include <stdbool.h>
#include <string.h>

#include "ek_copy_s8_mve.h"

/* The lines of a strip that lie inside the picture. */
typedef struct {
    int32_t begin;
    int32_t end;
} inside_t;

static inside_t lines_of(const ek_depthwise_strips_s8_mve_params_t *p, int32_t n) {
    const int32_t first = n * p->advance - p->before;
    const int32_t below = p->input_lines - first;
    return (inside_t){first < 0 ? -first : 0, below < p->height ? below : p->height};
}

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* Bits of the 16-bit lanes that hold lines which lie inside. */
static uint16_t lanes_inside(const ek_depthwise_strips_s8_mve_params_t *p, int32_t n) {
    if (p->height == 1) {
        return 0xFFFFU;
    }
    const inside_t lines = lines_of(p, n);
    uint32_t bits = 0;
    for (int32_t line = lines.begin; line < lines.end; ++line) {
        bits |= 0x303U << (2 * line);
    }
    return (uint16_t)bits;
}

#define GATHER_SOME                                                                                          \
    "vpst\n"                                                                                                 \
    "vldrbt.u16 q0, [%[from], %q[offsets]]\n"                                                                \
    "vpsel q0, q0, %q[padding]\n"                                                                            \
    "vstrb.16 q0, [%[to]], #8\n"                                                                             \
    "add %[from], %[step]\n"

/* Interleaves the lines of a strip; what lies in no lane is padding. */
static inline void gather(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *from, uint32_t lanes,
                          int8_t *to) {
    const uint16x8_t offsets = vldrhq_u16(p->offsets);
    const int16x8_t padding = vdupq_n_s16((int16_t)p->input_zero_point);
    const int32_t step = p->gather_step;
    if (p->gathers > 0 && lanes == 0xFFFFU) {
        __asm__ volatile("dls lr, %[count]\n"
                         "1:\n"
                         "vldrb.u16 q0, [%[from], %q[offsets]]\n"
                         "add %[from], %[step]\n"
                         "vstrb.16 q0, [%[to]], #8\n"
                         "le lr, 1b\n"
                         : [from] "+r"(from), [to] "+l"(to)
                         : [count] "r"(p->gathers), [step] "r"(step), [offsets] "w"(offsets)
                         : "q0", "lr", "memory");
    } else if (p->gathers > 0) {
        __asm__ volatile("vmsr p0, %[lanes]\n"
                         "dls lr, %[count]\n"
                         "1:\n" GATHER_SOME "le lr, 1b\n"
                         : [from] "+r"(from), [to] "+l"(to)
                         : [lanes] "r"(lanes), [count] "r"(p->gathers), [step] "r"(step),
                           [offsets] "w"(offsets), [padding] "w"(padding)
                         : "q0", "lr", "p0", "memory");
    }
    if (p->last_gather > 0) {
        const uint32_t last = lanes & ((1U << (2 * p->last_gather)) - 1);
        __asm__ volatile("vmsr p0, %[last]\n" GATHER_SOME
                         : [from] "+r"(from), [to] "+l"(to)
                         : [last] "r"(last), [step] "r"(step), [offsets] "w"(offsets), [padding] "w"(padding)
                         : "q0", "p0", "memory");
    }
}

/* Registers: r0 r2 r4 r6 sums of four outputs; q0 input, then the sums. LOAD, ROUND and STORE differ. */
#define BLOCKS(LOAD, ROUND, STORE)                                                                           \
    __asm__ volatile("vmsr p0, r0\n"                                                                         \
                     "dls lr, r2\n"                                                                          \
                     "1:\n" LOAD "vmladav.s8 r0, q0, %q[w0]\n"                                               \
                     "vmladav.s8 r2, q0, %q[w1]\n"                                                           \
                     "vmladav.s8 r4, q0, %q[w2]\n"                                                           \
                     "vmladav.s8 r6, q0, %q[w3]\n"                                                           \
                     "vmov q0[2], q0[0], r0, r4\n"                                                           \
                     "vmov q0[3], q0[1], r2, r6\n"                                                           \
                     "vadd.i32 q0, q0, %q[bias]\n" ROUND "vqshl.s32 q0, %[shift]\n"                          \
                     "vshr.s32 q0, q0, #24\n" STORE "add %[to], %[step]\n"                                   \
                     "le lr, 1b\n"                                                                           \
                     : "+r"(lanes), "+r"(count), [at] "+r"(at), [to] "+r"(to)                                \
                     : [stride] "r"(stride), [step] "r"(step), [shift] "r"(shift), [point] "r"(point),       \
                       [fix] "r"(fix), [w0] "w"(w0), [w1] "w"(w1), [w2] "w"(w2), [w3] "w"(w3),               \
                       [bias] "w"(bias), [multiplier] "w"(multiplier), [places] "w"(places)                  \
                     : "r4", "r6", "q0", "lr", "p0", "memory")

#define LOAD_8 "vldrb.u8 q0, [%[at]], #8\n"
#define LOAD_ANY                                                                                             \
    "vldrb.u8 q0, [%[at]]\n"                                                                                 \
    "add %[at], %[stride]\n"

#define STORE_ALL "vstrb.32 q0, [%[to], %q[places]]\n"
#define STORE_SOME                                                                                           \
    "vpst\n"                                                                                                 \
    "vstrbt.32 q0, [%[to], %q[places]]\n"

#define HALF_AWAY                                                                                            \
    "vqrdmulh.s32 q0, q0, %q[multiplier]\n"                                                                  \
    "vqdmlah.s32 q0, q0, %[fix]\n"                                                                           \
    "vqadd.s32 q0, q0, %[point]\n"
#define HALF_UP "vqrdmlash.s32 q0, %q[multiplier], %[point]\n"

/* What the outputs of a channel have in common. */
typedef struct {
    int8x16_t weights[4]; /* of the four outputs of a block */
    int32x4_t bias;
    int32x4_t multiplier;
    uint32x4_t places; /* of a block's outputs */
    int32_t shift;     /* to the left: the output becomes the uppermost byte */
    int32_t point;     /* zero point and one half, before that shift */
    int32_t fix;
    int32_t stride;
    int32_t step;
    int32_t blocks;
    uint32_t last; /* lanes of one more block; 0 if none */
} channel_t;

/* Which lanes of a strip lie inside, and which of its outputs. */
typedef struct {
    uint16_t inside;
    uint16_t valid;
} lanes_t;

/* All blocks of a strip. Not inlined: it needs nearly all registers. */
__attribute__((noinline)) static void compute(const channel_t *c, const int8_t *at, int8_t *to,
                                              uint32_t valid) {
    const int8x16_t w0 = c->weights[0];
    const int8x16_t w1 = c->weights[1];
    const int8x16_t w2 = c->weights[2];
    const int8x16_t w3 = c->weights[3];
    const int32x4_t bias = c->bias;
    const int32x4_t multiplier = c->multiplier;
    const uint32x4_t places = c->places;
    const int32_t shift = c->shift;
    const int32_t fix = c->fix;
    const int32_t point = c->point;
    const int32_t stride = c->stride;
    const int32_t step = c->step;
    register uint32_t lanes __asm__("r0") = valid;
    register int32_t count __asm__("r2") = c->blocks;
    if (stride == 8 && valid == 0xFFFFU && count > 0) {
        if (fix) {
            BLOCKS(LOAD_8, HALF_AWAY, STORE_ALL);
        } else {
            BLOCKS(LOAD_8, HALF_UP, STORE_ALL);
        }
        count = 0;
    }
    for (uint32_t last = c->last;; last = 0) {
        if (count > 0) {
            if (fix) {
                BLOCKS(LOAD_ANY, HALF_AWAY, STORE_SOME);
            } else {
                BLOCKS(LOAD_ANY, HALF_UP, STORE_SOME);
            }
        }
        if (last == 0) {
            return;
        }
        lanes = valid & last;
        count = 1;
    }
}

/* Registers as in BLOCKS. */
#define STRIPS_OF_BLOCKS(ROUND)                                                                              \
    __asm__ volatile("2:\n"                                                                                  \
                     "dls lr, %[count]\n"                                                                    \
                     "1:\n" LOAD_8 "vmladav.s8 r0, q0, %q[w0]\n"                                             \
                     "vmladav.s8 r2, q0, %q[w1]\n"                                                           \
                     "vmladav.s8 r4, q0, %q[w2]\n"                                                           \
                     "vmladav.s8 r6, q0, %q[w3]\n"                                                           \
                     "vmov q0[2], q0[0], r0, r4\n"                                                           \
                     "vmov q0[3], q0[1], r2, r6\n"                                                           \
                     "vadd.i32 q0, q0, %q[bias]\n" ROUND "vqshl.s32 q0, %[shift]\n"                          \
                     "vshr.s32 q0, q0, #24\n" STORE_ALL "add %[to], %[step]\n"                               \
                     "le lr, 1b\n"                                                                           \
                     "adds %[at], #8\n"                                                                      \
                     "add %[to], %[next]\n"                                                                  \
                     "subs %[strips], #1\n"                                                                  \
                     "bne 2b\n"                                                                              \
                     : [at] "+r"(at), [to] "+r"(to), [strips] "+r"(strips)                                   \
                     : [count] "r"(count), [step] "r"(step), [next] "r"(next), [shift] "r"(shift),           \
                       [point] "r"(point), [fix] "r"(fix), [w0] "w"(w0), [w1] "w"(w1), [w2] "w"(w2),         \
                       [w3] "w"(w3), [bias] "w"(bias), [multiplier] "w"(multiplier), [places] "w"(places)    \
                     : "r0", "r2", "r4", "r6", "q0", "lr", "cc", "memory")

/* All strips of a channel, which lie one behind the other, of whole blocks. */
__attribute__((noinline)) static void compute_strips(const channel_t *c, const int8_t *at, int8_t *to,
                                                     int32_t strips, int32_t line) {
    const int8x16_t w0 = c->weights[0];
    const int8x16_t w1 = c->weights[1];
    const int8x16_t w2 = c->weights[2];
    const int8x16_t w3 = c->weights[3];
    const int32x4_t bias = c->bias;
    const int32x4_t multiplier = c->multiplier;
    const uint32x4_t places = c->places;
    const int32_t shift = c->shift;
    const int32_t fix = c->fix;
    const int32_t point = c->point;
    const int32_t step = c->step;
    const int32_t count = c->blocks;
    const int32_t next = line - count * step;
    if (fix) {
        STRIPS_OF_BLOCKS(HALF_AWAY);
    } else {
        STRIPS_OF_BLOCKS(HALF_UP);
    }
}

static void prepare(const ek_depthwise_strips_s8_mve_params_t *p, int32_t channel, int8_t *record,
                    channel_t *c) {
    vstrbq_scatter_offset_s8(record, vldrbq_u8(p->places), vldrbq_s8(p->weights + channel * p->taps));
    for (int32_t i = 0; i < 4; ++i) {
        c->weights[i] = vldrbq_s8(record - p->displacements[i]);
    }
    c->bias = vdupq_n_s32(p->bias[channel]);
    c->multiplier = vdupq_n_s32(p->multipliers[channel]);
    const int32_t right = -p->shifts[channel];
    c->shift = 24 - right;
    c->point = p->output_zero_point * (1 << right) + (1 << right >> 1);
}

/* Strips begin to end - 1, one channel after the other. */
static void strips_of(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *picture, int32_t begin,
                      int32_t end, int8_t *strip, int8_t *output) {
    const uint32_t across = (uint32_t)p->output_column_step;
    const uint32_t along = (uint32_t)p->output_line_step;
    const uint32x4_t index = vidupq_n_u32(0, 1);
    channel_t c;
    c.places = p->block_lines == 1 ? vmulq_n_u32(index, across)
                                   : vaddq_u32(vmulq_n_u32(vandq_u32(index, vdupq_n_u32(1)), across),
                                               vmulq_n_u32(vshrq_n_u32(index, 1), along));
    c.fix = p->fix;
    c.stride = p->stride;
    c.step = p->block_columns * p->output_column_step;
    c.blocks = p->blocks;
    c.last = p->last_block == 0 ? 0 : p->block_lines == 2 ? 0x0F0FU : (1U << (4 * p->last_block)) - 1;
    lanes_t *const table = (lanes_t *)(void *)(strip + p->memory);
    for (int32_t n = begin; n < end; ++n) {
        const bool half = p->output_lines - n * p->block_lines < p->block_lines;
        table[n - begin] = (lanes_t){lanes_inside(p, n), half ? 0x00FFU : 0xFFFFU};
    }
    int8_t *const to = strip + p->left * p->height;
    const int32_t line = p->advance * p->line_step;
    const int32_t made_line = p->block_lines * p->output_line_step;
    const int8_t *first = picture + (begin * p->advance - p->before) * p->line_step;
    output += begin * made_line;
    const int32_t channels = p->channels;
    for (int32_t channel = 0; channel < channels; ++channel) {
        prepare(p, channel, strip - 32, &c);
        const int8_t *from = first + channel;
        int8_t *made = output + channel;
        const lanes_t *lanes = table;
        if (p->apart) {
            int8_t *at = to;
            for (int32_t left = end - begin; left > 0; --left) {
                gather(p, from, lanes->inside, at);
                ++lanes;
                from += line;
                at += p->length;
            }
            compute_strips(&c, strip, made, end - begin, made_line);
            continue;
        }
        for (int32_t left = end - begin; left > 0; --left) {
            gather(p, from, lanes->inside, to);
            compute(&c, strip, made, lanes->valid);
            ++lanes;
            from += line;
            made += made_line;
        }
    }
}

#else

#include "ek_requantize.h"

/* The same arithmetic for cores without Helium, to compare with. */
static void channel_of(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *picture, int32_t n,
                       int32_t channel, int8_t *strip, int8_t *output) {
    const int32_t first = n * p->advance - p->before;
    const inside_t lines = lines_of(p, n);
    const int32_t left = p->output_lines - n * p->block_lines;
    const int32_t rows = left < p->block_lines ? left : p->block_lines;
    ek_fill_s8_mve(strip, p->input_zero_point, p->length);
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
        output[(n * p->block_lines + y) * p->output_line_step + x * p->output_column_step + channel] =
            (int8_t)ek_clamp(half_up + p->output_zero_point, INT8_MIN, INT8_MAX);
    }
}

static void strips_of(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *picture, int32_t begin,
                      int32_t end, int8_t *strip, int8_t *output) {
    for (int32_t channel = 0; channel < p->channels; ++channel) {
        for (int32_t n = begin; n < end; ++n) {
            channel_of(p, picture, n, channel, strip, output);
        }
    }
}

#endif

void ek_depthwise_strips_s8_mve(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    int8_t *const strip =
        (int8_t *)scratch + 48; /* behind 16 zeros, a vector of weights and what falls out of it */
    memset(scratch, 0, 48);
    ek_fill_s8_mve(strip, p->input_zero_point, p->memory);
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t n = 0; n < p->strips; n += p->together) {
            const int32_t left = p->strips - n;
            strips_of(p, input, n, n + (left < p->together ? left : p->together), strip, output);
        }
        input += p->input_size;
        output += p->output_size;
    }
}
