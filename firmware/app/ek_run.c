#include "ek_run.h"

#include <string.h>

#include "ek_app_model.h"
#include "ek_crc32.h"
#include "ek_measure.h"
#include "ek_pictures.h"
#include "ek_port.h"
#include "ek_profile.h"
#include "ek_tracing.h"

#define MAX_SLOTS 16U /* results that are kept at most */
#define PIECE     64U /* samples that go through the preprocessing at a time */

static struct {
    uint32_t id; /* 0: there was no reset yet */
    uint8_t mode;
    bool want_input;
    uint32_t number;    /* the vector that is being received, or the next frame of the signal */
    uint32_t offset;    /* bytes of that vector, or samples of the signal, that were taken */
    uint32_t done;      /* results below are computed */
    uint32_t kept_from; /* and those from here on are kept */
    uint32_t confirmed; /* signal: results below are held by the host */
    uint32_t computed;  /* invocations since start-up */
} run;

static ek_status_t model_status;
static ek_measure_t init_cost;
static ek_measure_t invoke_cost;
static ek_measure_t preproc_cost;
static uint64_t preproc_ticks; /* since the last frame */

static struct {
    float as_float[PIECE];
    int16_t as_int16[PIECE];
    size_t count;
    size_t consumed;
} piece;

/* Takes samples off the wire, where they are always float, in the type that the preprocessing wants. */
static void take(const uint8_t *samples) {
    if (!ek_app_model.preproc->int16) {
        memcpy(piece.as_float, samples, piece.count * sizeof(float));
        return;
    }
    for (size_t i = 0; i < piece.count; i++) {
        float x;
        memcpy(&x, samples + i * sizeof x, sizeof x);
        x *= 32768.0F;
        piece.as_int16[i] = (int16_t)(x > -32768.0F ? (x < 32767.0F ? x : 32767.0F) : -32768.0F);
    }
}

static ek_status_t push_piece(void) {
    const void *samples =
        ek_app_model.preproc->int16 ? (const void *)piece.as_int16 : (const void *)piece.as_float;
    return ek_app_model.preproc->push(samples, piece.count, &piece.consumed);
}

static ek_status_t preproc(ek_status_t (*work)(void)) {
    const ek_status_t status = ek_measure(&preproc_cost, work);
    preproc_ticks += preproc_cost.ticks;
    return status;
}

static uint32_t total_bytes(const ek_app_tensor_t *tensors, uint8_t count) {
    uint32_t total = 0;
    for (uint8_t i = 0; i < count; i++) {
        total += tensors[i].bytes;
    }
    return total;
}

uint32_t ek_run_input_bytes(void) {
    return total_bytes(ek_app_model.inputs, ek_app_model.input_count);
}

uint32_t ek_run_output_bytes(void) {
    return total_bytes(ek_app_model.outputs, ek_app_model.output_count);
}

/* What stands behind the outputs of a result. */
static uint32_t extra_bytes(void) {
    return run.mode == EK_WIRE_PICTURES ? ek_pictures_boxes_bytes()
           : run.want_input             ? ek_run_input_bytes()
                                        : 0U;
}

static uint32_t record_bytes(void) {
    return EK_WIRE_RECORD + ek_run_output_bytes() + extra_bytes();
}

/* Size of what is received for one invocation. */
static uint32_t vector_bytes(void) {
    return run.mode == EK_WIRE_PICTURES ? ek_pictures_frame_bytes() : ek_run_input_bytes();
}

static uint32_t slots_of(uint32_t bytes) {
    const uint32_t slots = ek_app_model.records_size / bytes;
    return slots < MAX_SLOTS ? slots : MAX_SLOTS;
}

uint16_t ek_run_result_slots(void) {
    return (uint16_t)slots_of(EK_WIRE_RECORD + ek_run_output_bytes() + ek_pictures_boxes_bytes());
}

static uint8_t *record_of(uint32_t number) {
    return ek_app_model.records + (size_t)(number % slots_of(record_bytes())) * record_bytes();
}

__attribute__((weak)) void ek_port_gate(bool on) {
    (void)on;
}

void ek_run_init(void) {
    ek_measure_init();
    ek_profile_init();
    model_status = ek_measure(&init_cost, ek_app_model.init);
}

uint8_t ek_run_model_status(void) {
    return (uint8_t)model_status;
}

