/* DEPTHWISE_CONV_2D on int8 with Helium, channel by channel: multiplier 1, no dilation; rounds twice.
 *
 * Lines (rows of the picture, or columns) are taken in strips of 4 or 1 that lie interleaved in the scratch
 * memory: a vector of 16 bytes then holds all taps of `lanes` outputs, each of which is one dot product.
 * `together` strips after `together` strips; within these in no certain order. */
#ifndef EK_DEPTHWISE_STRIPS_S8_MVE_H
#define EK_DEPTHWISE_STRIPS_S8_MVE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const int32_t *bias; /* minus input zero point x sum of weights */
    const int32_t *multipliers;
    const int8_t *shifts;  /* <= 0, to the right */
    const int8_t *weights; /* [channels][taps], then 16 bytes that count for nothing */
    int32_t channels;
    int32_t taps;
    uint8_t places[16];       /* of the taps in the vector of the first output */
    int32_t displacements[4]; /* bytes from there on to those of each output */
    int32_t fix; /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t output_zero_point;
    int32_t input_zero_point;
    int32_t batches;
    int32_t input_size; /* of one picture */
    int32_t output_size;
    int32_t input_lines;
    int32_t input_columns;
    int32_t gathers;     /* loads of 8 bytes per strip */
    int32_t last_gather; /* bytes of one more; 0 if none */
    int32_t gather_step; /* bytes of the input from load to load */
    int32_t line_step;   /* bytes from line to line of the input */
    int32_t column_step;
    uint16_t offsets[8]; /* of the bytes that a gathering load takes, column by column of a strip */
    int32_t height;      /* lines of a strip: 4 or 1 */
    int32_t strips;
    int32_t together; /* strips of a channel before the next channel */
    int32_t advance;  /* lines from strip to strip */
    int32_t before;   /* lines of padding before the first */
    int32_t left;     /* columns of padding before the first */
    int32_t length;   /* bytes of a strip */
    int32_t memory;   /* bytes of all that are kept, a multiple of 16 */
    bool apart;       /* all strips of a channel are kept: whole blocks, 8 bytes each and 8 behind the last */
    int32_t output_lines;
    int32_t output_columns;
    int32_t output_line_step;
    int32_t output_column_step;
    int32_t block_lines; /* four outputs as 2 x 2 or 1 x 4 */
    int32_t block_columns;
    int32_t blocks;     /* per strip */
    int32_t last_block; /* columns of one more; 0 if none */
    int32_t stride;     /* bytes from block to block of a strip */
} ek_depthwise_strips_s8_mve_params_t;

/* scratch: 48 bytes, `memory` bytes for strips, and 4 bytes for each of `together` strips. */
void ek_depthwise_strips_s8_mve(const ek_depthwise_strips_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch);

#endif
