/* What the validation application needs of a model; generated code and this structure are bound together
 * by one file that the build renders from templates/firmware/app_model.c.j2. */
#ifndef EK_APP_MODEL_H
#define EK_APP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ek_status.h"
#include "ek_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *name;
    uint8_t type; /* EK_WIRE_INT8 ... */
    uint8_t rank;
    uint32_t shape[EK_WIRE_MAX_RANK];
    float scale;
    int32_t zero_point;
    uint32_t bytes;
} ek_app_tensor_t;

/* What a node wrote for the last vector. */
typedef struct {
    uint32_t bytes;
    uint32_t crc;
} ek_app_traced_t;

/* The preprocessing in front of the model, bound to one instance of it. */
typedef struct {
    float rate_hz;
    uint32_t channels;
    uint32_t frame_samples;
    uint32_t hop_samples;
    uint32_t state_bytes;
    bool int16; /* samples are int16_t, full scale for -1 to 1; else float */
    ek_status_t (*init)(void);
    /* Takes samples until they end or a frame is ready; `consumed` says how many. */
    ek_status_t (*push)(const void *samples, size_t count, size_t *consumed);
    bool (*ready)(void);
    ek_status_t (*run)(void); /* writes the frame that is ready to the model's input */
    uint32_t (*nonfinite)(void);
} ek_app_preproc_t;

/* The camera in front of the model, bound to one instance of it. */
typedef struct {
    uint32_t rows; /* of a frame */
    uint32_t row_bytes;
    uint8_t *row;              /* room for one of them */
    ek_status_t (*init)(void); /* a frame begins */
    ek_status_t (*push)(void); /* takes the row, and writes what it finishes to the model's input */
} ek_app_camera_t;

/* What makes boxes of the model's outputs. */
typedef struct {
    uint32_t most; /* boxes of a picture */
    uint32_t box_bytes;
    const void *found; /* after `run` the boxes, `count` of them */
    ek_status_t (*run)(void);
    uint32_t (*count)(void);
} ek_app_boxes_t;

typedef struct {
    const char *name;
    const char *engine;  /* "aot" or "tflm" */
    const char *edgekit; /* version that exported it */
    uint8_t sha256[32];  /* of the model file */
    uint32_t arena_bytes;
    uint8_t input_count;
    uint8_t output_count;
    const ek_app_tensor_t *inputs;
    const ek_app_tensor_t *outputs;
    ek_status_t (*init)(void);
    ek_status_t (*invoke)(void);
    ek_status_t (*reset)(void); /* NULL: the model has no state */
    void *(*input)(uint8_t index);
    const void *(*output)(uint8_t index);
    const ek_app_preproc_t *preproc; /* NULL: none */
    const ek_app_camera_t *camera;   /* NULL: none */
    const ek_app_boxes_t *boxes;     /* NULL: none */
    uint8_t *records;                /* room for the last results, by number */
    /* At least 2 * (EK_WIRE_RECORD + outputs, + inputs with preprocessing, + what boxes take). */
    uint32_t records_size;
    uint64_t *node_ticks; /* by number of the node; NULL: the generated code does not tell them apart */
    uint32_t node_count;
    ek_app_traced_t *traced; /* by number of the node; NULL: the generated code does not trace */
    uint32_t traced_count;
} ek_app_model_t;

extern const ek_app_model_t ek_app_model;

#ifdef __cplusplus
}
#endif

#endif
