/* Sums over the rows of [rows, channels], four channels at a time. */
#ifndef EK_COLUMNS_DSP_H
#define EK_COLUMNS_DSP_H

#include "ek_dsp.h"

/* Channels 0 to 3 of x; `channels` bytes lie between rows. */
static inline void ek_column_sums_dsp(const int8_t *x, int32_t rows, int32_t channels, int32_t sums[4]) {
    enum { MOST = 256 /* rows whose sums fit 16 bit */ };
    for (int32_t i = 0; i < 4; ++i) {
        sums[i] = 0;
    }
    while (rows > 0) {
        uint32_t even = 0;
        uint32_t odd = 0;
        int32_t count = rows < MOST ? rows : MOST;
        rows -= count;
        for (; count >= 4; count -= 4) {
            even = ek_sxtab16(even, ek_load4(x));
            odd = ek_sxtab16_odd(odd, ek_load4(x));
            x += channels;
            even = ek_sxtab16(even, ek_load4(x));
            odd = ek_sxtab16_odd(odd, ek_load4(x));
            x += channels;
            even = ek_sxtab16(even, ek_load4(x));
            odd = ek_sxtab16_odd(odd, ek_load4(x));
            x += channels;
            even = ek_sxtab16(even, ek_load4(x));
            odd = ek_sxtab16_odd(odd, ek_load4(x));
            x += channels;
        }
        for (; count > 0; --count) {
            even = ek_sxtab16(even, ek_load4(x));
            odd = ek_sxtab16_odd(odd, ek_load4(x));
            x += channels;
        }
        sums[0] += (int16_t)(even & 0xFFFFU);
        sums[1] += (int16_t)(odd & 0xFFFFU);
        sums[2] += (int16_t)(even >> 16);
        sums[3] += (int16_t)(odd >> 16);
    }
}

#endif
