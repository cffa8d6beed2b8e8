/* Pictures: a camera's frame in, row by row; out of the model's outputs come boxes. */
#ifndef EK_PICTURES_H
#define EK_PICTURES_H

#include <stddef.h>
#include <stdint.h>

#include "ek_status.h"

/* Bytes of a frame; 0: the model has no camera. */
uint32_t ek_pictures_frame_bytes(void);

/* Bytes that a picture's result has behind its outputs (docs/wire-protocol.md); 0: there are no boxes. */
uint32_t ek_pictures_boxes_bytes(void);

/* Takes the bytes of a frame from `offset` on, which continue those before. A row goes through the camera as
 * soon as it is whole; at offset 0 a frame begins. */
ek_status_t ek_pictures_take(uint32_t offset, const uint8_t *data, size_t size);

/* Ticks of the camera since the frame began. */
uint64_t ek_pictures_ticks(void);

/* Writes what a result has behind its outputs. */
ek_status_t ek_pictures_boxes(uint8_t *at);

/* Deepest stacks in bytes. */
uint32_t ek_pictures_camera_stack(void);
uint32_t ek_pictures_boxes_stack(void);

#endif
