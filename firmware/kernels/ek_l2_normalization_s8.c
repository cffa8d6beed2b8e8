#include "ek_l2_normalization_s8.h"

#include "ek_requantize.h"

/* 1 / sqrt(x) ~ multiplier * 2^(shift - 31). Source: GetInvSqrtQuantizedMultiplierExp of TensorFlow Lite,
 * Newton-Raphson from 1 in five steps, with 3 integer bits; 0 is taken as 1. */
static int32_t inverse_sqrt(int32_t x, int32_t *shift) {
    int32_t right = 11;
    int32_t root = 1 << 28;
    int32_t half;
    *shift = 0;
    if (x <= 1) {
        return INT32_MAX;
    }
    for (; x >= 1 << 29; x /= 4) {
        ++right;
    }
    for (; x < 1 << 27; x *= 4) {
        --right;
    }
    half = ek_divide_by_power(x >> 1, 1);
    for (int32_t i = 0; i < 5; ++i) {
        const int32_t cube = ek_multiply_high(ek_multiply_high(root, root), root) * 64;
        root = (ek_multiply_high((1 << 28) + (1 << 27), root) - ek_multiply_high(half, cube)) * 8;
    }
    root = ek_multiply_high(root, 1518500250); /* square root of 1/2 */
    if (right < 0) {
        return ek_shift_left(root, -right);
    }
    *shift = -right;
    return root;
}

static void normalize_row(const ek_l2_normalization_s8_params_t *p, const int8_t *input, int8_t *output) {
    int32_t sum = 0;
    int32_t shift;
    for (int32_t i = 0; i < p->depth; ++i) {
        const int32_t value = input[i] - p->zero_point;
        sum += value * value;
    }
    const int32_t multiplier = inverse_sqrt(sum, &shift);
    for (int32_t i = 0; i < p->depth; ++i) {
        const int32_t value = ek_requantize_twice(input[i] - p->zero_point, multiplier, shift + 7);
        output[i] = (int8_t)ek_clamp(value, INT8_MIN, INT8_MAX);
    }
}

void ek_l2_normalization_s8(const ek_l2_normalization_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        normalize_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
