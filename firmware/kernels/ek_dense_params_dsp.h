/* What the fully connected kernels of feature "dsp" are told. */
#ifndef EK_DENSE_PARAMS_DSP_H
#define EK_DENSE_PARAMS_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* see ek_dense_dsp.h */
    int32_t batches;
    int32_t inputs;
    int32_t depth; /* inputs, rounded up to 8 */
    int32_t outputs;
    int32_t centre;   /* 2 * output zero point + 1 */
    int32_t rounding; /* ek_matrix_t */
    bool clamped;     /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_dense_dsp_params_t;

#endif
