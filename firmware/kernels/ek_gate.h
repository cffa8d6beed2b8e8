/* Logistic function and hyperbolic tangent in 16 bit, without tables. Source: gemmlowp,
 * fixedpoint/fixedpoint.h on int16. */
#ifndef EK_GATE_H
#define EK_GATE_H

#include <stdint.h>

/* x has 3 integer bits; in steps of 1 / 32768. */
int16_t ek_logistic_fixed(int32_t x);

/* x has 0 to 6 integer bits. */
int16_t ek_tanh_fixed(int32_t x, int32_t bits);

#endif