static void send_ack(ek_link_t *link, uint16_t sequence) {
    ek_link_begin(link, EK_WIRE_ACK, sequence);
    ek_frame_put_u32(&link->encoder, run.id);
    ek_frame_put_u32(&link->encoder, run.number);
    ek_frame_put_u32(&link->encoder, run.offset);
    ek_frame_put_u32(&link->encoder, run.done);
    ek_link_send(link);
}

/* Sends the record of `number` from `offset` on, in as many frames as it takes. */
static void send_result(ek_link_t *link, uint16_t sequence, uint32_t number, uint32_t offset) {
    const uint32_t total = record_bytes();
    while (offset < total) {
        const uint32_t size = total - offset < EK_LINK_MAX_DATA ? total - offset : EK_LINK_MAX_DATA;
        ek_link_begin(link, EK_WIRE_RESULT, sequence);
        ek_frame_put_u32(&link->encoder, run.id);
        ek_frame_put_u32(&link->encoder, number);
        ek_frame_put_u32(&link->encoder, offset);
        ek_frame_put(&link->encoder, record_of(number) + offset, size);
        ek_link_send(link);
        offset += size;
    }
}

/* Whether a frame belongs to this run; answers it with the error if not. */
static bool belongs(ek_link_t *link, const ek_frame_t *frame, uint32_t id) {
    if (run.id == 0U || id != run.id) {
        ek_link_error(link, frame->sequence, EK_WIRE_NO_RUN, run.id);
        return false;
    }
    return true;
}

/* Runs the model on what lies in its input, and keeps the result. */
static void compute(ek_link_t *link, uint16_t sequence) {
    const uint32_t number = run.done;
    uint8_t *record = record_of(number);
    uint8_t *at = record + EK_WIRE_RECORD + ek_run_output_bytes();
    uint32_t crc = 0;
    for (uint8_t i = 0; i < ek_app_model.input_count; i++) {
        const size_t size = ek_app_model.inputs[i].bytes;
        crc = ek_crc32(crc, ek_app_model.input(i), size);
        if (run.want_input) { /* before the model overwrites it */
            memcpy(at, ek_app_model.input(i), size);
            at += size;
        }
    }
    memset(record, 0, EK_WIRE_RECORD);
    ek_tracing_begin(link, sequence, number);
    ek_port_gate(true);
    record[0] = (uint8_t)ek_measure(&invoke_cost, ek_app_model.invoke);
    ek_port_gate(false);
    ek_set_u32(record + 4, crc);
    ek_set_u64(record + 8, invoke_cost.ticks);
    ek_set_u64(record + 16, run.mode == EK_WIRE_PICTURES ? ek_pictures_ticks() : preproc_ticks);
    at = record + EK_WIRE_RECORD;
    for (uint8_t i = 0; i < ek_app_model.output_count; i++) {
        memcpy(at, ek_app_model.output(i), ek_app_model.outputs[i].bytes);
        at += ek_app_model.outputs[i].bytes;
    }
    if (run.mode == EK_WIRE_PICTURES && record[0] == (uint8_t)EK_OK) {
        record[0] = (uint8_t)ek_pictures_boxes(at);
    }
    preproc_ticks = 0;
    run.computed++;
    run.done++;
    if (run.done - run.kept_from > slots_of(record_bytes())) {
        run.kept_from++;
    }
    send_result(link, sequence, number, 0);
}

/* Puts model and preprocessing into the state after power-up. */
static ek_status_t start_anew(void) {
    ek_status_t status = model_status;
    if (status == EK_OK && ek_app_model.reset != NULL) {
        status = ek_app_model.reset();
    }
    if (status == EK_OK && ek_app_model.preproc != NULL) {
        status = ek_app_model.preproc->init();
    }
    return status;
}

