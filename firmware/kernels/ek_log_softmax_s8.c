#include "ek_log_softmax_s8.h"

#include "ek_fixedpoint.h"
#include "ek_requantize.h"

/* log(x) with 5 integer bits, for x >= 1 with 12. Source: log_x_for_x_greater_than_or_equal_to_1 of
 * TensorFlow Lite: x = 2^n * r, with r near the fourth root of 1/2, and a rational function of r. */
static int32_t log_of(int32_t x) {
    const int32_t sqrt_half = 1518500250;
    const int32_t sqrt_sqrt_half = 1805811301;
    const int32_t quarter = 1 << 23; /* with 6 integer bits, as powers are */
    const int32_t zeros_a = ek_leading_zeros((uint32_t)x);
    const int32_t zeros_b = ek_leading_zeros((uint32_t)ek_multiply_high(x, sqrt_half)) - 1;
    const int32_t scaled_a = ek_multiply_high(ek_shift_left(x, zeros_a - 1), sqrt_half);
    const int32_t r_a = scaled_a > (1 << 30) - 1 ? INT32_MAX : scaled_a * 2;
    const int32_t r_b = x > (INT32_MAX >> zeros_b) ? INT32_MAX : ek_shift_left(x, zeros_b);
    const int32_t power_a = (12 - zeros_a) * (1 << 25) + quarter;
    const int32_t power_b = (12 - zeros_b) * (1 << 25) - quarter;
    const int32_t r = r_a < r_b ? r_a : r_b;
    const int32_t power = power_a > power_b ? power_a : power_b;
    const int32_t p = (int32_t)(((int64_t)r + sqrt_sqrt_half + 1) >> 1);
    const int32_t q = (r - sqrt_sqrt_half) * 2;
    const int32_t q2 = ek_multiply_high(q, q);
    const int32_t numerator =
        ek_multiply_high(q, r) + ek_multiply_high(ek_multiply_high(q, q2), 117049297 /* 11/240 2^(1/4) */);
    const int32_t denominator = /* less 1 */
        ek_multiply_high(p, 1057819769 /* 2/2^(1/4) - 2^(1/4) */ + q +
                                ek_multiply_high(127690142 /* 1/20 2^(1/4) */, q2)) +
        ek_multiply_high(638450708 /* 1/4 2^(1/4) */, q);
    const int32_t fraction = ek_multiply_high(ek_divide_by_power(numerator, 6), ek_reciprocal(denominator));
    return (ek_multiply_high(power, 1488522236 /* log 2 */) + fraction) * 2;
}

static int32_t scaled(const ek_log_softmax_s8_params_t *p, int32_t difference) {
    return ek_multiply_high(ek_shift_left(difference, p->shift), p->multiplier);
}

static void log_softmax_row(const ek_log_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    int32_t greatest = INT8_MIN;
    int32_t sum = 0; /* with 12 integer bits */
    for (int32_t i = 0; i < p->depth; ++i) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    for (int32_t i = 0; i < p->depth; ++i) {
        if (input[i] - greatest >= p->lowest_difference) {
            sum += ek_divide_by_power(ek_exp_of_negative(scaled(p, input[i] - greatest)), 12);
        }
    }
    const int32_t log_sum = log_of(sum);
    int32_t lowest = ek_requantize_twice(log_sum + INT32_MIN, p->inverse_multiplier, p->inverse_shift);
    lowest = lowest > p->lowest_difference - 1 ? lowest : p->lowest_difference - 1;
    for (int32_t i = 0; i < p->depth; ++i) {
        const int32_t difference = input[i] - greatest;
        int32_t value = INT8_MIN;
        if (difference > lowest) {
            const int64_t exact = (int64_t)scaled(p, difference) - log_sum;
            value = INT8_MAX + ek_divide_by_power(exact < -INT32_MAX ? -INT32_MAX : (int32_t)exact, 22);
        }
        output[i] = (int8_t)ek_clamp(value, INT8_MIN, INT8_MAX);
    }
}

void ek_log_softmax_s8(const ek_log_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        log_softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
