/* Boxes from a detector's tensors: cells above a threshold, their boxes, the weaker of two that overlap left
 * out. Whole numbers throughout; edgekit/postproc/boxes.py gives the same. */
#ifndef EK_BOXES_H
#define EK_BOXES_H

#include <stdbool.h>
#include <stdint.h>

/* A box, cut to the picture; EK_BOX_SUBPIXELS units to a pixel, from the picture's upper left corner. */
typedef struct {
    int32_t left;
    int32_t top;
    int32_t right;
    int32_t bottom;
    uint32_t cell; /* (row * columns + column) * classes + class of the grid */
    int16_t label; /* index of the class */
    int16_t score; /* coverage as the tensor holds it; greater is surer */
} ek_box_t;

#define EK_BOX_SUBPIXELS (16)

typedef struct {
    uint32_t rows; /* of the coverage tensor */
    uint32_t columns;
    uint32_t classes;
    int32_t pitch;           /* units from cell to cell */
    int32_t origin;          /* units from a cell's corner to where its box is measured from */
    int32_t threshold;       /* least coverage of a candidate */
    int32_t multiplier;      /* units per step of a box value, with 16 fraction bits */
    int32_t zero;            /* box value of the distance 0 */
    int32_t half;            /* half the side of every box, where there is no box tensor */
    int32_t iou;             /* overlap in 1/256 from which, exclusive, the weaker box is left out */
    uint32_t max_candidates; /* cells that are looked at */
    uint32_t max_boxes;      /* boxes that are given */
    bool wide;               /* tensors are int16_t, else int8_t */
} ek_boxes_params_t;

/* Writes the boxes of the most covered cells, the most covered first, equal ones by rising cell number;
 * returns how many. `found` has room for p->max_candidates. `coverage` is [rows, columns, classes], `boxes`
 * [rows, columns, 4 * classes] or NULL: each box is a square about the middle of its cell. */
uint32_t ek_boxes_decode(const ek_boxes_params_t *p, const void *coverage, const void *boxes,
                         ek_box_t *found);

/* Keeps, of `count` boxes in order, each that overlaps no kept one of its class by more than p->iou, and
 * p->max_boxes at most; moves them to the front and returns how many. */
uint32_t ek_boxes_suppress(const ek_boxes_params_t *p, ek_box_t *found, uint32_t count);

#endif
