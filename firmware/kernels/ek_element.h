/* Elements whose type is a number. */
#ifndef EK_ELEMENT_H
#define EK_ELEMENT_H

#include <stdbool.h>
#include <stdint.h>

enum { EK_BOOL, EK_UINT8, EK_INT8, EK_INT16, EK_INT32, EK_FLOAT32 };

/* type: not EK_FLOAT32 */
static inline int32_t ek_load(int32_t type, const void *input, int32_t i) {
    switch (type) {
    case EK_BOOL:
        return ((const bool *)input)[i];
    case EK_UINT8:
        return ((const uint8_t *)input)[i];
    case EK_INT8:
        return ((const int8_t *)input)[i];
    case EK_INT16:
        return ((const int16_t *)input)[i];
    default:
        return ((const int32_t *)input)[i];
    }
}

/* Keeps the low bits where the type is narrower. */
static inline void ek_store(int32_t type, void *output, int32_t i, int32_t value) {
    switch (type) {
    case EK_BOOL:
        ((bool *)output)[i] = value != 0;
        break;
    case EK_UINT8:
    case EK_INT8:
        ((uint8_t *)output)[i] = (uint8_t)value;
        break;
    case EK_INT16:
        ((int16_t *)output)[i] = (int16_t)(uint16_t)value;
        break;
    case EK_INT32:
        ((int32_t *)output)[i] = value;
        break;
    default:
        ((float *)output)[i] = (float)value;
        break;
    }
}

#endif
