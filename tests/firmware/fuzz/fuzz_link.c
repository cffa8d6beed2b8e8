/* libFuzzer target: bytes from the line into the decoder and the whole validation application.
 *
 * The first byte says what the rest is: even, raw bytes as a line may bring them; odd, requests
 * (type u8, size u8, body), which are framed here, so that they pass the CRC and reach what is behind it.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ek_frame.h"
#include "ek_port.h"

static jmp_buf worked_off;
static const uint8_t *line;
static size_t line_size;
static ek_frame_decoder_t answers; /* what the application says must be frames that hold */

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    const size_t count = line_size < capacity ? line_size : capacity;
    if (count > 0U) {
        memcpy(data, line, count);
    }
    line += count;
    line_size -= count;
    return count;
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        ek_frame_t frame;
        require(ek_frame_decode(&answers, data[i], &frame) != EK_FRAME_DAMAGED);
    }
}

void ek_port_idle(void) {
    longjmp(worked_off, 1);
}

void ek_port_init(void) {}

uint64_t ek_port_counter(void) {
    static uint64_t ticks;
    return ticks += 10U;
}

void ek_port_counter_align(void) {}

const char *ek_port_counter_unit(void) {
    return "ns";
}

uint32_t ek_port_counter_hz(void) {
    return 1000000000U;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}

void ek_port_stack_paint(void) {}

size_t ek_port_stack_high_water(void) {
    return 0;
}

_Noreturn void ek_port_exit(int status) {
    (void)status;
    abort();
}

_Noreturn void ek_port_reset(void) {
    abort();
}

static void run(const uint8_t *data, size_t size) {
    line = data;
    line_size = size;
    ek_frame_decoder_init(&answers);
    if (setjmp(worked_off) == 0) {
        (void)ek_app_main();
    }
}

/* A frame that was decoded gives the same bytes again, within the bounds. */
static void decode(const uint8_t *data, size_t size) {
    static ek_frame_decoder_t decoder;
    static ek_frame_decoder_t second;
    static ek_frame_encoder_t encoder;
    ek_frame_decoder_init(&decoder);
    for (size_t i = 0; i < size; i++) {
        ek_frame_t frame;
        if (ek_frame_decode(&decoder, data[i], &frame) != EK_FRAME_WHOLE) {
            continue;
        }
        require(frame.size <= EK_WIRE_FRAME);
        ek_frame_begin(&encoder, frame.type, frame.sequence);
        ek_frame_put(&encoder, frame.body, frame.size);
        const size_t encoded = ek_frame_end(&encoder);
        ek_frame_decoder_init(&second);
        ek_frame_event_t event = EK_FRAME_NONE;
        ek_frame_t again;
        for (size_t k = 0; k < encoded && event == EK_FRAME_NONE; k++) {
            event = ek_frame_decode(&second, encoder.out[k], &again);
        }
        require(event == EK_FRAME_WHOLE && again.type == frame.type && again.sequence == frame.sequence);
        require(again.size == frame.size && memcmp(again.body, frame.body, frame.size) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0U) {
        return 0;
    }
    const bool framed = (data[0] & 1U) != 0U;
    data++;
    size--;
    if (!framed) {
        decode(data, size);
        run(data, size);
        return 0;
    }
    static uint8_t out[1U << 17];
    static ek_frame_encoder_t encoder;
    size_t filled = 0;
    uint16_t sequence = 0;
    while (size >= 2U && filled + sizeof encoder.out < sizeof out) {
        const size_t body = data[1] <= size - 2U ? data[1] : size - 2U;
        ek_frame_begin(&encoder, data[0], ++sequence);
        ek_frame_put(&encoder, data + 2, body);
        const size_t encoded = ek_frame_end(&encoder);
        memcpy(out + filled, encoder.out, encoded);
        filled += encoded;
        data += 2U + body;
        size -= 2U + body;
    }
    run(out, filled);
    return 0;
}
