#include "ek_pictures.h"

#include <string.h>

#include "ek_app_model.h"
#include "ek_frame.h"
#include "ek_measure.h"
#include "ek_wire.h"

static ek_measure_t camera_cost;
static ek_measure_t boxes_cost;
static uint64_t ticks;

uint32_t ek_pictures_frame_bytes(void) {
    const ek_app_camera_t *camera = ek_app_model.camera;
    return camera != NULL ? camera->rows * camera->row_bytes : 0U;
}

uint32_t ek_pictures_boxes_bytes(void) {
    const ek_app_boxes_t *boxes = ek_app_model.boxes;
    return boxes != NULL ? EK_WIRE_BOXES + boxes->most * boxes->box_bytes : 0U;
}

static ek_status_t camera_work(ek_status_t (*work)(void)) {
    const ek_status_t status = ek_measure(&camera_cost, work);
    ticks += camera_cost.ticks;
    return status;
}

ek_status_t ek_pictures_take(uint32_t offset, const uint8_t *data, size_t size) {
    const ek_app_camera_t *camera = ek_app_model.camera;
    ek_status_t status = EK_OK;
    if (offset == 0U) {
        ticks = 0;
        status = camera_work(camera->init);
    }
    while (status == EK_OK && size > 0U) {
        const uint32_t at = offset % camera->row_bytes;
        const uint32_t left = camera->row_bytes - at;
        const uint32_t count = size < left ? (uint32_t)size : left;
        memcpy(camera->row + at, data, count);
        data += count;
        size -= count;
        offset += count;
        if (count == left) {
            status = camera_work(camera->push);
        }
    }
    return status;
}

uint64_t ek_pictures_ticks(void) {
    return ticks;
}

ek_status_t ek_pictures_boxes(uint8_t *at) {
    const ek_app_boxes_t *boxes = ek_app_model.boxes;
    if (boxes == NULL) {
        return EK_OK;
    }
    const ek_status_t status = ek_measure(&boxes_cost, boxes->run);
    const uint32_t count = status == EK_OK ? boxes->count() : 0U;
    memset(at, 0, ek_pictures_boxes_bytes());
    ek_set_u64(at, boxes_cost.ticks);
    ek_set_u32(at + 8, count);
    memcpy(at + EK_WIRE_BOXES, boxes->found, (size_t)count * boxes->box_bytes);
    return status;
}

uint32_t ek_pictures_camera_stack(void) {
    return camera_cost.stack;
}

uint32_t ek_pictures_boxes_stack(void) {
    return boxes_cost.stack;
}
