/* A function of one int16 value by 512 interpolated steps. Source: TensorFlow Lite, LUTLookup. */
#ifndef EK_LUT_S16_H
#define EK_LUT_S16_H

#include <stdint.h>

/* table: [513], the last to interpolate towards. */
static inline int16_t ek_lut_s16(const int16_t *table, int32_t x) {
    const int32_t at = 256 + (x >> 7);
    const int32_t slope = table[at + 1] - table[at];
    return (int16_t)(table[at] + ((slope * (x & 0x7F) + 64) >> 7));
}

#endif
