/* Frames: zero, COBS(type u8, sequence u16, body, CRC-32 u32), zero. */
#ifndef EK_FRAME_H
#define EK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ek_cobs.h"
#include "ek_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t type;
    uint16_t sequence;
    const uint8_t *body; /* valid until the decoder takes its next byte */
    size_t size;         /* of the body */
} ek_frame_t;

typedef enum {
    EK_FRAME_NONE,   /* nothing complete yet */
    EK_FRAME_WHOLE,  /* a frame whose CRC holds */
    EK_FRAME_DAMAGED /* something ended that is no frame */
} ek_frame_event_t;

typedef struct {
    uint8_t data[EK_WIRE_FRAME];
    ek_cobs_decoder_t cobs;
    bool empty; /* nothing came since the last zero */
} ek_frame_decoder_t;

void ek_frame_decoder_init(ek_frame_decoder_t *decoder);
ek_frame_event_t ek_frame_decode(ek_frame_decoder_t *decoder, uint8_t byte, ek_frame_t *frame);

typedef struct {
    uint8_t out[EK_COBS_MAX(EK_WIRE_FRAME) + 2U];
    ek_cobs_encoder_t cobs;
    uint32_t crc;
    size_t room; /* bytes that the body may still take */
} ek_frame_encoder_t;

void ek_frame_begin(ek_frame_encoder_t *encoder, uint8_t type, uint16_t sequence);

/* Adds bytes to the body; what exceeds the frame's bound is left out. */
void ek_frame_put(ek_frame_encoder_t *encoder, const void *data, size_t size);
void ek_frame_put_u8(ek_frame_encoder_t *encoder, uint8_t value);
void ek_frame_put_u16(ek_frame_encoder_t *encoder, uint16_t value);
void ek_frame_put_u32(ek_frame_encoder_t *encoder, uint32_t value);

/* A length byte and at most `limit` (<= 255) bytes of `text`. */
void ek_frame_put_text(ek_frame_encoder_t *encoder, const char *text, uint8_t limit);

/* Ends the frame; returns the number of bytes to send from `out`. */
size_t ek_frame_end(ek_frame_encoder_t *encoder);

uint16_t ek_get_u16(const uint8_t *bytes);
uint32_t ek_get_u32(const uint8_t *bytes);
void ek_set_u32(uint8_t *bytes, uint32_t value);
void ek_set_u64(uint8_t *bytes, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
