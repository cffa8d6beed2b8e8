/* PAD and PADV2 on int8.
 * Row by row of the output (the innermost axis); writes a row before it reads it. */
#ifndef EK_PAD_S8_H
#define EK_PAD_S8_H

#include <stdint.h>

#define EK_PAD_AXES 4

typedef struct {
    int32_t extents[EK_PAD_AXES]; /* of the input, outermost first; 1 where unused */
    int32_t before[EK_PAD_AXES];
    int32_t after[EK_PAD_AXES];
    int32_t value;
} ek_pad_s8_params_t;

void ek_pad_s8(const ek_pad_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
