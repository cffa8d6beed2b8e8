/* The first 256 bytes of the flash. The boot ROM copies them to RAM, checks the CRC at their end and runs them:
 * they make the flash readable at 0x10000000 (command 03h, which every serial flash knows) and go to the image.
 *
 * The CRC-32 (polynomial 0x04C11DB7, first bit highest, start value and no final inversion as in MPEG-2) is of the
 * 252 bytes before it; a test computes it again. Register facts: pico-sdk, hardware_regs of rp2040 (ssi.h, m0plus.h).
 */
    .syntax unified
    .cpu    cortex-m0plus
    .thumb
    .section .boot, "ax", %progbits
boot:
    ldr     r0, ssi
    adr     r1, settings
    adr     r2, settings_end
1:  ldmia   r1!, {r3, r4}
    str     r4, [r0, r3]
    cmp     r1, r2
    blo     1b
    ldr     r0, vectors
    ldr     r1, vtor
    str     r0, [r1]
    ldmia   r0!, {r1, r2}
    msr     msp, r1
    bx      r2

    .balign 4
ssi:
    .word   0x18000000
vectors:
    .word   0x10000400          /* ek_vectors: the table is aligned to 1024 bytes */
vtor:
    .word   0xE000ED08
settings:                       /* offset, value */
    .word   0x08, 0             /* SSIENR: off */
    .word   0x14, 4             /* BAUDR: a quarter of the core's clock */
    .word   0x00, 0x001F0300    /* CTRLR0: one bit wide, frames of 32 bits, send command and address, then read */
    .word   0x04, 0             /* CTRLR1: one frame */
    .word   0xF4, 0x03000218    /* SPI_CTRLR0: command 03h of 8 bits, address of 24 */
    .word   0x08, 1             /* SSIENR: on */
settings_end:
    .org    252
    .word   0x443BE87D
