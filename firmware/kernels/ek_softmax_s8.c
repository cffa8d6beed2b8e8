#include "ek_softmax_s8.h"

#include "ek_requantize.h"

/* Source of the fixed-point functions: gemmlowp, fixedpoint/fixedpoint.h. Values without integer bits
 * stand for raw / 2^31. */

/* exp(a) for a in [-1/4, 0), by Taylor expansion around -1/8. */
static int32_t exp_near_zero(int32_t a) {
    const int32_t exp_of_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    const int32_t x = a + (1 << 28);
    const int32_t x2 = ek_multiply_high(x, x);
    const int32_t x3 = ek_multiply_high(x2, x);
    const int32_t x4 = ek_multiply_high(x2, x2);
    const int32_t tail = ek_multiply_high(ek_divide_by_power(x4, 2) + x3, third) + x2;
    return exp_of_minus_eighth + ek_multiply_high(exp_of_minus_eighth, x + ek_divide_by_power(tail, 1));
}

/* exp(a) for a <= 0 with 5 integer bits. */
static int32_t exp_of_negative(int32_t a) {
    static const int32_t factors[7] = {/* exp(-2^(i - 2)) */
                                       1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = 1 << 24;
    const int32_t rest = (a & (quarter - 1)) - quarter;
    const int32_t remainder = rest - a;
    int32_t result = exp_near_zero(rest * 32);
    for (int32_t i = 0; i < 7; ++i) {
        if ((remainder >> (24 + i)) & 1) {
            result = ek_multiply_high(result, factors[i]);
        }
    }
    return a == 0 ? INT32_MAX : result;
}

/* 1 / (1 + a) for a in [0, 1): Newton-Raphson on 2 / (1 + a), with 2 integer bits. */
static int32_t reciprocal(int32_t a) {
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = 1515870810 + ek_multiply_high(half, -1010580540); /* 48/17 - 32/17 * half */
    for (int32_t i = 0; i < 3; ++i) {
        x += ek_multiply_high(x, (1 << 29) - ek_multiply_high(half, x)) * 4;
    }
    return x > (1 << 30) - 1 ? INT32_MAX : x * 2;
}

static int32_t leading_zeros(uint32_t x) {
    int32_t count = 0;
    for (; count < 32 && !(x & 0x80000000U); ++count) {
        x <<= 1;
    }
    return count;
}

static int32_t exp_of(const ek_softmax_s8_params_t *p, int32_t difference) {
    return exp_of_negative(ek_multiply_high(ek_shift_left(difference, p->shift), p->multiplier));
}

static void softmax_row(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    int32_t greatest = INT8_MIN;
    for (int32_t i = 0; i < p->depth; ++i) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    int32_t sum = 0; /* with 12 integer bits */
    for (int32_t i = 0; i < p->depth; ++i) {
        if (input[i] - greatest >= p->lowest_difference) {
            sum += ek_divide_by_power(exp_of(p, input[i] - greatest), 12);
        }
    }
    const int32_t zeros = leading_zeros((uint32_t)sum);
    const int32_t scale = reciprocal((int32_t)(((uint32_t)sum << zeros) - 0x80000000U));
    const int32_t bits = 12 - zeros + 31 - 8;
    for (int32_t i = 0; i < p->depth; ++i) {
        int32_t value = 0;
        if (input[i] - greatest >= p->lowest_difference && bits <= 31) {
            value = ek_divide_by_power(ek_multiply_high(scale, exp_of(p, input[i] - greatest)), bits);
        }
        output[i] = (int8_t)(ek_clamp(value, 0, 255) + INT8_MIN);
    }
}

void ek_softmax_s8(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
