/* One end of the serial line: whole frames in, whole frames out, over ek_port. */
#ifndef EK_LINK_H
#define EK_LINK_H

#include "ek_frame.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ek_frame_decoder_t decoder;
    ek_frame_encoder_t encoder;
    uint8_t received[64]; /* read from the port and not yet decoded */
    size_t received_size;
    size_t received_at;
    uint32_t frames;  /* whole frames received */
    uint32_t damaged; /* frames thrown away */
    bool damage_told; /* since the last whole frame */
} ek_link_t;

void ek_link_init(ek_link_t *link);

/* Finds the next whole frame among the bytes that wait at the port; false when they hold none. Never
 * blocks. The first of several damaged frames in a row is answered with EK_WIRE_DAMAGED. */
bool ek_link_receive(ek_link_t *link, ek_frame_t *frame);

/* A frame is sent by ek_link_begin(), ek_frame_put...(&link->encoder, ...) and ek_link_send(). */
void ek_link_begin(ek_link_t *link, uint8_t type, uint16_t sequence);
void ek_link_send(ek_link_t *link);

/* Answers the request `sequence` with an error; `detail` is described with each code. */
void ek_link_error(ek_link_t *link, uint16_t sequence, uint8_t code, uint32_t detail);

#ifdef __cplusplus
}
#endif

#endif
