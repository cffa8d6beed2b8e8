/* The host: a process that stands in for a board and speaks over standard input and output. */
#define _POSIX_C_SOURCE 200809L
#include "ek_port.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define STACK_WINDOW 131072U /* bytes below the caller that are painted */
#define RED_ZONE     256U    /* bytes below a frame that its function may use unseen (x86-64 ABI: 128) */
#define PAINT        0xE6U

static const char *program;

int main(int argc, char **argv) {
    program = argc > 0 ? argv[0] : "";
    ek_port_init();
    ek_port_exit(ek_app_main());
}

void ek_port_init(void) {
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) == 0) { /* a terminal must pass every byte as it is */
        mode.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON | IXOFF);
        mode.c_oflag &= (tcflag_t)~OPOST;
        mode.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
        mode.c_cflag = (mode.c_cflag & (tcflag_t) ~(CSIZE | PARENB)) | CS8;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
}

/* Waits up to `milliseconds` (-1: for ever) for a byte; says whether there is one, or the end of input. */
static bool readable(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, milliseconds) > 0;
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    if (capacity == 0U || !readable(0)) {
        return 0;
    }
    const ssize_t count = read(STDIN_FILENO, data, capacity);
    if (count > 0) {
        return (size_t)count;
    }
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return 0;
    }
    ek_port_exit(0); /* the other end is gone */
}

void ek_port_write(const uint8_t *data, size_t size) {
    while (size > 0U) {
        const ssize_t count = write(STDOUT_FILENO, data, size);
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        } else if (errno == EAGAIN) {
            struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
            (void)poll(&output, 1, -1);
        } else if (errno != EINTR) {
            ek_port_exit(1);
        }
    }
}

void ek_port_idle(void) {
    (void)readable(-1);
}

uint64_t ek_port_counter(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void ek_port_counter_align(void) {
    const uint64_t start = ek_port_counter();
    while (ek_port_counter() == start) {
    }
}

const char *ek_port_counter_unit(void) {
    return "ns";
}

uint32_t ek_port_counter_hz(void) {
    return 1000000000U;
}

uint32_t ek_port_counter_resolution(void) {
    struct timespec step;
    return clock_getres(CLOCK_MONOTONIC, &step) == 0 && step.tv_sec == 0 ? (uint32_t)step.tv_nsec
                                                                         : 1000000000U;
}

#if defined(__SANITIZE_ADDRESS__) || !defined(__GNUC__)
void ek_port_stack_paint(void) {}

size_t ek_port_stack_high_water(void) {
    return 0; /* the sanitizer guards the memory below the frame */
}
#else
static volatile uint8_t *painted_from;

__attribute__((noinline)) void ek_port_stack_paint(void) {
    painted_from = (volatile uint8_t *)__builtin_frame_address(0) - RED_ZONE;
    for (volatile uint8_t *byte = painted_from - STACK_WINDOW; byte < painted_from; byte++) {
        *byte = PAINT;
    }
}

__attribute__((noinline)) size_t ek_port_stack_high_water(void) {
    const volatile uint8_t *byte = painted_from - STACK_WINDOW;
    while (byte < painted_from && *byte == PAINT) {
        byte++;
    }
    return byte < painted_from ? (size_t)(painted_from - byte) + RED_ZONE : 0U;
}
#endif

_Noreturn void ek_port_exit(int status) {
    _exit(status);
}

_Noreturn void ek_port_reset(void) {
    (void)execl(program, program, (char *)NULL);
    _exit(1);
}
