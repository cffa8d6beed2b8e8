/* Rows of tensors that operators pass on to each other as they are made. */
#ifndef EK_ROWS_H
#define EK_ROWS_H

#include <stdint.h>
#include <string.h>

/* A tensor by rows: whole, or a window that goes along it. */
typedef struct {
    uint8_t *at; /* where row `first` lies */
    int32_t row_bytes;
    int32_t room;  /* rows that fit */
    int32_t first; /* negative: so many rows in front of the tensor's first are left out */
    int32_t end;   /* rows made so far */
} ek_rows_t;

static inline uint8_t *ek_rows_at(const ek_rows_t *rows, int32_t row) {
    return rows->at + (row - rows->first) * rows->row_bytes;
}

static inline int32_t ek_rows_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static inline int32_t ek_rows_max(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* The first input row that an output row needs: windows slide by `stride`, `before` rows of padding in front.
 */
static inline int32_t ek_rows_first(int32_t row, int32_t stride, int32_t before) {
    return ek_rows_max(0, row * stride - before);
}

/* Behind the last input row that an output row needs: it is `ahead` of the row's own, of `height` in all. */
static inline int32_t ek_rows_end(int32_t row, int32_t stride, int32_t ahead, int32_t height) {
    return ek_rows_min(height, row * stride + ahead);
}

/* Makes room for `count` rows more: where none is left, those from `needed` on move to the beginning. */
static inline void ek_rows_reserve(ek_rows_t *rows, int32_t needed, int32_t count) {
    if (rows->end + count - rows->first <= rows->room) {
        return;
    }
    const int32_t keep = ek_rows_min(needed, rows->end);
    const uint8_t *from = ek_rows_at(rows, keep);
    uint8_t *to = rows->at;
    int32_t bytes = from == to ? 0 : (rows->end - keep) * rows->row_bytes;
    for (; bytes >= 16; bytes -= 16) { /* small libraries move byte by byte */
        uint32_t words[4];
        memcpy(words, from, sizeof(words));
        memcpy(to, words, sizeof(words));
        from += sizeof(words);
        to += sizeof(words);
    }
    if (bytes > 0) {
        memmove(to, from, (size_t)bytes);
    }
    rows->first = keep;
}

#endif
