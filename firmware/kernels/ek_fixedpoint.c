#include "ek_fixedpoint.h"

#include "ek_requantize.h"

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

int32_t ek_exp_of_negative(int32_t a) {
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

/* Newton-Raphson on 2 / (1 + a), with 2 integer bits. */
int32_t ek_reciprocal(int32_t a) {
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = 1515870810 + ek_multiply_high(half, -1010580540); /* 48/17 - 32/17 * half */
    for (int32_t i = 0; i < 3; ++i) {
        x += ek_multiply_high(x, (1 << 29) - ek_multiply_high(half, x)) * 4;
    }
    return x > (1 << 30) - 1 ? INT32_MAX : x * 2;
}
