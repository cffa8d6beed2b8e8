/* AVERAGE_POOL_2D on int8 with Helium; windows of up to 4096 taps.
 * Pixel by pixel, sixteen channels at a time; reads before it writes. */
#ifndef EK_AVERAGE_POOL_S8_MVE_H
#define EK_AVERAGE_POOL_S8_MVE_H

#include "ek_average_pool_s8.h"

typedef ek_average_pool_s8_params_t ek_average_pool_s8_mve_params_t;

void ek_average_pool_s8_mve(const ek_average_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output);

#endif
