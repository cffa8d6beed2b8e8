/* Runs of bytes whose places a table per axis gives: enlarged pictures, mirrored borders, picked rows,
 * batches of space. */
#ifndef EK_TAKE_H
#define EK_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#define EK_TAKE_AXES 4

typedef struct {
    int32_t run;                         /* bytes that lie together in input and output */
    int32_t extents[EK_TAKE_AXES];       /* in runs, outermost first; 1 where unused */
    const int32_t *places[EK_TAKE_AXES]; /* bytes per position of an axis, to be added up; null: all 0 */
    bool scatter;                        /* places are those in the output, else in the input */
    int32_t filled;                      /* bytes of the output to fill first */
    int32_t fill;
} ek_take_params_t;

void ek_take(const ek_take_params_t *p, const void *input, void *output);

#endif
