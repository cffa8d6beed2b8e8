#include "ek_conv2d_s8_mve.h"

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

/* Writes the window whose first tap is at (y, x) to `row`. */
static void gather(const ek_conv2d_s8_mve_params_t *p, const int8_t *image, int32_t y, int32_t x,
                   int8_t *row) {
    const int32_t channels = p->input_channels;
    const part_t rows = inside(y, p->kernel_height, p->input_height);
    const part_t columns = inside(x, p->kernel_width, p->input_width);
    const int32_t row_size = p->input_width * channels;
    const int32_t window = p->kernel_width * channels;
    const int32_t size = (columns.end - columns.first) * channels;
    if (size < window || rows.end - rows.first < p->kernel_height) {
        ek_fill_s8_mve(row, p->input_zero_point, p->kernel_height * window);
    }
    if (size > 0) {
        ek_copy_rows_s8_mve(row + rows.first * window + columns.first * channels, window,
                            image + (y + rows.first) * row_size + (x + columns.first) * channels, row_size,
                            rows.end - rows.first, size);
    }
}

/* Fills a patch with the windows of `count` pixels from the given one on. */
static void patch_of_windows(const ek_conv2d_s8_mve_params_t *p, const int8_t *image, int32_t pixel,
                             int32_t count, int8_t *patch) {
    const ek_matrix_s8_mve_t *m = &p->matrix;
    const int32_t channels = p->input_channels;
    const int32_t row_size = p->input_width * channels;
    const int32_t window = p->kernel_width * channels;
    const int8_t *corners[EK_MATRIX_TILE];
    int8_t *row = patch + m->steps * EK_MATRIX_TILE * EK_MATRIX_VECTOR;
    bool direct = window % EK_MATRIX_VECTOR == 0;
    for (int32_t n = 0; n < EK_MATRIX_TILE; ++n) {
        const int32_t at = pixel + (n < count ? n : count - 1);
        const int32_t oy = at / p->output_width;
        const int32_t y = oy * p->stride_height - p->pad_top;
        const int32_t x = (at - oy * p->output_width) * p->stride_width - p->pad_left;
        direct = direct && y >= 0 && x >= 0 && y + p->kernel_height <= p->input_height &&
                 x + p->kernel_width <= p->input_width;
        corners[n] = direct ? image + y * row_size + x * channels : image;
    }
    if (direct) {
        for (int32_t i = 0; i < p->kernel_height; ++i) {
            patch = ek_interleave_s8_mve(patch, corners, window / EK_MATRIX_VECTOR);
            for (int32_t n = 0; n < EK_MATRIX_TILE; ++n) {
                corners[n] += row_size;
            }
        }
        return;
    }
    for (int32_t n = 0; n < count; ++n) {
        const int32_t oy = (pixel + n) / p->output_width;
        gather(p, image, oy * p->stride_height - p->pad_top,
               (pixel + n - oy * p->output_width) * p->stride_width - p->pad_left, row);
        ek_spread_s8_mve(patch + n * EK_MATRIX_VECTOR, row, p->kernel_height * window, m->block);
    }
}

static void patch_of_pixels(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int32_t count,
                            int8_t *patch) {
    const int32_t channels = p->input_channels;
    if (channels % EK_MATRIX_VECTOR == 0) {
        const int8_t *rows[EK_MATRIX_TILE];
        for (int32_t n = 0; n < EK_MATRIX_TILE; ++n) {
            rows[n] = input + (n < count ? n : 0) * channels;
        }
        (void)ek_interleave_s8_mve(patch, rows, p->matrix.steps);
        return;
    }
    for (int32_t n = 0; n < count; ++n) {
        ek_spread_s8_mve(patch + n * EK_MATRIX_VECTOR, input + n * channels, channels, p->matrix.block);
    }
}

/* Fills a patch with the columns from x on, each 16 channels by 16 channels, of the rows from y on. */
static void patch_of_columns(const ek_conv2d_s8_mve_params_t *p, const int8_t *image, int32_t y, int32_t x,
                             int8_t *patch) {
    const int32_t channels = p->input_channels;
    const part_t columns = inside(x, EK_MATRIX_COLUMNS, p->input_width);
    for (int32_t i = 0; i < p->kernel_height; ++i) {
        const bool row_inside = y + i >= 0 && y + i < p->input_height;
        const part_t read = row_inside ? columns : (part_t){-x, -x};
        const int8_t *row = image + ((row_inside ? (y + i) * p->input_width : 0) + x + read.first) * channels;
        for (int32_t block = 0; block < channels; block += EK_MATRIX_VECTOR) {
            patch = ek_columns_s8_mve(patch, row + block, channels, read.first, read.end, EK_MATRIX_COLUMNS,
                                      p->input_zero_point);
        }
    }
}

void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      uint8_t *scratch) {
    const ek_matrix_s8_mve_t *m = &p->matrix;
    int8_t *patch = (int8_t *)scratch;
    const bool in_rows = m->taps > 1; /* tiles do not go on in the next row */
    const int32_t pixels = p->output_height * p->output_width;
    const int32_t line = in_rows ? p->output_width : pixels;
    const int32_t tiles = (line + EK_MATRIX_TILE - 1) / EK_MATRIX_TILE;
    const int32_t lines = in_rows ? p->batches * p->output_height : p->batches;
    const int32_t image = p->input_height * p->input_width * p->input_channels;
    for (int32_t i = 0; i < lines; ++i) {
        const int32_t at = p->backward ? lines - 1 - i : i;
        for (int32_t j = 0; j < tiles; ++j) {
            const int32_t first = (p->backward ? tiles - 1 - j : j) * EK_MATRIX_TILE;
            const int32_t count = line - first < EK_MATRIX_TILE ? line - first : EK_MATRIX_TILE;
            if (in_rows) {
                const int32_t batch = at / p->output_height;
                patch_of_columns(p, input + batch * image,
                                 (at - batch * p->output_height) * p->stride_height - p->pad_top,
                                 first - p->pad_left, patch);
            } else if (p->pointwise) {
                patch_of_pixels(p, input + at * image + first * p->input_channels, count, patch);
            } else {
                patch_of_windows(p, input + at * image, first, count, patch);
            }
            ek_matrix_tile_s8_mve(m, patch, count, output + (at * line + first) * m->channels);
        }
    }
}
