/* A port for tests that runs in step with the other end: it answers each delivery with all that it has to say.
 *
 * Standard input: u32 size, bytes. Standard output, once all of them are worked off: u32 size, bytes. The
 * size RESET starts the program again, as after power-up, and is answered like a delivery.
 */
#define _POSIX_C_SOURCE 200809L
#include "ek_port.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESET 0xFFFFFFFFU

static char *program;
static uint8_t given[1U << 16];
static size_t given_size;
static size_t given_at;
static uint8_t said[1U << 20];
static size_t said_size;

static void take(void *data, size_t size) {
    uint8_t *at = data;
    while (size > 0U) {
        const ssize_t count = read(STDIN_FILENO, at, size);
        if (count <= 0) {
            ek_port_exit(0);
        }
        at += count;
        size -= (size_t)count;
    }
}

static void give(const void *data, size_t size) {
    const uint8_t *at = data;
    while (size > 0U) {
        const ssize_t count = write(STDOUT_FILENO, at, size);
        if (count <= 0) {
            ek_port_exit(1);
        }
        at += count;
        size -= (size_t)count;
    }
}

static void answer(void) {
    const uint32_t size = (uint32_t)said_size;
    give(&size, sizeof size);
    give(said, said_size);
    said_size = 0;
}

int main(int argc, char **argv) {
    program = argc > 0 ? argv[0] : NULL;
    if (argc > 1) {
        answer(); /* of the reset that started it */
    }
    ek_port_init();
    ek_port_exit(ek_app_main());
}

void ek_port_init(void) {}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    const size_t left = given_size - given_at;
    const size_t count = left < capacity ? left : capacity;
    memcpy(data, given + given_at, count);
    given_at += count;
    return count;
}

void ek_port_write(const uint8_t *data, size_t size) {
    if (size > sizeof said - said_size) {
        abort();
    }
    memcpy(said + said_size, data, size);
    said_size += size;
}

void ek_port_idle(void) {
    static int begun;
    if (begun) {
        answer();
    }
    begun = 1;
    uint32_t size;
    take(&size, sizeof size);
    if (size == RESET) {
        ek_port_reset();
    }
    if (size > sizeof given) {
        abort();
    }
    take(given, size);
    given_size = size;
    given_at = 0;
}

uint64_t ek_port_counter(void) {
    static uint64_t ticks;
    return ticks += 10U;
}

void ek_port_counter_align(void) {}

const char *ek_port_counter_unit(void) {
    return "ns";
}

uint32_t ek_port_counter_hz(void) {
    return 1000000000U;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}

void ek_port_stack_paint(void) {}

size_t ek_port_stack_high_water(void) {
    return 0;
}

_Noreturn void ek_port_exit(int status) {
    exit(status);
}

_Noreturn void ek_port_reset(void) {
    char reset[] = "reset";
    char *arguments[] = {program, reset, NULL};
    (void)execv(program, arguments);
    abort();
}
