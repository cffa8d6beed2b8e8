/* Time and stack of one call. */
#ifndef EK_MEASURE_H
#define EK_MEASURE_H

#include <stdint.h>

#include "ek_status.h"

typedef struct {
    uint64_t ticks; /* of the last call */
    uint32_t stack; /* most bytes that any call used */
} ek_measure_t;

/* Learns what measuring itself costs; call once, before the first ek_measure(). */
void ek_measure_init(void);

/* Ticks that ek_measure() subtracts: those of a call that does nothing. */
uint32_t ek_measure_overhead(void);

/* Runs `work` and returns its status. */
ek_status_t ek_measure(ek_measure_t *measure, ek_status_t (*work)(void));

#endif
