/* A run: vectors or samples in, in order; results out, each computed once and kept for a while. */
#ifndef EK_RUN_H
#define EK_RUN_H

#include "ek_link.h"

/* Brings the model up. */
void ek_run_init(void);

/* What ek_app_model.init returned. */
uint8_t ek_run_model_status(void);

/* Size of a vector: all inputs; and of all outputs. */
uint32_t ek_run_input_bytes(void);
uint32_t ek_run_output_bytes(void);

/* How many results of vectors are kept. */
uint16_t ek_run_result_slots(void);

/* Answers the requests of a run (docs/wire-protocol.md). */
void ek_run_reset(ek_link_t *link, const ek_frame_t *frame);
void ek_run_vector(ek_link_t *link, const ek_frame_t *frame);
void ek_run_signal(ek_link_t *link, const ek_frame_t *frame);
void ek_run_fetch(ek_link_t *link, const ek_frame_t *frame);
void ek_run_info(ek_link_t *link, const ek_frame_t *frame);

#endif
