#include "ek_gather.h"

#include <stddef.h>
#include <string.h>

void ek_gather(const ek_gather_params_t *p, const void *input, const int32_t *indices, void *output) {
    const uint8_t *from = p->table ? p->table : input;
    uint8_t *to = output;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t i = 0; i < p->outer; ++i) {
            for (int32_t n = 0; n < p->count; ++n) {
                int32_t index = indices[n] < 0 ? 0 : indices[n];
                index = index < p->extent ? index : p->extent - 1;
                memcpy(to, from + index * p->run, (size_t)p->run);
                to += p->run;
            }
            from += p->extent * p->run;
        }
        indices += p->count;
    }
}
