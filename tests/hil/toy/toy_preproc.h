/* Frames of 1500 samples, hop 300, each value rounded to int8; a non-finite sample counts as 0. */
#ifndef TOY_PREPROC_H
#define TOY_PREPROC_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ek_status.h"

#define TOY_FRAME 1500U
#define TOY_HOP   300U

typedef struct {
    float samples[TOY_FRAME];
    size_t size;
    uint32_t nonfinite;
} toy_preproc_t;

static inline ek_status_t toy_preproc_init(toy_preproc_t *p) {
    memset(p, 0, sizeof *p);
    return EK_OK;
}

static inline ek_status_t toy_preproc_push(toy_preproc_t *p, const float *samples, size_t count,
                                           size_t *consumed) {
    size_t i = 0;
    for (; i < count && p->size < TOY_FRAME; i++) {
        const bool finite = isfinite(samples[i]);
        p->nonfinite += finite ? 0U : 1U;
        p->samples[p->size++] = finite ? samples[i] : 0.0F;
    }
    *consumed = i;
    return EK_OK;
}

static inline bool toy_preproc_ready(const toy_preproc_t *p) {
    return p->size == TOY_FRAME;
}

static inline ek_status_t toy_preproc_run(toy_preproc_t *p, int8_t *model_input) {
    for (size_t i = 0; i < TOY_FRAME; i++) {
        model_input[i] = (int8_t)fmaxf(-128.0F, fminf(127.0F, roundf(p->samples[i])));
    }
    memmove(p->samples, p->samples + TOY_HOP, (TOY_FRAME - TOY_HOP) * sizeof p->samples[0]);
    p->size = TOY_FRAME - TOY_HOP;
    return EK_OK;
}

static inline uint32_t toy_preproc_nonfinite(const toy_preproc_t *p) {
    return p->nonfinite;
}

#endif