/* Body: run, first number, mode u8, flags u8. */
void ek_run_reset(ek_link_t *link, const ek_frame_t *frame) {
    if (frame->size != 10U) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const uint32_t id = ek_get_u32(frame->body);
    const uint32_t first = ek_get_u32(frame->body + 4);
    const uint8_t mode = frame->body[8];
    const uint8_t flags = frame->body[9];
    if (id == 0U || first > INT32_MAX || mode > EK_WIRE_PICTURES || flags > EK_WIRE_WANT_INPUT ||
        (flags == EK_WIRE_WANT_INPUT && mode != EK_WIRE_SIGNALS)) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, 0);
        return;
    }
    if ((mode == EK_WIRE_SIGNALS && ek_app_model.preproc == NULL) ||
        (mode == EK_WIRE_PICTURES && ek_app_model.camera == NULL)) {
        ek_link_error(link, frame->sequence, EK_WIRE_NO_PREPROC, 0);
        return;
    }
    if (id != run.id) { /* a repeated reset must not throw away what came after the first */
        const ek_status_t status = start_anew();
        if (status != EK_OK) {
            run.id = 0;
            ek_link_error(link, frame->sequence, EK_WIRE_MODEL_FAILED, (uint32_t)status);
            return;
        }
        preproc_ticks = 0;
        ek_profile_clear();
        run.id = id;
        run.mode = mode;
        run.want_input = flags == EK_WIRE_WANT_INPUT;
        run.number = first;
        run.offset = 0;
        run.done = first;
        run.kept_from = first;
        run.confirmed = first;
    }
    send_ack(link, frame->sequence);
}

/* Copies bytes into the model's inputs, which follow each other in a vector. */
static void fill_input(uint32_t offset, const uint8_t *data, size_t size) {
    for (uint8_t i = 0; i < ek_app_model.input_count && size > 0U; i++) {
        const uint32_t bytes = ek_app_model.inputs[i].bytes;
        if (offset >= bytes) {
            offset -= bytes;
            continue;
        }
        const size_t count = size < bytes - offset ? size : bytes - offset;
        memcpy((uint8_t *)ek_app_model.input(i) + offset, data, count);
        data += count;
        size -= count;
        offset = 0;
    }
}

/* Takes bytes of an invocation's inputs, or of the camera's frame that its input is made of. */
static ek_status_t take_piece(uint32_t offset, const uint8_t *data, size_t size) {
    if (run.mode == EK_WIRE_PICTURES) {
        return ek_pictures_take(offset, data, size);
    }
    fill_input(offset, data, size);
    return EK_OK;
}

/* Body: run, number, offset, data. Takes what continues the vector and drops the rest. */
void ek_run_vector(ek_link_t *link, const ek_frame_t *frame) {
    if (frame->size <= EK_WIRE_FIELDS) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const uint32_t number = ek_get_u32(frame->body + 4);
    const uint32_t offset = ek_get_u32(frame->body + 8);
    const uint32_t size = (uint32_t)(frame->size - EK_WIRE_FIELDS);
    if (!belongs(link, frame, ek_get_u32(frame->body))) {
        return;
    }
    if (run.mode == EK_WIRE_SIGNALS) {
        ek_link_error(link, frame->sequence, EK_WIRE_WRONG_MODE, run.mode);
        return;
    }
    if (offset > vector_bytes() || size > vector_bytes() - offset) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, offset);
        return;
    }
    if (number == run.number && offset <= run.offset && offset + size > run.offset) {
        const uint32_t known = run.offset - offset;
        const ek_status_t status = take_piece(run.offset, frame->body + EK_WIRE_FIELDS + known, size - known);
        if (status != EK_OK) {
            run.id = 0; /* the frame is broken; only a reset goes on */
            ek_link_error(link, frame->sequence, EK_WIRE_PREPROC_FAILED, (uint32_t)status);
            return;
        }
        run.offset = offset + size;
    }
    const bool complete = run.offset == vector_bytes();
    if (complete) {
        run.number++;
        run.offset = 0;
    }
    send_ack(link, frame->sequence); /* before computing, so that the host sends on */
    if (complete) {
        compute(link, frame->sequence);
    }
}

/* Runs the model on the frame that is ready. */
static ek_status_t compute_frame(ek_link_t *link, uint16_t sequence) {
    const ek_status_t status = preproc(ek_app_model.preproc->run);
    if (status == EK_OK) {
        compute(link, sequence);
        run.number = run.done;
    }
    return status;
}

