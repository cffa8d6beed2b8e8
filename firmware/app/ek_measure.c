#include "ek_measure.h"

#include "ek_port.h"

static uint32_t overhead;

static ek_status_t nothing(void) {
    return EK_OK;
}

void ek_measure_init(void) {
    ek_measure_t empty = {0, 0};
    uint64_t least = UINT32_MAX;
    overhead = 0;
    for (int i = 0; i < 8; i++) {
        (void)ek_measure(&empty, nothing);
        if (empty.ticks < least) {
            least = empty.ticks;
        }
    }
    overhead = (uint32_t)least;
}

uint32_t ek_measure_overhead(void) {
    return overhead;
}

ek_status_t ek_measure(ek_measure_t *measure, ek_status_t (*work)(void)) {
    ek_port_stack_paint();
    ek_port_counter_align();
    const uint64_t start = ek_port_counter();
    const ek_status_t status = work();
    const uint64_t elapsed = ek_port_counter() - start;
    const uint32_t stack = (uint32_t)ek_port_stack_high_water();
    measure->ticks = elapsed > overhead ? elapsed - overhead : 0U;
    if (stack > measure->stack) {
        measure->stack = stack;
    }
    return status;
}
