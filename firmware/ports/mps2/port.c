/* Arm MPS2 FPGA images (AN385, AN386, AN500, AN505) as QEMU emulates them: CMSDK UART and timer.
 *
 * TIMER0 counts down at the system clock and wraps every 2^32 ticks; the FPGA's 100 Hz clock tells how often
 * it did. Nothing here depends on an interrupt, so a wrap inside a long run is not missed.
 */
#include "ek_cmsdk_uart.h"
#include "ek_icount.h"

#define TIMER_CTRL   EK_REG(EK_TIMER_BASE + 0x00U)
#define TIMER_VALUE  EK_REG(EK_TIMER_BASE + 0x04U)
#define TIMER_RELOAD EK_REG(EK_TIMER_BASE + 0x08U)
#define FPGA_CLK100  EK_REG(EK_FPGAIO_BASE + 0x14U)

static uint64_t before; /* instructions until the timer was last started */
static uint32_t clk100_start;

static void start_timer(void) {
    TIMER_CTRL = 0U;
    TIMER_VALUE = 0xFFFFFFFFU;
    clk100_start = FPGA_CLK100;
    TIMER_CTRL = 1U;
}

void ek_port_init(void) {
    ek_cmsdk_uart_init();
    TIMER_RELOAD = 0xFFFFFFFFU;
    start_timer();
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
    const uint32_t fine = 0xFFFFFFFFU - TIMER_VALUE;
    const uint64_t coarse = (uint64_t)(FPGA_CLK100 - clk100_start) * (EK_COUNTER_HZ / 100U);
    const uint64_t wraps = (coarse - fine + 0x80000000U) >> 32;
    return before + ek_instructions((wraps << 32) + fine);
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    start_timer();
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
