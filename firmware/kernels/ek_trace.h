/* What firmware that compares layers or tells their cost provides; generated code calls it when built with
 * EK_TRACE or EK_PROFILE. */
#ifndef EK_TRACE_H
#define EK_TRACE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `size` bytes at `data` are final: the bytes from `offset` on of what node `node` writes. */
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size);

/* Everything since the last call, or since _invoke began, was done for node `node`. */
void ek_profile(uint32_t node);

#ifdef __cplusplus
}
#endif

#endif
