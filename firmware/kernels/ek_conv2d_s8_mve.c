#include "ek_conv2d_s8_mve.h"

#include "ek_matrix_s8_mve.h"
#include "ek_patch_s8_mve.h"

void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      uint8_t *scratch) {
    const ek_matrix_run_s8_mve_t run = ek_matrix_run_s8_mve(&p->matrix);
    const ek_patch_s8_mve_t *windows = &p->patch;
    int8_t *patch = (int8_t *)scratch;
    const bool in_rows = p->matrix.taps > 1; /* a tile does not go on in the next row */
    const int32_t parts = in_rows ? p->output_height : 1;
    const int32_t pixels = in_rows ? windows->output_width : p->output_height * windows->output_width;
    const int32_t last = (pixels - 1) / EK_MATRIX_TILE * EK_MATRIX_TILE;
    const int32_t step = p->backward ? -EK_MATRIX_TILE : EK_MATRIX_TILE;
    const int32_t image = p->frame.rows > 0
                              ? p->frame.rows * p->frame.row
                              : windows->input_height * windows->input_width * windows->input_channels;
    int8_t *const framed = patch + p->matrix.steps * EK_MATRIX_TILE * EK_MATRIX_VECTOR;
    for (int32_t i = 0; i < p->batches * parts; ++i) {
        const int32_t at = p->backward ? p->batches * parts - 1 - i : i;
        const int32_t batch = at / parts;
        const int32_t y = (at - batch * parts) * windows->stride_height - windows->pad_top;
        const int8_t *from = input + batch * image;
        if (p->frame.rows > 0) {
            ek_patch_frame_s8_mve(windows, &p->frame, from, framed);
            from = framed;
        }
        int8_t *to = output + at * pixels * p->matrix.channels;
        int32_t pixel = p->backward ? last : 0;
        for (int32_t tile = last; tile >= 0; tile -= EK_MATRIX_TILE) {
            const int32_t left = pixels - pixel;
            const int32_t count = left < EK_MATRIX_TILE ? left : EK_MATRIX_TILE;
            if (in_rows) {
                ek_patch_of_columns_s8_mve(windows, from, y, pixel - windows->pad_left, patch);
            } else if (p->pointwise) {
                ek_patch_of_pixels_s8_mve(windows, from + pixel * windows->input_channels, count, patch);
            } else {
                ek_patch_of_windows_s8_mve(windows, from, pixel, count, patch);
            }
            ek_matrix_tile_s8_mve(&run, patch, count, to + pixel * p->matrix.channels);
            pixel += step;
        }
    }
}
