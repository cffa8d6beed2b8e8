#include "ek_svdf_state16_s8.h"

#include <stddef.h>
#include <string.h>

/* Forgets a filter's oldest value, takes in the newest, and returns the sum over time. */
static int32_t filter(int32_t memory, int32_t feature, const int16_t *times, int16_t *state, int32_t sum) {
    memmove(state, state + 1, (size_t)(memory - 1) * sizeof(*state));
    state[memory - 1] = (int16_t)feature;
    for (int32_t i = 0; i < memory; ++i) {
        sum = ek_svdf_add(sum, state[i], times[i]);
    }
    return sum;
}

void ek_svdf_state16_s8(const ek_svdf_state16_s8_params_t *p, const int8_t *input, int16_t *state,
                        int8_t *output) {
    const ek_svdf_t *s = &p->svdf;
    for (int32_t batch = 0; batch < s->batches; ++batch) {
        for (int32_t unit = 0; unit < s->units; ++unit) {
            int32_t sum = s->bias ? s->bias[unit] : 0;
            for (int32_t i = unit * s->rank; i < (unit + 1) * s->rank; ++i) {
                const int32_t feature = ek_svdf_feature(s, input, i, INT16_MIN, INT16_MAX);
                sum = filter(s->memory, feature, p->times + i * s->memory, state, sum);
                state += s->memory;
            }
            *output++ = ek_svdf_output(s, sum);
        }
        input += s->inputs;
    }
}
