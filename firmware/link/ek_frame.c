#include "ek_frame.h"

#include "ek_crc32.h"

static void begin(ek_frame_decoder_t *decoder) {
    ek_cobs_decode_begin(&decoder->cobs, decoder->data, sizeof decoder->data);
    decoder->empty = true;
}

void ek_frame_decoder_init(ek_frame_decoder_t *decoder) {
    begin(decoder);
}

/* Whether the bytes since the last zero are a frame; if so, describes it. */
static bool whole(const ek_frame_decoder_t *decoder, ek_frame_t *frame) {
    const size_t size = decoder->cobs.size;
    if (!ek_cobs_decode_end(&decoder->cobs) || size < EK_WIRE_HEADER + EK_WIRE_CRC) {
        return false;
    }
    const uint8_t *data = decoder->data;
    if (ek_crc32(0, data, size - EK_WIRE_CRC) != ek_get_u32(data + size - EK_WIRE_CRC)) {
        return false;
    }
    *frame = (ek_frame_t){.type = data[0],
                          .sequence = ek_get_u16(data + 1),
                          .body = data + EK_WIRE_HEADER,
                          .size = size - EK_WIRE_HEADER - EK_WIRE_CRC};
    return true;
}

ek_frame_event_t ek_frame_decode(ek_frame_decoder_t *decoder, uint8_t byte, ek_frame_t *frame) {
    if (byte != 0U) {
        ek_cobs_decode(&decoder->cobs, byte);
        decoder->empty = false;
        return EK_FRAME_NONE;
    }
    if (decoder->empty) {
        return EK_FRAME_NONE;
    }
    const bool good = whole(decoder, frame);
    begin(decoder);
    return good ? EK_FRAME_WHOLE : EK_FRAME_DAMAGED;
}

void ek_frame_begin(ek_frame_encoder_t *encoder, uint8_t type, uint16_t sequence) {
    encoder->out[0] = 0;
    ek_cobs_encode_begin(&encoder->cobs, encoder->out + 1);
    encoder->crc = 0;
    encoder->room = EK_WIRE_FRAME - EK_WIRE_CRC;
    ek_frame_put_u8(encoder, type);
    ek_frame_put_u16(encoder, sequence);
}

void ek_frame_put(ek_frame_encoder_t *encoder, const void *data, size_t size) {
    const size_t count = size < encoder->room ? size : encoder->room;
    encoder->crc = ek_crc32(encoder->crc, data, count);
    ek_cobs_encode(&encoder->cobs, data, count);
    encoder->room -= count;
}

void ek_frame_put_u8(ek_frame_encoder_t *encoder, uint8_t value) {
    ek_frame_put(encoder, &value, 1);
}

void ek_frame_put_u16(ek_frame_encoder_t *encoder, uint16_t value) {
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    ek_frame_put(encoder, bytes, sizeof bytes);
}

void ek_frame_put_u32(ek_frame_encoder_t *encoder, uint32_t value) {
    uint8_t bytes[4];
    ek_set_u32(bytes, value);
    ek_frame_put(encoder, bytes, sizeof bytes);
}

void ek_frame_put_text(ek_frame_encoder_t *encoder, const char *text, uint8_t limit) {
    uint8_t size = 0;
    while (size < limit && text[size] != '\0') {
        size++;
    }
    ek_frame_put_u8(encoder, size);
    ek_frame_put(encoder, text, size);
}

size_t ek_frame_end(ek_frame_encoder_t *encoder) {
    uint8_t crc[EK_WIRE_CRC];
    ek_set_u32(crc, encoder->crc);
    ek_cobs_encode(&encoder->cobs, crc, sizeof crc);
    const size_t size = ek_cobs_encode_end(&encoder->cobs);
    encoder->out[size + 1U] = 0;
    return size + 2U;
}

uint16_t ek_get_u16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] | (bytes[1] << 8));
}

uint32_t ek_get_u32(const uint8_t *bytes) {
    return (uint32_t)ek_get_u16(bytes) | ((uint32_t)ek_get_u16(bytes + 2) << 16);
}

void ek_set_u32(uint8_t *bytes, uint32_t value) {
    for (unsigned i = 0; i < 4U; i++) {
        bytes[i] = (uint8_t)(value >> (8U * i));
    }
}

void ek_set_u64(uint8_t *bytes, uint64_t value) {
    ek_set_u32(bytes, (uint32_t)value);
    ek_set_u32(bytes + 4, (uint32_t)(value >> 32));
}
