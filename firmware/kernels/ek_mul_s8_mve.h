/* MUL on int8 with Helium: no broadcast along the innermost axis; shift < 0. */
#ifndef EK_MUL_S8_MVE_H
#define EK_MUL_S8_MVE_H

#include "ek_mul_s8.h"

typedef ek_mul_s8_params_t ek_mul_s8_mve_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_mul_s8_mve(const ek_mul_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output);

#endif
