/* Consistent Overhead Byte Stuffing: bytes without zeros, so that a zero ends a frame.
 *
 * Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999. Each block is a code byte n and
 * n - 1 bytes; a zero stands after every block except one of code 255 and the last.
 */
#ifndef EK_COBS_H
#define EK_COBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most bytes that `size` bytes become, without the delimiters. */
#define EK_COBS_MAX(size) ((size) + (size) / 254U + 1U)

typedef struct {
    uint8_t *out; /* room for EK_COBS_MAX of all bytes that are put */
    size_t size;  /* bytes written, the open block's code included */
    size_t code;  /* where the open block's code will stand */
} ek_cobs_encoder_t;

void ek_cobs_encode_begin(ek_cobs_encoder_t *encoder, uint8_t *out);
void ek_cobs_encode(ek_cobs_encoder_t *encoder, const uint8_t *data, size_t size);

/* Closes the last block; returns the number of bytes in `out`. */
size_t ek_cobs_encode_end(ek_cobs_encoder_t *encoder);

typedef struct {
    uint8_t *out;
    size_t capacity;
    size_t size;   /* bytes decoded */
    uint8_t left;  /* bytes that the open block still lacks */
    bool zero;     /* a zero stands before the next block */
    bool overflow; /* more than `capacity` bytes came */
} ek_cobs_decoder_t;

/* Begins a frame; `out` keeps at most `capacity` bytes of it. */
void ek_cobs_decode_begin(ek_cobs_decoder_t *decoder, uint8_t *out, size_t capacity);

/* Takes one byte of a frame, which is not zero. */
void ek_cobs_decode(ek_cobs_decoder_t *decoder, uint8_t byte);

/* Whether what was taken is a whole frame that fitted. */
bool ek_cobs_decode_end(const ek_cobs_decoder_t *decoder);

#ifdef __cplusplus
}
#endif

#endif
