#include "ek_svdf_s8.h"

#include <stddef.h>
#include <string.h>

/* Forgets a filter's oldest value, takes in the newest, and returns the sum over time. */
static int32_t filter(const ek_svdf_s8_params_t *p, int32_t feature, const int8_t *times, int8_t *state,
                      int32_t sum) {
    const int32_t last = p->svdf.memory - 1;
    memmove(state, state + 1, (size_t)last);
    state[last] = (int8_t)(uint8_t)(feature + p->state_zero_point);
    for (int32_t i = 0; i <= last; ++i) {
        sum = ek_svdf_add(sum, state[i] - p->state_zero_point, times[i]);
    }
    return sum;
}

void ek_svdf_s8(const ek_svdf_s8_params_t *p, const int8_t *input, int8_t *state, int8_t *output) {
    const ek_svdf_t *s = &p->svdf;
    for (int32_t batch = 0; batch < s->batches; ++batch) {
        for (int32_t unit = 0; unit < s->units; ++unit) {
            int32_t sum = s->bias ? s->bias[unit] : 0;
            for (int32_t i = unit * s->rank; i < (unit + 1) * s->rank; ++i) {
                const int32_t feature = ek_svdf_feature(s, input, i, INT8_MIN, INT8_MAX);
                sum = filter(p, feature, p->times + i * s->memory, state, sum);
                state += s->memory;
            }
            *output++ = ek_svdf_output(s, sum);
        }
        input += s->inputs;
    }
}
