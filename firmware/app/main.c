/* The validation application: answers requests over the console, one at a time, for ever. */
#include <string.h>

#include "ek_app_model.h"
#include "ek_link.h"
#include "ek_pictures.h"
#include "ek_port.h"
#include "ek_profile.h"
#include "ek_run.h"
#include "ek_tracing.h"

/* Bytes that may be on the way while the model computes without one being lost: the port's receive buffer,
 * or what holds the sender back. 0: none. */
#ifndef EK_CONSOLE_RECEIVE_BYTES
#define EK_CONSOLE_RECEIVE_BYTES 0U
#endif

#ifndef EK_BOARD
#define EK_BOARD ""
#endif

_Static_assert(EK_LINK_MAX_DATA >= 256U && EK_LINK_MAX_DATA <= 32768U && EK_LINK_MAX_DATA % 4U == 0U,
               "EK_LINK_MAX_DATA is out of its range");

static ek_link_t link_state;

static void put_float(ek_frame_encoder_t *out, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    ek_frame_put_u32(out, bits);
}

static void put_preproc(ek_frame_encoder_t *out, const ek_app_preproc_t *preproc) {
    static const ek_app_preproc_t none = {0};
    const ek_app_preproc_t *facts = preproc != NULL ? preproc : &none;
    put_float(out, facts->rate_hz);
    ek_frame_put_u32(out, facts->channels);
    ek_frame_put_u32(out, facts->frame_samples);
    ek_frame_put_u32(out, facts->hop_samples);
    ek_frame_put_u32(out, facts->state_bytes);
}

static void answer_hello(const ek_frame_t *frame) {
    const ek_app_model_t *model = &ek_app_model;
    const unsigned flags = (model->reset != NULL ? EK_WIRE_STATEFUL : 0U) |
                           (model->preproc != NULL ? EK_WIRE_PREPROC : 0U) |
                           (model->camera != NULL ? EK_WIRE_CAMERA : 0U);
    ek_frame_encoder_t *out = &link_state.encoder;
    ek_link_begin(&link_state, EK_WIRE_HELLO | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u8(out, EK_WIRE_PROTOCOL);
    ek_frame_put_u8(out, (uint8_t)flags);
    ek_frame_put_u8(out, ek_run_model_status());
    ek_frame_put_u8(out, model->input_count);
    ek_frame_put_u8(out, model->output_count);
    ek_frame_put_u16(out, EK_LINK_MAX_DATA);
    ek_frame_put_u16(out, ek_run_result_slots());
    ek_frame_put_u32(out, EK_CONSOLE_RECEIVE_BYTES);
    ek_frame_put_u32(out, ek_run_input_bytes());
    ek_frame_put_u32(out, ek_run_output_bytes());
    ek_frame_put_u32(out, model->arena_bytes);
    ek_frame_put_u32(out, ek_port_counter_hz());
    ek_frame_put_u32(out, ek_port_counter_resolution());
    put_preproc(out, model->preproc);
    ek_frame_put(out, model->sha256, sizeof model->sha256);
    ek_frame_put_text(out, model->name, EK_WIRE_NAME);
    ek_frame_put_text(out, model->engine, EK_WIRE_TEXT);
    ek_frame_put_text(out, model->edgekit, EK_WIRE_TEXT);
    ek_frame_put_text(out, EK_BOARD, EK_WIRE_TEXT);
    ek_frame_put_text(out, ek_port_counter_unit(), EK_WIRE_TEXT);
    ek_frame_put_u32(out, ek_pictures_frame_bytes());
    ek_frame_put_u32(out, ek_pictures_boxes_bytes());
    ek_link_send(&link_state);
}

/* Body: 0 for inputs, 1 for outputs, u8; index u8. */
static void answer_tensor(const ek_frame_t *frame) {
    if (frame->size != 2U) {
        ek_link_error(&link_state, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const bool output = frame->body[0] == 1U;
    const uint8_t index = frame->body[1];
    if (frame->body[0] > 1U || index >= (output ? ek_app_model.output_count : ek_app_model.input_count)) {
        ek_link_error(&link_state, frame->sequence, EK_WIRE_BAD_VALUE, index);
        return;
    }
    const ek_app_tensor_t *tensor = &(output ? ek_app_model.outputs : ek_app_model.inputs)[index];
    ek_frame_encoder_t *out = &link_state.encoder;
    ek_link_begin(&link_state, EK_WIRE_TENSOR | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u8(out, tensor->type);
    put_float(out, tensor->scale);
    ek_frame_put_u32(out, (uint32_t)tensor->zero_point);
    ek_frame_put_u8(out, tensor->rank);
    for (uint8_t i = 0; i < tensor->rank; i++) {
        ek_frame_put_u32(out, tensor->shape[i]);
    }
    ek_frame_put_text(out, tensor->name, EK_WIRE_NAME);
    ek_link_send(&link_state);
}

static void answer(const ek_frame_t *frame) {
    switch (frame->type) {
    case EK_WIRE_HELLO:
        answer_hello(frame);
        break;
    case EK_WIRE_TENSOR:
        answer_tensor(frame);
        break;
    case EK_WIRE_RESET:
        ek_run_reset(&link_state, frame);
        break;
    case EK_WIRE_VECTOR:
        ek_run_vector(&link_state, frame);
        break;
    case EK_WIRE_SIGNAL:
        ek_run_signal(&link_state, frame);
        break;
    case EK_WIRE_FETCH:
        ek_run_fetch(&link_state, frame);
        break;
    case EK_WIRE_INFO:
        ek_run_info(&link_state, frame);
        break;
    case EK_WIRE_PROFILE:
        ek_profile_answer(&link_state, frame);
        break;
    case EK_WIRE_TRACE:
        ek_tracing_answer(&link_state, frame);
        break;
    case EK_WIRE_WATCH:
        ek_tracing_watch(&link_state, frame);
        break;
    default:
        ek_link_error(&link_state, frame->sequence, EK_WIRE_UNKNOWN_TYPE, frame->type);
        break;
    }
}

int ek_app_main(void) {
    ek_link_init(&link_state);
    ek_run_init();
    for (;;) {
        ek_frame_t frame;
        if (ek_link_receive(&link_state, &frame)) {
            answer(&frame);
        } else {
            ek_port_idle();
        }
    }
}
