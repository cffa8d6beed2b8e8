/* The axes that an operator of two inputs walks along, after neighbours were merged. */
#ifndef EK_WALK_H
#define EK_WALK_H

#include <stdint.h>

#define EK_WALK_AXES 4

typedef struct {
    int32_t extents[EK_WALK_AXES]; /* outermost first; 1 where unused */
    int32_t steps1[EK_WALK_AXES];  /* per axis, in elements of the first input; 0 where it is broadcast */
    int32_t steps2[EK_WALK_AXES];  /* likewise of the second */
} ek_walk_t;

#endif
