/* RESIZE_BILINEAR on int8: between the two nearest rows and columns, in steps of 1/1024. */
#ifndef EK_RESIZE_BILINEAR_S8_H
#define EK_RESIZE_BILINEAR_S8_H

#include <stdint.h>

/* For each position of an axis of the output: */
typedef struct {
    const int32_t *low;     /* elements to the nearest position of the input at or before it */
    const int32_t *high;    /* likewise at or after it */
    const int16_t *weights; /* share of `high`, 0 to 1024 */
} ek_resize_bilinear_s8_axis_t;

typedef struct {
    int32_t batches;
    int32_t input_size; /* elements of one batch */
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    ek_resize_bilinear_s8_axis_t rows;
    ek_resize_bilinear_s8_axis_t columns;
} ek_resize_bilinear_s8_params_t;

void ek_resize_bilinear_s8(const ek_resize_bilinear_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
