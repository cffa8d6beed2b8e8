/* Logistic function and hyperbolic tangent in 16 bit, by a table that is interpolated. Source: TensorFlow
 * Lite, reference_integer_ops::Logistic and ::Tanh on int16. */
#ifndef EK_SIGMOID_H
#define EK_SIGMOID_H

#include <stdint.h>

/* x in steps of 1 / 12288; in steps of 1 / 32768. */
int16_t ek_logistic_of(int32_t x);
int16_t ek_tanh_of(int32_t x);

#endif
