/* Arithmetic and comparisons of integers without scales, logic of bool; with broadcasting. */
#ifndef EK_INTEGER_H
#define EK_INTEGER_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_walk.h"

enum {
    EK_INTEGER_ADD,
    EK_INTEGER_SUB,
    EK_INTEGER_MUL,
    EK_INTEGER_MINIMUM,
    EK_INTEGER_MAXIMUM,
    EK_INTEGER_COMPARE,
    EK_INTEGER_OR
};

typedef struct {
    ek_walk_t walk;
    const void *constant; /* one of the operands, or null where both are inputs */
    bool constant_first;
    int32_t operation; /* EK_INTEGER_... */
    int32_t accepted;  /* of a comparison: bit 0 for less, bit 1 for equal, bit 2 for greater */
    int32_t from;      /* EK_..., of ek_element.h */
    int32_t to;
} ek_integer_params_t;

/* Sums and products keep their low 32 bits. */
void ek_integer(const ek_integer_params_t *p, const void *const *inputs, void *output);

#endif
