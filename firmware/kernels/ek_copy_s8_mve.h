/* Short copies, 16 bytes at a time, without a call; nothing outside [0, n) is touched. */
#ifndef EK_COPY_S8_MVE_H
#define EK_COPY_S8_MVE_H

#include <stdint.h>

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

static inline void ek_copy_s8_mve(int8_t *to, const int8_t *from, int32_t n) {
    for (; n > 0; n -= 16) {
        const mve_pred16_t inside = vctp8q((uint32_t)n);
        vstrbq_p_s8(to, vldrbq_z_s8(from, inside), inside);
        to += 16;
        from += 16;
    }
}

/* Rows of `size` bytes. */
static inline void ek_copy_rows_s8_mve(int8_t *to, int32_t to_step, const int8_t *from, int32_t from_step,
                                       int32_t rows, int32_t size) {
    if (size <= 16) {
        const mve_pred16_t inside = vctp8q((uint32_t)size);
        for (; rows > 0; --rows) {
            vstrbq_p_s8(to, vldrbq_z_s8(from, inside), inside);
            to += to_step;
            from += from_step;
        }
    }
    for (; rows > 0; --rows) {
        ek_copy_s8_mve(to, from, size);
        to += to_step;
        from += from_step;
    }
}

static inline void ek_fill_s8_mve(int8_t *to, int32_t value, int32_t n) {
    const int8x16_t values = vdupq_n_s8((int8_t)value);
    for (; n > 0; n -= 16) {
        vstrbq_p_s8(to, values, vctp8q((uint32_t)n));
        to += 16;
    }
}

#else

static inline void ek_copy_s8_mve(int8_t *to, const int8_t *from, int32_t n) {
    for (int32_t i = 0; i < n; ++i) {
        to[i] = from[i];
    }
}

static inline void ek_copy_rows_s8_mve(int8_t *to, int32_t to_step, const int8_t *from, int32_t from_step,
                                       int32_t rows, int32_t size) {
    for (; rows > 0; --rows) {
        ek_copy_s8_mve(to, from, size);
        to += to_step;
        from += from_step;
    }
}

static inline void ek_fill_s8_mve(int8_t *to, int32_t value, int32_t n) {
    for (int32_t i = 0; i < n; ++i) {
        to[i] = (int8_t)value;
    }
}

#endif

#endif
