/* Ticks per node of the model, where generated code tells them apart (EK_PROFILE). */
#ifndef EK_PROFILE_H
#define EK_PROFILE_H

#include "ek_link.h"

/* Learns what telling nodes apart costs; call once. */
void ek_profile_init(void);

/* Forgets the ticks of earlier invocations. */
void ek_profile_clear(void);

/* Begins the first node; call right before the model's _invoke. */
void ek_profile_begin(void);

/* Called by generated code (ek_trace.h of the kernels). */
void ek_profile(uint32_t node);

/* Body: first node u32. Answers with the ticks of as many nodes as fit. */
void ek_profile_answer(ek_link_t *link, const ek_frame_t *frame);

#endif
