/* MINIMUM on int8 of one quantisation, with broadcasting. */
#ifndef EK_MINIMUM_S8_H
#define EK_MINIMUM_S8_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
} ek_minimum_s8_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_minimum_s8(const ek_minimum_s8_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output);

#endif
