/* CONV_2D of 3 x 3 and stride 1 on int8 by Winograd's F(2 x 2, 3 x 3) (feature "dsp"), for speed; rounds
 * twice.
 *
 * Four outputs of a channel come of 16 products instead of 36. Weights are transformed in the scratch, times
 * 4, so that all is exact in integers. The bias holds what the input's zero point adds.
 *
 * Some rows of tiles of 2 x 2 pixels at a time; reads all their windows before it writes them.
 */
#ifndef EK_CONV2D_WINOGRAD_S8_DSP_H
#define EK_CONV2D_WINOGRAD_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* per pair of channels: [input_channels / 4][2][3][3] words of four weights each;
                               then 4 words, see ek_matrix_dsp.h */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels; /* a multiple of 4, not above 64 */
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels; /* even */
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t centre;   /* 2 * output zero point + 1 */
    int32_t rounding; /* ek_matrix_t, not once */
    int32_t rows;     /* of tiles at a time */
    bool kept;        /* whether all transformed weights are, else those of two channels */
    bool clamped;     /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_conv2d_winograd_s8_dsp_params_t;

/* scratch: input_channels + 64 * (input_channels + 4) * (kept ? output_channels / 2 : 1) bytes, and
 * 64 * input_channels for every two tiles that are done at a time. */
void ek_conv2d_winograd_s8_dsp(const ek_conv2d_winograd_s8_dsp_params_t *p, const int8_t *input,
                               int8_t *output, void *scratch);

#endif
