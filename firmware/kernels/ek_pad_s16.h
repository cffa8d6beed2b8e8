/* PAD and PADV2 on int16 with a value whose bytes differ.
 * Row by row of the output (the innermost axis); writes a row before it reads it. */
#ifndef EK_PAD_S16_H
#define EK_PAD_S16_H

#include <stdint.h>

#include "ek_pad.h"

typedef struct {
    int32_t extents[EK_PAD_AXES]; /* of the input, outermost first; 1 where unused */
    int32_t before[EK_PAD_AXES];
    int32_t after[EK_PAD_AXES];
    int32_t value;
} ek_pad_s16_params_t;

void ek_pad_s16(const ek_pad_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
