/* A tile of a matrix product on int8, requantised: the core of convolution on Helium.
 *
 * A tile is four pixels by all channels. Its values lie in a patch: `steps` blocks of depth, each
 * one vector of 16 bytes per pixel; where a block is shorter than 16, zeros fill the vector. With
 * `taps` 3, a block is the same depth of six neighbouring columns, of which pixel p takes columns
 * p, p + 1 and p + 2.
 *
 * `packed` holds one record per two channels (the last one may lack its second, whose bytes are zeros):
 *     int8 weights[steps][taps][2][block],
 *     int32 bias[2] (minus input zero point x sum of weights), int32 multipliers[2],
 *     int32 shifts[2] (<= 0, to the right).
 * Every second record holds its steps and taps in reverse, so that the values in registers serve again;
 * one without its second channel does not. If `paired`, two records hold channels 0 and 2, then 1 and 3, and
 * four bytes of a pixel are written at once.
 */
#ifndef EK_MATRIX_S8_MVE_H
#define EK_MATRIX_S8_MVE_H

#include <stdbool.h>
#include <stdint.h>

enum { EK_MATRIX_TILE = 4, EK_MATRIX_COLUMNS = 6, EK_MATRIX_VECTOR = 16 };

typedef struct {
    const int8_t *packed;
    int32_t steps;
    int32_t block; /* <= 16, even; 16 with more than 4 steps */
    int32_t fix;   /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t output_zero_point;
    int32_t low; /* clamp, after the zero point is added */
    int32_t high;
    uint16_t offsets[8]; /* of two channels of four pixels in the output */
    int32_t channels;
    int32_t taps; /* 1 or 3; with 3, block is 16 */
    bool paired;  /* channels are a multiple of 4, the output is aligned to 4, and no clamp is needed */
} ek_matrix_s8_mve_t;

struct ek_matrix_run_s8_mve;

/* Makes the bytes of a tile that `mask` has two bits for. */
typedef void ek_matrix_kernel_s8_mve_t(const struct ek_matrix_run_s8_mve *run, const int8_t *patch, int8_t *y,
                                       uint32_t mask);

/* What tiles of one matrix have in common. */
typedef struct ek_matrix_run_s8_mve {
    const int8_t *begin; /* of the records */
    const int8_t *end;
    int32_t last;    /* block in the patch */
    int32_t entered; /* steps after the first that come before whole rounds of unrolled ones */
    const ek_matrix_s8_mve_t *m;
    ek_matrix_kernel_s8_mve_t *kernel;
    int32_t record; /* bytes */
} ek_matrix_run_s8_mve_t;

ek_matrix_run_s8_mve_t ek_matrix_run_s8_mve(const ek_matrix_s8_mve_t *m);

/* Makes the first `pixels` pixels of a tile, each of `channels` bytes at y. */
static inline void ek_matrix_tile_s8_mve(const ek_matrix_run_s8_mve_t *run, const int8_t *patch,
                                         int32_t pixels, int8_t *y) {
    const uint32_t mask = 0xffffu >> (16 - 4 * pixels); /* a bit per byte of 16-bit lanes */
    if (run->end != run->begin) {
        run->kernel(run, patch, y, mask);
    }
    const int32_t channels = run->m->channels;
    if (channels % 2 != 0) {
        ek_matrix_run_s8_mve_t single = *run;
        single.begin = run->end;
        single.end += run->record;
        run->kernel(&single, patch, y + channels - 1, mask & 0x3333u);
    }
}

#endif
