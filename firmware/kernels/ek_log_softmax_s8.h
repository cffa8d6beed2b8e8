/* LOG_SOFTMAX on int8 along the last axis, in gemmlowp's fixed point. */
#ifndef EK_LOG_SOFTMAX_S8_H
#define EK_LOG_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t multiplier; /* a difference to fixed point with 5 integer bits */
    int32_t shift;
    int32_t inverse_multiplier; /* and back */
    int32_t inverse_shift;
    int32_t lowest_difference; /* below it exp is taken as 0 */
} ek_log_softmax_s8_params_t;

/* Input and output may be the same memory. */
void ek_log_softmax_s8(const ek_log_softmax_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
