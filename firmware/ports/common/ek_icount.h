/* Instructions from a timer of an emulated board.
 *
 * Under QEMU's `-icount shift=S` every instruction takes 2^S ns of the emulated clock. Where that is longer
 * than a tick of the timer, no two instructions share a tick, and the count of instructions is exact:
 * ticks = floor(n * 2^S / tick) gives n = ceil(ticks * tick / 2^S). The build reduces tick / 2^S to
 * EK_COUNTER_MUL / EK_COUNTER_DIV and refuses a board whose ticks are too long.
 *
 * This holds from a moment at which the timer was started. While the core sleeps the emulated clock follows
 * real time, so that afterwards a tick no longer begins with an instruction: ek_port_counter_align() starts
 * the timer anew.
 */
#ifndef EK_ICOUNT_H
#define EK_ICOUNT_H

#include <stdint.h>

static inline uint64_t ek_instructions(uint64_t ticks) {
    return (ticks * EK_COUNTER_MUL + (EK_COUNTER_DIV - 1U)) / EK_COUNTER_DIV;
}

#endif
