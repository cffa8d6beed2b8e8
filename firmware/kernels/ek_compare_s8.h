/* EQUAL, GREATER, LESS and their relatives on int8, with broadcasting; operands are rounded twice. */
#ifndef EK_COMPARE_S8_H
#define EK_COMPARE_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    int32_t zero_point1;
    int32_t zero_point2;
    int32_t multiplier1; /* brings the first operand, shifted left by 8, to steps of 1/256 */
    int32_t multiplier2;
    int32_t shift1;
    int32_t shift2;
    int32_t accepted; /* result of each order: bit 0 less, bit 1 equal, bit 2 greater */
} ek_compare_s8_params_t;

void ek_compare_s8(const ek_compare_s8_params_t *p, const int8_t *input1, const int8_t *input2, bool *output);

#endif
