/* CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320, as in zlib and PNG). */
#ifndef EK_CRC32_H
#define EK_CRC32_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the CRC of what went before, continued over `size` bytes; start with crc = 0. */
uint32_t ek_crc32(uint32_t crc, const void *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif
