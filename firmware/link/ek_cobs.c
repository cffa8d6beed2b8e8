#include "ek_cobs.h"

#define FULL_BLOCK 255U

static void open_block(ek_cobs_encoder_t *encoder) {
    encoder->code = encoder->size++;
}

static void close_block(ek_cobs_encoder_t *encoder) {
    encoder->out[encoder->code] = (uint8_t)(encoder->size - encoder->code);
}

void ek_cobs_encode_begin(ek_cobs_encoder_t *encoder, uint8_t *out) {
    encoder->out = out;
    encoder->size = 0;
    open_block(encoder);
}

void ek_cobs_encode(ek_cobs_encoder_t *encoder, const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        /* A full block is closed only when more follows: at the end it needs no empty one behind it. */
        if (encoder->size - encoder->code == FULL_BLOCK) {
            close_block(encoder);
            open_block(encoder);
        }
        if (data[i] == 0U) {
            close_block(encoder);
            open_block(encoder);
        } else {
            encoder->out[encoder->size++] = data[i];
        }
    }
}

size_t ek_cobs_encode_end(ek_cobs_encoder_t *encoder) {
    close_block(encoder);
    return encoder->size;
}

void ek_cobs_decode_begin(ek_cobs_decoder_t *decoder, uint8_t *out, size_t capacity) {
    *decoder = (ek_cobs_decoder_t){.out = out, .capacity = capacity};
}

static void append(ek_cobs_decoder_t *decoder, uint8_t byte) {
    if (decoder->size < decoder->capacity) {
        decoder->out[decoder->size++] = byte;
    } else {
        decoder->overflow = true;
    }
}

void ek_cobs_decode(ek_cobs_decoder_t *decoder, uint8_t byte) {
    if (decoder->left > 0U) {
        append(decoder, byte);
        decoder->left--;
        return;
    }
    if (decoder->zero) {
        append(decoder, 0);
    }
    decoder->left = (uint8_t)(byte - 1U);
    decoder->zero = byte != FULL_BLOCK;
}

bool ek_cobs_decode_end(const ek_cobs_decoder_t *decoder) {
    return decoder->left == 0U && !decoder->overflow;
}
