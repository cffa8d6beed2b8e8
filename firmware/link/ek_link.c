#include "ek_link.h"

#include "ek_port.h"

void ek_link_init(ek_link_t *link) {
    ek_frame_decoder_init(&link->decoder);
    link->received_size = 0;
    link->received_at = 0;
    link->frames = 0;
    link->damaged = 0;
    link->damage_told = false;
}

static bool next_byte(ek_link_t *link, uint8_t *byte) {
    if (link->received_at == link->received_size) {
        link->received_at = 0;
        link->received_size = ek_port_read(link->received, sizeof link->received);
        if (link->received_size == 0U) {
            return false;
        }
    }
    *byte = link->received[link->received_at++];
    return true;
}

bool ek_link_receive(ek_link_t *link, ek_frame_t *frame) {
    uint8_t byte;
    while (next_byte(link, &byte)) {
        const ek_frame_event_t event = ek_frame_decode(&link->decoder, byte, frame);
        if (event == EK_FRAME_WHOLE) {
            link->frames++;
            link->damage_told = false;
            return true;
        }
        if (event == EK_FRAME_DAMAGED) {
            link->damaged++;
            if (!link->damage_told) { /* noise must not make the board talk without end */
                link->damage_told = true;
                ek_link_error(link, 0, EK_WIRE_DAMAGED, link->damaged);
            }
        }
    }
    return false;
}

void ek_link_begin(ek_link_t *link, uint8_t type, uint16_t sequence) {
    ek_frame_begin(&link->encoder, type, sequence);
}

void ek_link_send(ek_link_t *link) {
    const size_t size = ek_frame_end(&link->encoder);
    ek_port_write(link->encoder.out, size);
}

void ek_link_error(ek_link_t *link, uint16_t sequence, uint8_t code, uint32_t detail) {
    ek_link_begin(link, EK_WIRE_ERROR, sequence);
    ek_frame_put_u8(&link->encoder, code);
    ek_frame_put_u32(&link->encoder, detail);
    ek_link_send(link);
}
