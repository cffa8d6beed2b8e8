/* The counter of ek_port.h from the core's cycle counter; one file of a port includes it, calls ek_dwt_init()
 * and defines ek_port_counter_hz(). */
#ifndef EK_CYCLES_H
#define EK_CYCLES_H

#include "ek_dwt.h"
#include "ek_port.h"

uint64_t ek_port_counter(void) {
    return ek_dwt_cycles();
}

void ek_port_counter_align(void) {}

const char *ek_port_counter_unit(void) {
    return "cycles";
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}

#endif
