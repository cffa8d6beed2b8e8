#include "ek_tracing.h"

#include "ek_app_model.h"
#include "ek_crc32.h"

static ek_link_t *line;
static uint16_t cause;                       /* sequence of the request that completed the vector */
static uint32_t current = EK_WIRE_NO_NUMBER; /* the vector that is computed, or was last */
static uint32_t watched_number;
static uint32_t watched_node = EK_WIRE_NO_NUMBER;

void ek_tracing_begin(ek_link_t *link, uint16_t sequence, uint32_t number) {
    line = link;
    cause = sequence;
    current = number;
    for (uint32_t i = 0; i < ek_app_model.traced_count; i++) {
        ek_app_model.traced[i].bytes = 0;
        ek_app_model.traced[i].crc = 0;
    }
}

static void send_piece(uint32_t node, uint32_t offset, const uint8_t *data, uint32_t size) {
    while (size > 0U) {
        const uint32_t count = size < EK_LINK_MAX_DATA ? size : EK_LINK_MAX_DATA;
        ek_link_begin(line, EK_WIRE_TRACED, cause);
        ek_frame_put_u32(&line->encoder, node);
        ek_frame_put_u32(&line->encoder, current);
        ek_frame_put_u32(&line->encoder, offset);
        ek_frame_put(&line->encoder, data, count);
        ek_link_send(line);
        offset += count;
        data += count;
        size -= count;
    }
}

/* Pieces of a node come in order; of one that overlaps those before it the rest is taken, and one behind a
 * gap is not, which its number of bytes then shows. */
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size) {
    if (node >= ek_app_model.traced_count) {
        return;
    }
    ek_app_traced_t *traced = &ek_app_model.traced[node];
    if (offset > traced->bytes || size <= traced->bytes - offset) {
        return;
    }
    const uint32_t known = traced->bytes - offset;
    const uint8_t *fresh = (const uint8_t *)data + known;
    traced->crc = ek_crc32(traced->crc, fresh, size - known);
    if (node == watched_node && current == watched_number) {
        send_piece(node, traced->bytes, fresh, size - known);
    }
    traced->bytes = offset + size;
}

/* Whether the firmware traces and the body has its size; answers the request with the error if not. */
static bool traces(ek_link_t *link, const ek_frame_t *frame, size_t size) {
    if (ek_app_model.traced_count == 0U) {
        ek_link_error(link, frame->sequence, EK_WIRE_NO_TRACE, 0);
        return false;
    }
    if (frame->size != size) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return false;
    }
    return true;
}

/* Answer: nodes u32, number u32, then of each node from the first on: bytes u32, CRC-32 u32. */
void ek_tracing_answer(ek_link_t *link, const ek_frame_t *frame) {
    if (!traces(link, frame, 4U)) {
        return;
    }
    const uint32_t first = ek_get_u32(frame->body);
    if (first >= ek_app_model.traced_count) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, first);
        return;
    }
    ek_link_begin(link, EK_WIRE_TRACE | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u32(&link->encoder, ek_app_model.traced_count);
    ek_frame_put_u32(&link->encoder, current);
    for (uint32_t i = first; i < ek_app_model.traced_count && i - first < EK_LINK_MAX_DATA / 8U; i++) {
        ek_frame_put_u32(&link->encoder, ek_app_model.traced[i].bytes);
        ek_frame_put_u32(&link->encoder, ek_app_model.traced[i].crc);
    }
    ek_link_send(link);
}

/* Answer: number u32, node u32. */
void ek_tracing_watch(ek_link_t *link, const ek_frame_t *frame) {
    if (!traces(link, frame, 8U)) {
        return;
    }
    const uint32_t node = ek_get_u32(frame->body + 4);
    if (node >= ek_app_model.traced_count && node != EK_WIRE_NO_NUMBER) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, node);
        return;
    }
    watched_number = ek_get_u32(frame->body);
    watched_node = node;
    ek_link_begin(link, EK_WIRE_WATCH | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u32(&link->encoder, watched_number);
    ek_frame_put_u32(&link->encoder, watched_node);
    ek_link_send(link);
}
