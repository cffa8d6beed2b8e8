/* Exercises a port: one byte is one command, answers are lines. */
#include "ek_port.h"

static void say(const char *text) {
    size_t size = 0;
    while (text[size] != '\0') {
        size++;
    }
    ek_port_write((const uint8_t *)text, size);
}

static void say_number(uint64_t value) {
    char text[24];
    size_t at = sizeof text;
    text[--at] = '\0';
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + (int)(value % 10U));
        value /= 10U;
    } while (value != 0U);
    say(&text[at]);
}

static uint8_t next(void) {
    uint8_t byte = 0;
    while (ek_port_read(&byte, 1) == 0U) {
        ek_port_idle();
    }
    return byte;
}

static uint32_t next_number(void) {
    uint32_t value = 0;
    for (unsigned int shift = 0; shift < 32U; shift += 8U) {
        value |= (uint32_t)next() << shift;
    }
    return value;
}

/* On a microcontroller two instructions per turn. */
static __attribute__((noinline)) void spin(uint32_t turns) {
#if defined(__arm__)
    __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(turns)::"cc");
#elif defined(__riscv)
    __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(turns));
#else
    for (volatile uint32_t i = 0; i < turns; i++) {
    }
#endif
}

static __attribute__((noinline)) uint32_t use_stack(void) {
    volatile uint8_t bytes[1000];
    for (int i = 0; i < 1000; i++) {
        bytes[i] = (uint8_t)i;
    }
    return bytes[999];
}

static uint32_t dive(volatile uint8_t *above);
static uint32_t (*volatile dive_again)(volatile uint8_t *) = dive;

static __attribute__((noinline)) uint32_t dive(volatile uint8_t *above) {
    volatile uint8_t bytes[64];
    bytes[0] = above[0];
    return dive_again(bytes) + bytes[0];
}

int ek_app_main(void) {
    static uint32_t zeroed, starts = 40; /* .bss and .data */
    static uint8_t block[256];
    volatile float three = 3.0F; /* the FPU is on */
    say("ready\n");
    for (;;) {
        switch (next()) {
        case 'h':
            say("hello from " EK_BOARD "\n");
            break;
        case 'v':
            say_number(zeroed++ + starts++ + (uint32_t)(three / 1.5F));
            break;
        case 'u':
            say(ek_port_counter_unit());
            say("\n");
            say_number(ek_port_counter_resolution());
            say_number(ek_port_counter_hz());
            break;
        case 'c': {
            const uint32_t turns = next_number();
            ek_port_counter_align();
            const uint64_t start = ek_port_counter();
            spin(turns);
            say_number(ek_port_counter() - start);
            break;
        }
        case 'e':
            for (size_t i = 0; i < sizeof block; i++) {
                block[i] = next();
            }
            ek_port_write(block, sizeof block);
            break;
        case 's':
            ek_port_stack_paint();
            (void)use_stack();
            say_number(ek_port_stack_high_water());
            break;
        case 'r':
            ek_port_reset();
        case 'f':
            __builtin_trap();
        case 'o':
            say_number(dive((volatile uint8_t *)block));
            break;
        case 'q':
            return 7;
        default:
            say("?\n");
        }
    }
}
