/* RELU and its relatives, LEAKY_RELU and ABS on int16: a slope on each side of 0; rounds twice. */
#ifndef EK_SLOPE_S16_H
#define EK_SLOPE_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier; /* for x >= 0 */
    int32_t shift;
    int32_t negative_multiplier; /* for x < 0 */
    int32_t negative_shift;
    int32_t negative_sign; /* 1, or -1 for the magnitude */
    int32_t low;           /* clamp */
    int32_t high;
} ek_slope_s16_params_t;

/* The output may be the memory of the input. */
void ek_slope_s16(const ek_slope_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
