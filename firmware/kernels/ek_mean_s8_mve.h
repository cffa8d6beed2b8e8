/* MEAN on int8 with Helium: neighbouring channels are kept, one axis is reduced.
 * Sixteen outputs at a time; reads before it writes. */
#ifndef EK_MEAN_S8_MVE_H
#define EK_MEAN_S8_MVE_H

#include "ek_mean_s8.h"

typedef ek_mean_s8_params_t ek_mean_s8_mve_params_t;

void ek_mean_s8_mve(const ek_mean_s8_mve_params_t *p, const int8_t *input, int8_t *output);

#endif
