/* What the nodes of the model write, where generated code tells it (EK_TRACE): a CRC of each, one in full. */
#ifndef EK_TRACING_H
#define EK_TRACING_H

#include "ek_link.h"

/* Begins vector `number`, which the request `sequence` completed; call right before the model's _invoke. */
void ek_tracing_begin(ek_link_t *link, uint16_t sequence, uint32_t number);

/* Called by generated code (ek_trace.h of the kernels). */
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size);

/* Body: first node u32. Answers with what as many nodes as fit wrote for the last vector. */
void ek_tracing_answer(ek_link_t *link, const ek_frame_t *frame);

/* Body: number u32, node u32. What the node writes for that vector is sent while it is computed. */
void ek_tracing_watch(ek_link_t *link, const ek_frame_t *frame);

#endif
