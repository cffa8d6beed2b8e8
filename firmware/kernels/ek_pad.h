/* PAD and PADV2 on elements of any type, by bytes, with a value that is one byte over and over.
 * Row by row of the output (the innermost axis); writes a row before it reads it. */
#ifndef EK_PAD_H
#define EK_PAD_H

#include <stdint.h>

#define EK_PAD_AXES 4

typedef struct {
    int32_t extents[EK_PAD_AXES]; /* of the input, outermost first; 1 where unused; the last in bytes */
    int32_t before[EK_PAD_AXES];
    int32_t after[EK_PAD_AXES];
    int32_t value;
} ek_pad_params_t;

void ek_pad(const ek_pad_params_t *p, const void *input, void *output);

#endif
