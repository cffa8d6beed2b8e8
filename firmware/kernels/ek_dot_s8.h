/* Sums of products: the core that convolution and fully connected layers share. */
#ifndef EK_DOT_S8_H
#define EK_DOT_S8_H

#include <stdint.h>

/* Adds (x[i] + offset) * w[i] for i < n to sum. */
static inline int32_t ek_dot_s8(const int8_t *x, const int8_t *w, int32_t n, int32_t offset, int32_t sum) {
    for (int32_t i = 0; i < n; ++i) {
        sum += (x[i] + offset) * w[i];
    }
    return sum;
}

/* The same for four rows of weights, `step` apart: each x is read once for all four. */
static inline void ek_dot4_s8(const int8_t *x, const int8_t *w, int32_t step, int32_t n, int32_t offset,
                              int32_t sum[4]) {
    const int8_t *w1 = w + step;
    const int8_t *w2 = w1 + step;
    const int8_t *w3 = w2 + step;
    int32_t s0 = sum[0];
    int32_t s1 = sum[1];
    int32_t s2 = sum[2];
    int32_t s3 = sum[3];
    for (int32_t i = 0; i < n; ++i) {
        const int32_t v = x[i] + offset;
        s0 += v * w[i];
        s1 += v * w1[i];
        s2 += v * w2[i];
        s3 += v * w3[i];
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

#endif
