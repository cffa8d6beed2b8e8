/* UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with a cell of int16: no peephole, projection or layer normalisation.
 */
#ifndef EK_LSTM_S8_H
#define EK_LSTM_S8_H

#include <stdbool.h>
#include <stdint.h>

enum { EK_LSTM_INPUT, EK_LSTM_FORGET, EK_LSTM_CELL, EK_LSTM_OUTPUT, EK_LSTM_GATES };

/* Sums are brought to steps of 1 / 4096. Biases hold what the zero points add. */
typedef struct {
    const int8_t *weights;         /* [units][inputs] */
    const int8_t *recurrent;       /* [units][units] */
    const int32_t *bias;           /* [units] */
    const int32_t *recurrent_bias; /* [units] */
    int32_t multiplier;
    int32_t shift;
    int32_t recurrent_multiplier;
    int32_t recurrent_shift;
} ek_lstm_gate_t;

typedef struct {
    ek_lstm_gate_t gates[EK_LSTM_GATES];
    bool tables; /* as TFLM computes: interpolated tables, and products that are rounded twice */
    int32_t batches;
    int32_t steps;
    int32_t inputs;
    int32_t units;
    int32_t batch_stride; /* rows from batch to batch, in input and output */
    int32_t step_stride;  /* and from step to step */
    int32_t cell_bits;    /* integer bits of the cell */
    int32_t cell_low;     /* clamp of the cell */
    int32_t cell_high;
    int32_t hidden_multiplier;
    int32_t hidden_shift;
    int32_t hidden_zero_point;
} ek_lstm_s8_params_t;

/* hidden: [batches][units], the last output; cell: [batches][units]. */
void ek_lstm_s8(const ek_lstm_s8_params_t *p, const int8_t *input, int8_t *hidden, int16_t *cell,
                int8_t *output);

#endif
