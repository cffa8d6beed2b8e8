/* What the depthwise kernels of 3 x 3 and stride 1 share (feature "dsp"); they differ in how they round.
 *
 * Four channels at a time, from the first row to the last: pairs of rows are widened to words in the scratch,
 * each with two vertical neighbours of one channel, and two rows of output are made of two such pairs. What
 * is written are bytes of the same channels, of rows whose pairs were read before.
 */
#ifndef EK_DEPTHWISE_3X3_DSP_H
#define EK_DEPTHWISE_3X3_DSP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EK_DEPTHWISE_3X3_GROUP = 4, /* channels at a time */
    EK_DEPTHWISE_3X3_SLOTS = 3, /* words of a column and channel: pairs of rows 2i, 2i + 1, and 2i again */
    EK_DEPTHWISE_3X3_COLUMN = EK_DEPTHWISE_3X3_GROUP * EK_DEPTHWISE_3X3_SLOTS /* words */
};

/* A filter [3][3], columns first: of each column the bytes 0, 1, 1, 2 from top to bottom, in the order 0, 2,
 * 1, 3. The output is sum x multiplier / 2^(43 - scale), rounded twice. */
typedef struct {
    uint32_t columns[3];
    int32_t bias_scale; /* 64 * bias + scale, 2 to 8 */
    int32_t multiplier;
} ek_depthwise_3x3_channel_t;

typedef struct {
    const uint32_t *stream; /* ek_depthwise_3x3_channel_t per channel */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t centre; /* 2 * output zero point + 1 */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_3x3_params_t;

/* A channel's constants, as the assembly loads them. */
typedef struct {
    uint32_t weights[6]; /* per column: rows 0 and 1, rows 1 and 2; scaled */
    int32_t bias;        /* scaled */
    int32_t multiplier;
    int32_t offset;
    int32_t away; /* what negative sums lack to be rounded away from zero */
} ek_depthwise_3x3_constants_t;

/* Two rows of output of a group. */
typedef struct {
    const ek_depthwise_3x3_constants_t *channels;
    const uint32_t *x; /* the first pair of the first column */
    int8_t *output;
    int32_t row;  /* to the second row; 0 where there is none */
    int32_t step; /* to the next pixel */
    int32_t span; /* words of an even number of columns, in bytes */
    int32_t odd;  /* whether there is one more column */
} ek_depthwise_3x3_rows_t;

typedef void (*ek_depthwise_3x3_run_t)(const ek_depthwise_3x3_rows_t *a);

/* scratch: 48 * (output_width + 2) + 4 bytes. The output may be the memory of an input of its shape. */
void ek_depthwise_3x3_dsp(const ek_depthwise_3x3_params_t *p, const int8_t *input, int8_t *output,
                          void *scratch, ek_depthwise_3x3_run_t run);

#endif
