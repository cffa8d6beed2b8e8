/* MAX_POOL_2D on int8 with Helium.
 * Pixel by pixel, sixteen channels at a time; reads before it writes. */
#ifndef EK_MAX_POOL_S8_MVE_H
#define EK_MAX_POOL_S8_MVE_H

#include "ek_max_pool_s8.h"

typedef ek_max_pool_s8_params_t ek_max_pool_s8_mve_params_t;

void ek_max_pool_s8_mve(const ek_max_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output);

#endif
