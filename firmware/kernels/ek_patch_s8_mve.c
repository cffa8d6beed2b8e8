#include "ek_patch_s8_mve.h"

#include <stddef.h>

#include "ek_copy_s8_mve.h"
#include "ek_matrix_s8_mve.h"

/* The part of one axis of a window that lies inside the input. */
typedef struct {
    int32_t first;
    int32_t end;
} part_t;

static part_t inside(int32_t at, int32_t taps, int32_t size) {
    const int32_t first = at < 0 ? -at : 0;
    const int32_t room = size - at;
    const int32_t end = room < taps ? room : taps;
    return (part_t){first, end > first ? end : first};
}

/* Writes four windows inside the input, the first value of each `step` after that of the one before. */
static void interleave(const ek_patch_s8_mve_t *p, const int8_t *from, int32_t step, int8_t *to) {
    const int32_t window = p->kernel_width * p->input_channels;
    if (p->places != NULL) {
        const int8_t *const windows[] = {from, from + step, from + 2 * step, from + 3 * step};
        ek_gather_four_s8_mve(to, windows, p->places, p->steps, p->block);
    } else if (window % EK_MATRIX_VECTOR != 0) {
        ek_interleave_s8_mve(to, from, step, window, p->block);
    } else {
        for (int32_t i = p->kernel_height; i > 0; --i) {
            to = ek_interleave_vectors_s8_mve(to, from, step, window / EK_MATRIX_VECTOR);
            from += p->input_width * p->input_channels;
        }
    }
}

/* Writes a window inside the input to every fourth vector from `to` on. */
static void spread(const ek_patch_s8_mve_t *p, const int8_t *from, int8_t *to) {
    const int32_t window = p->kernel_width * p->input_channels;
    if (p->places != NULL) {
        ek_gather_s8_mve(to, from, p->places, p->steps, p->block);
    } else if (window % EK_MATRIX_VECTOR != 0) {
        ek_spread_s8_mve(to, from, window, p->block);
    } else {
        for (int32_t i = p->kernel_height; i > 0; --i) {
            to = ek_spread_vectors_s8_mve(to, from, window / EK_MATRIX_VECTOR);
            from += p->input_width * p->input_channels;
        }
    }
}

/* The same for any window, put together in `row` first. */
static void gather(const ek_patch_s8_mve_t *p, const int8_t *image, int32_t y, int32_t x, int8_t *row,
                   int8_t *to) {
    const int32_t channels = p->input_channels;
    const part_t rows = inside(y, p->kernel_height, p->input_height);
    const part_t columns = inside(x, p->kernel_width, p->input_width);
    const int32_t row_size = p->input_width * channels;
    const int32_t window = p->kernel_width * channels;
    const int32_t size = (columns.end - columns.first) * channels;
    const int32_t depth = p->kernel_height * window;
    ek_fill_vectors_s8_mve(row, p->input_zero_point, (depth + EK_MATRIX_VECTOR - 1) / EK_MATRIX_VECTOR);
    if (size > 0) {
        ek_copy_rows_s8_mve(row + rows.first * window + columns.first * channels, window,
                            image + (y + rows.first) * row_size + (x + columns.first) * channels, row_size,
                            rows.end - rows.first, size);
    }
    ek_spread_s8_mve(to, row, depth, p->block);
}

void ek_patch_of_windows_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *image, int32_t pixel, int32_t count,
                                int8_t *patch) {
    int8_t *const first = patch;
    int8_t *const row = patch + p->steps * EK_MATRIX_TILE * EK_MATRIX_VECTOR;
    const uint32_t bottom = (uint32_t)(p->input_height - p->kernel_height);
    const uint32_t right = (uint32_t)(p->input_width - p->kernel_width);
    const int32_t oy = pixel / p->output_width;
    int32_t left = p->output_width - (pixel - oy * p->output_width); /* pixels of this row */
    int32_t y = oy * p->stride_height - p->pad_top;
    int32_t x = (p->output_width - left) * p->stride_width - p->pad_left;
    if (p->direct && count == EK_MATRIX_TILE && left >= EK_MATRIX_TILE && (uint32_t)y <= bottom && x >= 0 &&
        x + (EK_MATRIX_TILE - 1) * p->stride_width <= (int32_t)right) {
        interleave(p, image + (y * p->input_width + x) * p->input_channels,
                   p->stride_width * p->input_channels, patch);
        return;
    }
    const bool together = p->framed && count == EK_MATRIX_TILE;
    const int8_t *windows[EK_MATRIX_TILE];
    for (; count > 0; --count) {
        if (together) {
            windows[EK_MATRIX_TILE - count] = image + (y * p->input_width + x) * p->input_channels;
        } else if (p->direct && (uint32_t)y <= bottom && (uint32_t)x <= right) {
            spread(p, image + (y * p->input_width + x) * p->input_channels, patch);
        } else {
            gather(p, image, y, x, row, patch);
        }
        patch += EK_MATRIX_VECTOR;
        x += p->stride_width;
        if (--left == 0) {
            left = p->output_width;
            x = -p->pad_left;
            y += p->stride_height;
        }
    }
    if (together) {
        ek_gather_four_s8_mve(first, windows, p->places, p->steps, p->block);
    }
}

