/* What firmware that compares layers provides; generated code calls it when built with EK_TRACE. */
#ifndef EK_TRACE_H
#define EK_TRACE_H

#include <stdint.h>

/* `size` bytes at `data` are final: the bytes from `offset` on of what node `node` writes. */
void ek_trace(uint32_t node, uint32_t offset, const void *data, uint32_t size);

#endif
