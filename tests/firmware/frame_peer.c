/* Speaks for the C side of the link in tests: commands on stdin, answers on stdout, all sizes u32.
 *   'c' size data            -> crc
 *   'e' type seq size data   -> size encoded
 *   'd' size data            -> per event: 1 type seq size body, or 2; then 0 */
#include <stdio.h>
#include <stdlib.h>

#include "ek_crc32.h"
#include "ek_frame.h"

static uint32_t take(void) {
    uint8_t bytes[4];
    if (fread(bytes, 1, sizeof bytes, stdin) != sizeof bytes) {
        exit(0);
    }
    return ek_get_u32(bytes);
}

static void give(uint32_t value) {
    uint8_t bytes[4];
    ek_set_u32(bytes, value);
    fwrite(bytes, 1, sizeof bytes, stdout);
}

static void give_bytes(const uint8_t *data, size_t size) {
    give((uint32_t)size);
    fwrite(data, 1, size, stdout);
}

int main(void) {
    static ek_frame_decoder_t decoder;
    static ek_frame_encoder_t encoder;
    ek_frame_decoder_init(&decoder);
    for (;;) {
        const uint32_t command = take();
        const uint32_t type = command == 'e' ? take() : 0U;
        const uint32_t sequence = command == 'e' ? take() : 0U;
        const uint32_t size = take();
        uint8_t *data = malloc(size + 1U); /* its own block, so that the sanitizer sees every overrun */
        if (data == NULL || fread(data, 1, size, stdin) != size) {
            return 1;
        }
        if (command == 'c') {
            give(ek_crc32(0, data, size));
        } else if (command == 'e') {
            ek_frame_begin(&encoder, (uint8_t)type, (uint16_t)sequence);
            ek_frame_put(&encoder, data, size);
            give_bytes(encoder.out, ek_frame_end(&encoder));
        } else {
            for (uint32_t i = 0; i < size; i++) {
                ek_frame_t frame;
                const ek_frame_event_t event = ek_frame_decode(&decoder, data[i], &frame);
                if (event == EK_FRAME_WHOLE) {
                    give(1);
                    give(frame.type);
                    give(frame.sequence);
                    give_bytes(frame.body, frame.size);
                } else if (event == EK_FRAME_DAMAGED) {
                    give(2);
                }
            }
            give(0);
        }
        free(data);
        fflush(stdout);
    }
}