void ek_patch_frame_s8_mve(const ek_patch_s8_mve_t *p, const ek_frame_s8_mve_t *frame, const int8_t *image,
                           int8_t *framed) {
    const int32_t row = p->input_width * p->input_channels;
    ek_fill_s8_mve(framed, p->input_zero_point, p->input_height * row);
    ek_copy_rows_s8_mve(framed + frame->before, row, image, frame->row, frame->rows, frame->row);
}

void ek_patch_of_pixels_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *input, int32_t count,
                               int8_t *patch) {
    const int32_t depth = p->input_channels;
    if (count < EK_MATRIX_TILE) {
        for (int32_t i = 0; i < count; ++i) {
            ek_spread_s8_mve(patch + i * EK_MATRIX_VECTOR, input + i * depth, depth, p->block);
        }
    } else if (depth % EK_MATRIX_VECTOR != 0) {
        ek_interleave_s8_mve(patch, input, depth, depth, p->block);
    } else {
        (void)ek_interleave_vectors_s8_mve(patch, input, depth, p->steps);
    }
}

static void columns_inside(const ek_patch_s8_mve_t *p, const int8_t *from, int8_t *patch) {
    const int32_t channels = p->input_channels;
    if (channels == EK_MATRIX_VECTOR) {
        for (int32_t i = p->kernel_height; i > 0; --i) {
            ek_six_columns_s8_mve(patch, from, EK_MATRIX_VECTOR);
            patch += EK_MATRIX_COLUMNS * EK_MATRIX_VECTOR;
            from += p->input_width * EK_MATRIX_VECTOR;
        }
        return;
    }
    for (int32_t i = p->kernel_height; i > 0; --i) {
        const int8_t *at = from;
        for (int32_t left = channels; left > 0; left -= EK_MATRIX_VECTOR) {
            ek_six_columns_s8_mve(patch, at, channels);
            at += EK_MATRIX_VECTOR;
            patch += EK_MATRIX_COLUMNS * EK_MATRIX_VECTOR;
        }
        from += p->input_width * channels;
    }
}

void ek_patch_of_columns_s8_mve(const ek_patch_s8_mve_t *p, const int8_t *image, int32_t y, int32_t x,
                                int8_t *patch) {
    const int32_t channels = p->input_channels;
    const part_t columns = inside(x, EK_MATRIX_COLUMNS, p->input_width);
    const int32_t count = columns.end - columns.first;
    if (count == EK_MATRIX_COLUMNS && y >= 0 && y + p->kernel_height <= p->input_height) {
        columns_inside(p, image + (y * p->input_width + x) * channels, patch);
        return;
    }
    ek_fill_vectors_s8_mve(patch, p->input_zero_point, p->steps * EK_MATRIX_COLUMNS);
    const part_t rows = inside(y, p->kernel_height, p->input_height);
    const int32_t blocks = channels / EK_MATRIX_VECTOR;
    patch += (rows.first * blocks * EK_MATRIX_COLUMNS + columns.first) * EK_MATRIX_VECTOR;
    for (int32_t i = rows.first; i < rows.end; ++i) {
        const int8_t *from = image + ((y + i) * p->input_width + x + columns.first) * channels;
        for (int32_t j = 0; j < blocks; ++j) {
            ek_columns_s8_mve(patch, from, channels, count);
            from += EK_MATRIX_VECTOR;
            patch += EK_MATRIX_COLUMNS * EK_MATRIX_VECTOR;
        }
    }
}
