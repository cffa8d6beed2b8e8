/* CONV_2D on int8 whose windows are of one row and at most nine bytes (feature "dsp"): a channel's weights
 * stay in registers while the windows of a tile of pixels pass; rounds twice.
 *
 * The bias holds what the input's zero point adds.
 *
 * Tile by tile; reads all windows of a tile before it writes it.
 */
#ifndef EK_CONV2D_NARROW_S8_DSP_H
#define EK_CONV2D_NARROW_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* per channel: 2 words of four weights each, or 3 where there are nine; then
                               those of ek_depthwise_channel */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t tile;   /* pixels at a time */
    int32_t centre; /* 2 * output zero point + 1 */
    bool rectified; /* no output is below the zero point */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_conv2d_narrow_s8_dsp_params_t;

/* scratch: 16 * tile bytes, or 20 * tile where a window has nine */
void ek_conv2d_narrow_s8_dsp(const ek_conv2d_narrow_s8_dsp_params_t *p, const int8_t *input, int8_t *output,
                             void *scratch);

#endif