/* Feeds samples until they end or no more results can be kept; returns the preprocessing's status. */
static ek_status_t feed(ek_link_t *link, uint16_t sequence, const uint8_t *samples, size_t count) {
    for (;;) {
        if (ek_app_model.preproc->ready()) {
            if (run.done - run.confirmed >= slots_of(record_bytes())) {
                return EK_OK; /* the host continues from here once it holds older results */
            }
            const ek_status_t status = compute_frame(link, sequence);
            if (status != EK_OK) {
                return status;
            }
            continue;
        }
        if (count == 0U) {
            return EK_OK;
        }
        piece.count = count < PIECE ? count : PIECE;
        piece.consumed = 0;
        take(samples);
        const ek_status_t status = preproc(push_piece);
        if (status != EK_OK) {
            return status;
        }
        if (piece.consumed > piece.count || (piece.consumed == 0U && !ek_app_model.preproc->ready())) {
            return EK_ERROR_STATE;
        }
        samples += piece.consumed * sizeof(float);
        count -= piece.consumed;
        run.offset += (uint32_t)piece.consumed;
    }
}

/* Body: run, offset in samples, results below which the host holds all, samples float32. */
void ek_run_signal(ek_link_t *link, const ek_frame_t *frame) {
    if (frame->size < EK_WIRE_FIELDS || (frame->size - EK_WIRE_FIELDS) % sizeof(float) != 0U) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const uint32_t offset = ek_get_u32(frame->body + 4);
    const uint32_t confirmed = ek_get_u32(frame->body + 8);
    const uint32_t count = (uint32_t)((frame->size - EK_WIRE_FIELDS) / sizeof(float));
    if (!belongs(link, frame, ek_get_u32(frame->body))) {
        return;
    }
    if (run.mode != EK_WIRE_SIGNALS) {
        ek_link_error(link, frame->sequence, EK_WIRE_WRONG_MODE, run.mode);
        return;
    }
    if (confirmed > run.done || offset > UINT32_MAX - count) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_VALUE, confirmed);
        return;
    }
    if (confirmed > run.confirmed) {
        run.confirmed = confirmed;
    }
    if (offset <= run.offset && offset + count >= run.offset) {
        const uint32_t known = run.offset - offset;
        const ek_status_t status =
            feed(link, frame->sequence, frame->body + EK_WIRE_FIELDS + known * sizeof(float), count - known);
        if (status != EK_OK) {
            run.id = 0; /* the signal is broken; only a reset goes on */
            ek_link_error(link, frame->sequence, EK_WIRE_PREPROC_FAILED, (uint32_t)status);
            return;
        }
    }
    send_ack(link, frame->sequence);
}

/* Body: run, number, offset. Sends a kept result again, then says where the run stands. */
void ek_run_fetch(ek_link_t *link, const ek_frame_t *frame) {
    if (frame->size != EK_WIRE_FIELDS) {
        ek_link_error(link, frame->sequence, EK_WIRE_BAD_LENGTH, (uint32_t)frame->size);
        return;
    }
    const uint32_t number = ek_get_u32(frame->body + 4);
    const uint32_t offset = ek_get_u32(frame->body + 8);
    if (!belongs(link, frame, ek_get_u32(frame->body))) {
        return;
    }
    if (number < run.kept_from) {
        ek_link_error(link, frame->sequence, EK_WIRE_RESULT_GONE, run.kept_from);
        return;
    }
    if (number < run.done) {
        send_result(link, frame->sequence, number, offset);
    }
    send_ack(link, frame->sequence);
}

void ek_run_info(ek_link_t *link, const ek_frame_t *frame) {
    ek_link_begin(link, EK_WIRE_INFO | EK_WIRE_ANSWER, frame->sequence);
    ek_frame_put_u32(&link->encoder, run.computed);
    ek_frame_put_u32(&link->encoder, invoke_cost.stack);
    ek_frame_put_u32(&link->encoder,
                     ek_app_model.camera != NULL ? ek_pictures_camera_stack() : preproc_cost.stack);
    ek_frame_put_u32(&link->encoder, ek_app_model.preproc != NULL ? ek_app_model.preproc->nonfinite() : 0U);
    ek_frame_put_u32(&link->encoder, ek_measure_overhead());
    ek_frame_put_u32(&link->encoder, link->frames);
    ek_frame_put_u32(&link->encoder, link->damaged);
    ek_frame_put_u32(&link->encoder, (uint32_t)init_cost.ticks);
    ek_frame_put_u32(&link->encoder, ek_pictures_boxes_stack());
    ek_link_send(link);
}
