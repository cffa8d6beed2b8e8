#include "ek_mul_linear_s8_dsp.h"

#include "ek_linear_dsp.h"

/* What a channel's values are multiplied by, and what is added. */
typedef struct {
    int32_t factor;
    int32_t constant;
} channel_t;

static channel_t channel_of(const ek_mul_linear_s8_dsp_params_t *p, int32_t value) {
    const int32_t shifted = (int32_t)((uint32_t)(value - p->vector_zero_point) << p->before);
    const int32_t factor = (int32_t)((uint32_t)ek_smmla(shifted, p->multiplier, 0) << p->after);
    const uint32_t zero_point = (uint32_t)p->zero_point << 8;
    return (channel_t){factor, p->constant - ek_term_low(factor, zero_point, 0)};
}

static void one_channel(const ek_mul_linear_s8_dsp_params_t *p, const int8_t *rows, channel_t c,
                        int8_t *output) {
    for (int32_t i = 0; i < p->rows * p->channels; i += p->channels) {
        output[i] = ek_linear_output(ek_term_low(c.factor, (uint32_t)(uint8_t)rows[i] << 8, c.constant));
    }
}

/* A word is read twice, so that all constants stay in registers. */
static void four_channels(const ek_mul_linear_s8_dsp_params_t *p, const int8_t *rows, const channel_t *c,
                          int8_t *output) {
    const channel_t c0 = c[0];
    const channel_t c1 = c[1];
    const channel_t c2 = c[2];
    const channel_t c3 = c[3];
    const int32_t step = p->channels;
    const int8_t *const end = rows + p->rows * step;
    for (; rows != end; rows += step, output += step) {
        const uint32_t even = ek_wide(ek_load4(rows)).even;
        output[0] = ek_linear_output(ek_term_low(c0.factor, even, c0.constant));
        output[2] = ek_linear_output(ek_term_high(c2.factor, even, c2.constant));
        const uint32_t odd = ek_wide(ek_load4(rows)).odd;
        output[1] = ek_linear_output(ek_term_low(c1.factor, odd, c1.constant));
        output[3] = ek_linear_output(ek_term_high(c3.factor, odd, c3.constant));
    }
}

void ek_mul_linear_s8_dsp(const ek_mul_linear_s8_dsp_params_t *p, const int8_t *rows, const int8_t *vector,
                          int8_t *output) {
    int32_t channel = 0;
    for (; channel + 4 <= p->channels; channel += 4) {
        channel_t four[4];
        for (int32_t i = 0; i < 4; ++i) {
            four[i] = channel_of(p, vector[channel + i]);
        }
        four_channels(p, rows + channel, four, output + channel);
    }
    for (; channel < p->channels; ++channel) {
        one_channel(p, rows + channel, channel_of(p, vector[channel]), output + channel);
    }
    if (p->clamped) {
        ek_clamp_dsp(output, p->rows * p->channels, p->low, p->high);
    }
}
