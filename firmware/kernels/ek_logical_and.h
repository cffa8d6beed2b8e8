/* LOGICAL_AND with broadcasting. Each value of the inputs is read before the value of the output at its
 * place is written. */
#ifndef EK_LOGICAL_AND_H
#define EK_LOGICAL_AND_H

#include <stdbool.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
} ek_logical_and_params_t;

void ek_logical_and(const ek_logical_and_params_t *p, const bool *input1, const bool *input2, bool *output);

#endif
