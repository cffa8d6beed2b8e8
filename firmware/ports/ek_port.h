/* The contract between the application and the board under it.
 *
 * A port is one folder firmware/ports/<port>/ that defines every function below; the application calls
 * nothing else of the board. One thread, no re-entrance: interrupts of a port stay inside the port.
 *
 * The console is a byte stream without frames, escapes or echo:
 *   - on a board, a UART at the rate in boards/<id>.toml, 8 data bits, no parity, 1 stop bit;
 *   - on `host`, standard input and standard output; the process ends when standard input does.
 * A fault (hard fault, stack overflow, failed check) writes one line "\r\nEK FAULT <name> ...\r\n" in
 * plain text to the console and then behaves as ek_port_exit(1).
 */
#ifndef EK_PORT_H
#define EK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define EK_PORT_NORETURN [[noreturn]]
#else
#define EK_PORT_NORETURN _Noreturn
#endif

/* The application: called by the port's startup after ek_port_init(); its result goes to ek_port_exit(). */
int ek_app_main(void);

/* Brings up clock, console and counter. Called once, by startup. */
void ek_port_init(void);

/* Moves up to `capacity` received bytes to `data`; returns how many, 0 if none wait. Never blocks. */
size_t ek_port_read(uint8_t *data, size_t capacity);

/* Sends `size` bytes; returns when all are handed to the hardware. */
void ek_port_write(const uint8_t *data, size_t size);

/* Called when there is nothing to do: sleeps until a byte has arrived, or returns sooner. */
void ek_port_idle(void);

/* A running count in ek_port_counter_unit(), 64 bits wide: it never wraps and never runs backwards.
 * Two calls with nothing between them differ by a small constant; who measures subtracts it. */
uint64_t ek_port_counter(void);

/* Begins a tick now, by waiting for its edge or by starting the timer anew. Call it right before the first
 * reading of a measurement, with nothing between; without it, or after ek_port_idle(), a difference may be
 * one tick off. */
void ek_port_counter_align(void);

/* What one count is: "instructions" (emulated), "cycles" (hardware) or "ns" (host). */
const char *ek_port_counter_unit(void);

/* Counts per second; 0 for "instructions", which are no time. */
uint32_t ek_port_counter_hz(void);

/* Smallest difference that the counter can tell, in its unit (1 = exact). */
uint32_t ek_port_counter_resolution(void);

/* Fills the free stack below the caller with a pattern. */
void ek_port_stack_paint(void);

/* Bytes of stack used below the caller of the last ek_port_stack_paint(); call both from one function.
 * 0 where it cannot be measured. */
size_t ek_port_stack_high_water(void);

/* Drives a pin while the model infers, for a power analyser's gate: on before, off after. A port that does
 * not define it drives none. */
void ek_port_gate(bool on);

/* Ends the run: the process or the emulator exits with `status`; a board waits for its reset. */
EK_PORT_NORETURN void ek_port_exit(int status);

/* Starts again as after power-up. */
EK_PORT_NORETURN void ek_port_reset(void);

#ifdef __cplusplus
}
#endif

#endif
