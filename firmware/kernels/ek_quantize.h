/* From float32 to an integer: to nearest, half away from zero. */
#ifndef EK_QUANTIZE_H
#define EK_QUANTIZE_H

#include <stdint.h>

/* x / scale + zero_point within [low, high]; NaN becomes the zero point. No libm, and no conversion of a
 * value that its integer type cannot hold. */
static inline int32_t ek_quantize(float x, float scale, int32_t zero_point, int32_t low, int32_t high) {
    const float ratio = x / scale;
    if (!(ratio > (float)(low - zero_point))) {
        return ratio == ratio ? low : zero_point;
    }
    if (ratio >= (float)(high - zero_point)) {
        return high;
    }
    const int32_t whole = (int32_t)ratio;
    const float rest = ratio - (float)whole;
    return zero_point + whole + (rest >= 0.5f) - (rest <= -0.5f);
}

#endif
