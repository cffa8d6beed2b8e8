/* Short copies, 16 bytes at a time, without a call. */
#ifndef EK_COPY_S8_MVE_H
#define EK_COPY_S8_MVE_H

#include <stdint.h>

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* `size` bytes; nothing outside is touched. */
static inline void ek_copy_s8_mve(int8_t *to, const int8_t *from, int32_t size) {
    for (; size > 0; size -= 16) {
        const mve_pred16_t inside = vctp8q((uint32_t)size);
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

static inline void ek_fill_vectors_s8_mve(int8_t *to, int32_t value, int32_t count) {
    const int8x16_t values = vdupq_n_s8((int8_t)value);
    for (; count > 0; --count) {
        vstrbq_s8(to, values);
        to += 16;
    }
}

/* `size` bytes as blocks of at most `block`, each a vector filled with zeros, 64 bytes apart. */
static inline void ek_spread_s8_mve(int8_t *to, const int8_t *from, int32_t size, int32_t block) {
    for (; size > 0; size -= block) {
        vstrbq_s8(to, vldrbq_z_s8(from, vctp8q((uint32_t)(size < block ? size : block))));
        to += 64;
        from += block;
    }
}

/* `steps` vectors, 64 bytes apart; returns where the next would lie. */
static inline int8_t *ek_spread_vectors_s8_mve(int8_t *to, const int8_t *from, int32_t steps) {
    for (; steps > 0; --steps) {
        vstrbq_s8(to, vldrbq_s8(from));
        to += 64;
        from += 16;
    }
    return to;
}

/* Of `steps` blocks of 16 places each, counted from `from`: the first `block` >= 8, and zeros. */
static inline void ek_gather_s8_mve(int8_t *to, const int8_t *from, const uint16_t *places, int32_t steps,
                                    int32_t block) {
    const mve_pred16_t high = vctp16q((uint32_t)block - 8);
    for (; steps > 0; --steps) {
        vstrbq_s16(to, vldrbq_gather_offset_s16(from, vldrhq_u16(places)));
        vstrbq_s16(to + 8, vldrbq_gather_offset_z_s16(from, vldrhq_u16(places + 8), high));
        places += 16;
        to += 64;
    }
}

/* ek_spread_s8_mve for four rows `step` apart, by turns. */
static inline void ek_interleave_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t size,
                                        int32_t block) {
    for (; size > 0; size -= block) {
        const mve_pred16_t inside = vctp8q((uint32_t)(size < block ? size : block));
        const int8_t *third = from + 2 * step;
        vstrbq_s8(to, vldrbq_z_s8(from, inside));
        vstrbq_s8(to + 16, vldrbq_z_s8(from + step, inside));
        vstrbq_s8(to + 32, vldrbq_z_s8(third, inside));
        vstrbq_s8(to + 48, vldrbq_z_s8(third + step, inside));
        from += block;
        to += 64;
    }
}

/* ek_spread_vectors_s8_mve for four rows `step` apart, by turns. */
static inline int8_t *ek_interleave_vectors_s8_mve(int8_t *to, const int8_t *from, int32_t step,
                                                   int32_t steps) {
    const int8_t *second = from + step;
    const int8_t *third = second + step;
    const int8_t *fourth = third + step;
    for (; steps > 0; --steps) {
        vstrbq_s8(to, vldrbq_s8(from));
        vstrbq_s8(to + 16, vldrbq_s8(second));
        vstrbq_s8(to + 32, vldrbq_s8(third));
        vstrbq_s8(to + 48, vldrbq_s8(fourth));
        from += 16;
        second += 16;
        third += 16;
        fourth += 16;
        to += 64;
    }
    return to;
}

/* ek_gather_s8_mve for four windows, by turns. */
static inline void ek_gather_four_s8_mve(int8_t *to, const int8_t *const from[4], const uint16_t *places,
                                         int32_t steps, int32_t block) {
    const int8_t *const first = from[0];
    const int8_t *const second = from[1];
    const int8_t *const third = from[2];
    const int8_t *const fourth = from[3];
    const mve_pred16_t high = vctp16q((uint32_t)block - 8);
    for (; steps > 0; --steps) {
        const uint16x8_t first_places = vldrhq_u16(places);
        const uint16x8_t next_places = vldrhq_u16(places + 8);
        vstrbq_s16(to, vldrbq_gather_offset_s16(first, first_places));
        vstrbq_s16(to + 8, vldrbq_gather_offset_z_s16(first, next_places, high));
        vstrbq_s16(to + 16, vldrbq_gather_offset_s16(second, first_places));
        vstrbq_s16(to + 24, vldrbq_gather_offset_z_s16(second, next_places, high));
        vstrbq_s16(to + 32, vldrbq_gather_offset_s16(third, first_places));
        vstrbq_s16(to + 40, vldrbq_gather_offset_z_s16(third, next_places, high));
        vstrbq_s16(to + 48, vldrbq_gather_offset_s16(fourth, first_places));
        vstrbq_s16(to + 56, vldrbq_gather_offset_z_s16(fourth, next_places, high));
        places += 16;
        to += 64;
    }
}

/* `count` vectors from places `step` apart. */
static inline void ek_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t count) {
    for (; count > 0; --count) {
        vstrbq_s8(to, vldrbq_s8(from));
        from += step;
        to += 16;
    }
}

