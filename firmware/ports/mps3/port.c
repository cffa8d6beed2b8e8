/* Arm MPS3 FPGA image AN547 (SSE-300) as QEMU emulates it: CMSDK UART and the SSE's 64-bit system counter. */
#include "ek_cmsdk_uart.h"
#include "ek_icount.h"

/* System counter, control frame, secure alias (SSE-300 TRM, "System counter"). */
#define COUNTER_CR EK_REG(0x58100000U)
#define COUNTER_LO EK_REG(0x58100008U)
#define COUNTER_HI EK_REG(0x5810000CU)

static uint64_t before; /* instructions until the counter was last started */

static void start_counter(void) {
    COUNTER_CR = 0U;
    COUNTER_LO = 0U;
    COUNTER_HI = 0U;
    COUNTER_CR = 1U;
}

void ek_port_init(void) {
    ek_cmsdk_uart_init();
    start_counter();
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    return ek_cmsdk_uart_read(data, capacity);
}

void ek_port_write(const uint8_t *data, size_t size) {
    ek_cmsdk_uart_write(data, size);
}

void ek_port_idle(void) {
    ek_cmsdk_uart_idle();
}

uint64_t ek_port_counter(void) {
    uint32_t high = COUNTER_HI;
    uint32_t low = COUNTER_LO;
    for (uint32_t again = COUNTER_HI; again != high; again = COUNTER_HI) {
        high = again;
        low = COUNTER_LO;
    }
    return before + ek_instructions(((uint64_t)high << 32) | low);
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    start_counter();
}

const char *ek_port_counter_unit(void) {
    return "instructions";
}

uint32_t ek_port_counter_hz(void) {
    return 0;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}
