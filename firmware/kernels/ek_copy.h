/* Elements of any type read along the axes of an output, each with a step of its own in the input: slices,
 * transpositions, tiles. */
#ifndef EK_COPY_H
#define EK_COPY_H

#include <stdint.h>

#define EK_COPY_AXES 6

typedef struct {
    int32_t run;                   /* bytes that lie together in input and output */
    int32_t start;                 /* byte of the input that comes first */
    int32_t extents[EK_COPY_AXES]; /* of the output in runs, outermost first; 1 where unused */
    int32_t steps[EK_COPY_AXES];   /* bytes in the input between neighbours, of any sign */
} ek_copy_params_t;

void ek_copy(const ek_copy_params_t *p, const void *input, void *output);

#endif