static inline void ek_six_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step) {
    const int8_t *third = from + 2 * step;
    const int8_t *fifth = third + 2 * step;
    vstrbq_s8(to, vldrbq_s8(from));
    vstrbq_s8(to + 16, vldrbq_s8(from + step));
    vstrbq_s8(to + 32, vldrbq_s8(third));
    vstrbq_s8(to + 48, vldrbq_s8(third + step));
    vstrbq_s8(to + 64, vldrbq_s8(fifth));
    vstrbq_s8(to + 80, vldrbq_s8(fifth + step));
}

#else

static inline void ek_copy_s8_mve(int8_t *to, const int8_t *from, int32_t size) {
    for (int32_t i = 0; i < size; ++i) {
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

static inline void ek_fill_vectors_s8_mve(int8_t *to, int32_t value, int32_t count) {
    for (int32_t i = 0; i < 16 * count; ++i) {
        to[i] = (int8_t)value;
    }
}

static inline void ek_spread_s8_mve(int8_t *to, const int8_t *from, int32_t size, int32_t block) {
    for (int32_t i = 0; i < (size + block - 1) / block; ++i) {
        for (int32_t k = 0; k < 16; ++k) {
            const int32_t at = i * block + k;
            to[64 * i + k] = k < block && at < size ? from[at] : 0;
        }
    }
}

static inline int8_t *ek_spread_vectors_s8_mve(int8_t *to, const int8_t *from, int32_t steps) {
    ek_spread_s8_mve(to, from, 16 * steps, 16);
    return to + 64 * steps;
}

static inline void ek_gather_s8_mve(int8_t *to, const int8_t *from, const uint16_t *places, int32_t steps,
                                    int32_t block) {
    for (int32_t i = 0; i < 16 * steps; ++i) {
        to[i / 16 * 64 + i % 16] = i % 16 < block ? from[places[i]] : 0;
    }
}

static inline void ek_interleave_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t size,
                                        int32_t block) {
    for (int32_t i = 0; i < 4; ++i) {
        ek_spread_s8_mve(to + 16 * i, from + i * step, size, block);
    }
}

static inline int8_t *ek_interleave_vectors_s8_mve(int8_t *to, const int8_t *from, int32_t step,
                                                   int32_t steps) {
    ek_interleave_s8_mve(to, from, step, 16 * steps, 16);
    return to + 64 * steps;
}

static inline void ek_gather_four_s8_mve(int8_t *to, const int8_t *const from[4], const uint16_t *places,
                                         int32_t steps, int32_t block) {
    for (int32_t i = 0; i < 4; ++i) {
        ek_gather_s8_mve(to + 16 * i, from[i], places, steps, block);
    }
}

static inline void ek_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step, int32_t count) {
    for (int32_t i = 0; i < 16 * count; ++i) {
        to[i] = from[i / 16 * step + i % 16];
    }
}

static inline void ek_six_columns_s8_mve(int8_t *to, const int8_t *from, int32_t step) {
    ek_columns_s8_mve(to, from, step, 6);
}

#endif

#endif
