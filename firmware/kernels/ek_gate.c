#include "ek_gate.h"

#include "ek_requantize.h"

/* floor(x * y / 2^15 + 1/2) */
static int32_t multiply(int32_t x, int32_t y) {
    return (x * y + (1 << 14)) >> 15;
}

static int32_t shifted(int32_t x, int32_t bits) {
    return ek_clamp(x * (1 << bits), INT16_MIN, INT16_MAX);
}

/* exp(x) for x in [-1/4, 0), by Taylor expansion around -1/8. */
static int32_t exp_near_zero(int32_t x) {
    const int32_t exp_of_minus_eighth = 28918;
    const int32_t third = 10923;
    const int32_t y = x + (1 << 12);
    const int32_t y2 = multiply(y, y);
    const int32_t y3 = multiply(y2, y);
    const int32_t y4 = multiply(y2, y2);
    const int32_t tail = multiply(ek_divide_by_power(y4, 2) + y3, third) + y2;
    const int32_t sum = exp_of_minus_eighth + multiply(exp_of_minus_eighth, y + ek_divide_by_power(tail, 1));
    return sum > INT16_MAX ? INT16_MAX : sum;
}

/* exp(x) for x <= 0 with `bits` integer bits. */
static int32_t exp_of_negative(int32_t x, int32_t bits) {
    static const int32_t factors[7] = {25520, 19875, 12055, 4435, 600, 11, 0}; /* exp(-2^(i - 2)) */
    const int32_t quarter = 1 << (13 - bits);
    const int32_t rest = (x & (quarter - 1)) - quarter;
    const int32_t remainder = rest - x;
    int32_t result = exp_near_zero(shifted(rest, bits));
    for (int32_t i = 0; i < 7 && i < bits + 2; ++i) {
        if ((remainder >> (13 - bits + i)) & 1) {
            result = multiply(result, factors[i]);
        }
    }
    if (bits > 5 && x < -(1 << (20 - bits))) {
        result = 0; /* below -32 */
    }
    return x == 0 ? INT16_MAX : result;
}

/* 2 / (1 + x) with 2 integer bits, for x in [0, 1]: Newton-Raphson. */
static int32_t reciprocal_of_half(int32_t x) {
    const int32_t half = (x + INT16_MAX + 1) >> 1;
    int32_t y = 23130 + multiply(half, -15420); /* 48/17 - 32/17 * half */
    for (int32_t i = 0; i < 3; ++i) {
        y += shifted(multiply(y, (1 << 13) - multiply(half, y)), 2);
    }
    return y;
}

int16_t ek_logistic_fixed(int32_t x) {
    const int32_t positive = shifted(reciprocal_of_half(exp_of_negative(x > 0 ? -x : x, 3)), 1);
    return (int16_t)(x == 0 ? 1 << 14 : x > 0 ? positive : INT16_MAX - positive);
}

int16_t ek_tanh_fixed(int32_t x, int32_t bits) {
    const int32_t e = exp_of_negative(x > 0 ? -x : x, bits + 1);
    const int32_t magnitude = shifted(reciprocal_of_half(e) - (1 << 13), 2);
    return (int16_t)(x == 0 ? 0 : x > 0 ? magnitude : -magnitude);
}
