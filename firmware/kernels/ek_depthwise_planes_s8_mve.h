/* DEPTHWISE_CONV_2D on int8 with Helium for narrow pictures, channel by channel: multiplier 1, no dilation;
 * rounds twice.
 *
 * A channel lies in the scratch memory as a plane of its own, with rows of padding above and below, but none
 * beside. One vector of 16 bytes then holds all rows under a window, so each output column has weights of
 * its own, without the taps that lie beside the picture. Four outputs of a column are made at once.
 * A channel is read whole before it is written. */
#ifndef EK_DEPTHWISE_PLANES_S8_MVE_H
#define EK_DEPTHWISE_PLANES_S8_MVE_H

#include <stdint.h>

enum { EK_PLANES_MOST_COLUMNS = 8 };

/* The taps of an output column in its vector. */
typedef struct {
    int32_t displacement;
    uint32_t inside; /* bits of the bytes that are under the window */
} ek_planes_column_t;

typedef struct {
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;  /* <= 0, to the right */
    const int8_t *weights; /* [channels][taps], then 16 bytes that count for nothing */
    int32_t channels;
    int32_t taps;
    uint8_t places[16]; /* of the taps in a plane */
    int32_t fix; /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t output_zero_point;
    int32_t input_zero_point;
    int32_t batches;
    int32_t pixels;      /* of one picture */
    int32_t above;       /* bytes of padding before them */
    int32_t plane;       /* bytes of all, a multiple of 16 */
    int32_t together;    /* planes: 4, with at least 16 pixels and a multiple of 4 channels, or 1 */
    int32_t output_rows; /* >= 4 */
    int32_t row_step;    /* bytes of the plane from output row to output row */
    int32_t columns;     /* of the output */
    ek_planes_column_t taps_of[EK_PLANES_MOST_COLUMNS];
    int32_t parts;                                /* of the columns, which read the same vectors */
    int32_t part_offsets[EK_PLANES_MOST_COLUMNS]; /* of these vectors */
    int32_t part_columns[EK_PLANES_MOST_COLUMNS];
} ek_depthwise_planes_s8_mve_params_t;

/* scratch: 32 bytes for each column, 48 bytes, 64 if planes are together, and the planes. */
void ek_depthwise_planes_s8_mve(const ek_depthwise_planes_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch);

#endif
