/* A model by hand: every output depends on every input byte and its place, so that no fault is hidden. */
#ifndef TOY_H
#define TOY_H

#include <stddef.h>
#include <stdint.h>

#include "ek_status.h"

#define TOY_ARENA_SIZE  (1520U)
#define TOY_ARENA_ALIGN (16U)

typedef struct {
    uint8_t *arena;
    uint32_t state;
} toy_t;

EK_CHECK ek_status_t toy_init(toy_t *model, void *arena, size_t arena_size);
EK_CHECK ek_status_t toy_reset(toy_t *model);
EK_CHECK ek_status_t toy_invoke(toy_t *model);
int8_t *toy_input(const toy_t *model);
const int8_t *toy_output_scores(const toy_t *model);
const int32_t *toy_output_sums(const toy_t *model);

#endif
