#include "ek_lstm_s8.h"

#include <string.h>

#include "ek_dot_s8.h"
#include "ek_gate.h"
#include "ek_requantize.h"
#include "ek_sigmoid.h"

static int32_t saturated(int32_t x) {
    return ek_clamp(x, INT16_MIN, INT16_MAX);
}

static int32_t gate_of(const ek_lstm_s8_params_t *p, int32_t kind, const int8_t *input, const int8_t *hidden,
                       int32_t unit) {
    const ek_lstm_gate_t *g = &p->gates[kind];
    const int32_t seen = ek_dot_s8(input, g->weights + unit * p->inputs, p->inputs, 0, g->bias[unit]);
    const int32_t kept =
        ek_dot_s8(hidden, g->recurrent + unit * p->units, p->units, 0, g->recurrent_bias[unit]);
    const int32_t first = saturated(ek_requantize_twice(seen, g->multiplier, g->shift));
    const int32_t second = ek_requantize_twice(kept, g->recurrent_multiplier, g->recurrent_shift);
    const int32_t sum = saturated(first + (p->tables ? saturated(second) : second));
    if (kind == EK_LSTM_CELL) {
        return p->tables ? ek_tanh_of(3 * sum) : ek_tanh_fixed(sum, 3);
    }
    return p->tables ? ek_logistic_of(3 * sum) : ek_logistic_fixed(sum);
}

/* x / 2^bits for a product of two int16 values: TFLM rounds it twice. */
static int32_t scaled(const ek_lstm_s8_params_t *p, int32_t x, int32_t bits) {
    const int32_t value = p->tables ? ek_requantize_twice(x, 1 << 30, 1 - bits) : ek_divide_by_power(x, bits);
    return saturated(value);
}

static int32_t tanh_of_cell(const ek_lstm_s8_params_t *p, int32_t cell) {
    if (!p->tables) {
        return ek_tanh_fixed(cell, p->cell_bits);
    }
    const int32_t left = p->cell_bits - 3;
    return ek_tanh_of(left >= 0 ? cell * (3 << left) : (cell * 3 + (1 << (-left - 1))) >> -left);
}

static int8_t unit_of(const ek_lstm_s8_params_t *p, const int8_t *input, const int8_t *hidden, int16_t *cell,
                      int32_t unit) {
    const int32_t in = gate_of(p, EK_LSTM_INPUT, input, hidden, unit);
    const int32_t forget = gate_of(p, EK_LSTM_FORGET, input, hidden, unit);
    const int32_t candidate = gate_of(p, EK_LSTM_CELL, input, hidden, unit);
    const int32_t out = gate_of(p, EK_LSTM_OUTPUT, input, hidden, unit);
    const int32_t sum = scaled(p, forget * cell[unit], 15) + scaled(p, in * candidate, 15 + p->cell_bits);
    cell[unit] = (int16_t)ek_clamp(sum, p->cell_low, p->cell_high);
    const int32_t made =
        ek_requantize_twice(out * tanh_of_cell(p, cell[unit]), p->hidden_multiplier, p->hidden_shift);
    return (int8_t)ek_clamp(made + p->hidden_zero_point, INT8_MIN, INT8_MAX);
}

void ek_lstm_s8(const ek_lstm_s8_params_t *p, const int8_t *input, int8_t *hidden, int16_t *cell,
                int8_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t step = 0; step < p->steps; ++step) {
            const int32_t row = batch * p->batch_stride + step * p->step_stride;
            int8_t *made = output + row * p->units;
            for (int32_t unit = 0; unit < p->units; ++unit) {
                made[unit] = unit_of(p, input + row * p->inputs, hidden, cell, unit);
            }
            memcpy(hidden, made, (size_t)p->units);
        }
        hidden += p->units;
        cell += p->units;
    }
}
