#include "ek_boxes.h"

#include <stddef.h>

static int32_t value(const void *tensor, uint32_t at, bool wide) {
    return wide ? ((const int16_t *)tensor)[at] : ((const int8_t *)tensor)[at];
}

static int32_t clamp(int64_t edge, int64_t most) {
    return (int32_t)(edge < 0 ? 0 : (edge > most ? most : edge));
}

static int32_t lesser(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t greater(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* The candidates in order: score and cell, with room for the box. */
static uint32_t candidates(const ek_boxes_params_t *p, const void *coverage, ek_box_t *found) {
    const uint32_t cells = p->rows * p->columns * p->classes;
    uint32_t count = 0U;
    for (uint32_t cell = 0U; cell < cells; cell++) {
        const int32_t score = value(coverage, cell, p->wide);
        if (score < p->threshold || (count == p->max_candidates && score <= found[count - 1U].score)) {
            continue;
        }
        if (count < p->max_candidates) {
            count++;
        }
        uint32_t place = count - 1U;
        while (place > 0U && found[place - 1U].score < score) {
            found[place] = found[place - 1U];
            place--;
        }
        found[place].cell = cell;
        found[place].score = (int16_t)score;
    }
    return count;
}

/* Units of a box value. */
static int64_t distance(const ek_boxes_params_t *p, const void *boxes, uint32_t at) {
    if (boxes == NULL) {
        return p->half;
    }
    const int64_t steps = value(boxes, at, p->wide) - p->zero;
    return (steps * p->multiplier + (INT64_C(1) << 15)) >> 16;
}

uint32_t ek_boxes_decode(const ek_boxes_params_t *p, const void *coverage, const void *boxes,
                         ek_box_t *found) {
    const uint32_t count = candidates(p, coverage, found);
    const int64_t width = (int64_t)p->columns * p->pitch;
    const int64_t height = (int64_t)p->rows * p->pitch;
    uint32_t filled = 0U;
    for (uint32_t i = 0U; i < count; i++) {
        ek_box_t box = found[i];
        const uint32_t place = box.cell / p->classes;
        const int64_t x = (int64_t)(place % p->columns) * p->pitch + p->origin;
        const int64_t y = (int64_t)(place / p->columns) * p->pitch + p->origin;
        box.label = (int16_t)(box.cell % p->classes);
        box.left = clamp(x - distance(p, boxes, 4U * box.cell), width);
        box.top = clamp(y - distance(p, boxes, 4U * box.cell + 1U), height);
        box.right = clamp(x + distance(p, boxes, 4U * box.cell + 2U), width);
        box.bottom = clamp(y + distance(p, boxes, 4U * box.cell + 3U), height);
        if (box.right > box.left && box.bottom > box.top) {
            found[filled] = box;
            filled++;
        }
    }
    return filled;
}

static int64_t area(const ek_box_t *box) {
    return (int64_t)(box->right - box->left) * (box->bottom - box->top);
}

/* Whether two boxes share more than iou / 256 of their union. */
static bool overlap(const ek_box_t *a, const ek_box_t *b, int32_t iou) {
    const int32_t width = lesser(a->right, b->right) - greater(a->left, b->left);
    const int32_t height = lesser(a->bottom, b->bottom) - greater(a->top, b->top);
    if (width <= 0 || height <= 0) {
        return false;
    }
    const int64_t shared = (int64_t)width * height;
    return shared * 256 > iou * (area(a) + area(b) - shared);
}

uint32_t ek_boxes_suppress(const ek_boxes_params_t *p, ek_box_t *found, uint32_t count) {
    uint32_t kept = 0U;
    for (uint32_t i = 0U; i < count && kept < p->max_boxes; i++) {
        bool alone = true;
        for (uint32_t j = 0U; j < kept && alone; j++) {
            alone = found[j].label != found[i].label || !overlap(&found[j], &found[i], p->iou);
        }
        if (alone) {
            found[kept] = found[i];
            kept++;
        }
    }
    return kept;
}
