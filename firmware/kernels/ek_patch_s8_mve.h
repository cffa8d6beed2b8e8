/* Copies windows of an NHWC picture to patches as ek_matrix_s8_mve.h reads them. */
#ifndef EK_PATCH_S8_MVE_H
#define EK_PATCH_S8_MVE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint16_t *places; /* of each value of a window, 16 per block, from its first one; or NULL */
    int32_t steps;          /* blocks of a window, of `block` bytes each */
    int32_t block;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    bool direct; /* a window inside the input need not be put together first: it has places, its rows are
                    whole vectors, or it is one row; and there may be such windows */
    bool framed; /* all windows lie inside, and have places */
} ek_patch_s8_mve_t;

/* A picture within its padding. */
typedef struct {
    int32_t rows;   /* of the picture; 0 if it is not copied into a frame */
    int32_t row;    /* bytes */
    int32_t before; /* bytes of padding before its first */
} ek_frame_s8_mve_t;

/* Writes a picture with its padding, which is what `p` then takes for the input. */
void ek_patch_frame_s8_mve(const ek_patch_s8_mve_t *p, const ek_frame_s8_mve_t *frame, const int8_t *image,
                           int8_t *framed);

/* The windows of `count` <= 4 pixels from the given one of the output on. Behind the patch, this writes one
 * window of whole vectors. */
void ek_patch_of_windows_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *image, int32_t pixel, int32_t count,
                                int8_t *patch);

/* The first `count` <= 4 pixels of the input as windows. */
void ek_patch_of_pixels_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *input, int32_t count, int8_t *patch);

/* Six columns from x on of the rows from y on, 16 channels after 16 channels. */
void ek_patch_of_columns_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *image, int32_t y, int32_t x,
                                int8_t *patch);

#endif
