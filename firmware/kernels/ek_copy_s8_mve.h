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

/* `steps` vectors of each of four rows, by turns; returns what follows them. */
static inline int8_t *ek_interleave_s8_mve(int8_t *to, const int8_t *const rows[4], int32_t steps) {
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    const int8_t *c = rows[2];
    const int8_t *d = rows[3];
    for (; steps > 0; --steps) {
        vstrbq_s8(to, vldrbq_s8(a));
        vstrbq_s8(to + 16, vldrbq_s8(b));
        vstrbq_s8(to + 32, vldrbq_s8(c));
        vstrbq_s8(to + 48, vldrbq_s8(d));
        a += 16;
        b += 16;
        c += 16;
        d += 16;
        to += 64;
    }
    return to;
}

/* `size` bytes as blocks of at most `block`, each a vector filled with zeros, 64 bytes apart. */
static inline void ek_spread_s8_mve(int8_t *to, const int8_t *from, int32_t size, int32_t block) {
    for (; size > 0; size -= block) {
        vstrbq_s8(to, vldrbq_z_s8(from, vctp8q((uint32_t)(size < block ? size : block))));
        to += 64;
        from += block;
    }
}

/* `count` vectors, those from `first` to `end` read `step` apart, others `value`; returns what follows them.
 */
static inline int8_t *ek_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t first,
                                        int32_t end, int32_t count, int32_t value) {
    if (end - first < count) {
        for (int32_t i = 0; i < count; ++i) {
            vstrbq_s8(to + 16 * i, vdupq_n_s8((int8_t)value));
        }
    }
    int8_t *at = to + 16 * first;
    for (int32_t i = first; i < end; ++i) {
        vstrbq_s8(at, vldrbq_s8(from));
        from += step;
        at += 16;
    }
    return to + 16 * count;
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

static inline int8_t *ek_interleave_s8_mve(int8_t *to, const int8_t *const rows[4], int32_t steps) {
    for (int32_t i = 0; i < 64 * steps; ++i) {
        to[i] = rows[i / 16 % 4][i / 64 * 16 + i % 16];
    }
    return to + 64 * steps;
}

static inline void ek_spread_s8_mve(int8_t *to, const int8_t *from, int32_t size, int32_t block) {
    for (int32_t i = 0; i < (size + block - 1) / block; ++i) {
        for (int32_t k = 0; k < 16; ++k) {
            const int32_t at = i * block + k;
            to[64 * i + k] = k < block && at < size ? from[at] : 0;
        }
    }
}

static inline int8_t *ek_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t first,
                                        int32_t end, int32_t count, int32_t value) {
    for (int32_t i = 0; i < 16 * count; ++i) {
        const int32_t at = i / 16;
        to[i] = (int8_t)(at >= first && at < end ? from[(at - first) * step + i % 16] : value);
    }
    return to + 16 * count;
}

#endif

#endif
