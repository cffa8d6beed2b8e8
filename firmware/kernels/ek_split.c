#include "ek_split.h"

#include <stddef.h>
#include <string.h>

void ek_split(const ek_split_params_t *p, const void *input, void *const *outputs) {
    const uint8_t *from = input;
    for (int32_t i = 0; i < p->outer; ++i) {
        for (int32_t n = 0; n < p->count; ++n) {
            const int32_t size = p->sizes[n];
            memcpy((uint8_t *)outputs[n] + i * size, from, (size_t)size);
            from += size;
        }
    }
}
