#include "ek_profile.h"

#include "ek_app_model.h"
#include "ek_port.h"

static uint64_t begun; /* when the current node was */
static uint32_t invocations;
static uint32_t overhead; /* ticks that a node without work is found to take */

void ek_profile_clear(void) {
    for (uint32_t i = 0; i < ek_app_model.node_count; i++) {
        ek_app_model.node_ticks[i] = 0;
    }
    invocations = 0;
}

void ek_profile_init(void) {
    uint64_t least = UINT32_MAX;
    for (int i = 0; i < 8 && ek_app_model.node_count > 0U; i++) {
        ek_profile_clear();
        ek_profile_begin();
        ek_profile(0);
        if (ek_app_model.node_ticks[0] < least) {
            least = ek_app_model.node_ticks[0];
        }
    }
    overhead = (uint32_t)least;
    ek_profile_clear();
}

void ek_profile_begin(void) {
    invocations++;
    ek_port_counter_align();
    begun = ek_port_counter();
}

void ek_profile(uint32_t node) {
    const uint64_t elapsed = ek_port_counter() - begun;
    if (node < ek_app_model.node_count) {
        ek_app_model.node_ticks[node] += elapsed > overhead ? elapsed - overhead : 0U;
    }
    begun = ek_port_counter(); /* last, so that counting is not counted */
}

/* Answer: nodes u32, invocations u32, ticks u64 of each from the first on. */
void ek_profile_answer(ek_link_t *link, const ek_frame_t *frame) {
    if (ek_app_model.node_count == 0U) {
        ek_link_error(link, frame->sequence, EK_WIRE_NO_PROFILE, 0);
        return;
    }
    if (frame->size != 4U) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const uint32_t first = ek_get_u32(frame->body);
    if (first >= ek_app_model.node_count) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, first);
        return;
    }
    ek_link_begin(link, EK_WIRE_PROFILE | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u32(&link->encoder, ek_app_model.node_count);
    ek_frame_put_u32(&link->encoder, invocations);
    for (uint32_t i = first; i < ek_app_model.node_count && i - first < EK_LINK_MAX_DATA / 8U; i++) {
        const uint64_t ticks = ek_app_model.node_ticks[i];
        ek_frame_put_u32(&link->encoder, (uint32_t)ticks);
        ek_frame_put_u32(&link->encoder, (uint32_t)(ticks >> 32));
    }
    ek_link_send(link);
}
