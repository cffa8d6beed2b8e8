/* Vector table: the architecture's sixteen entries, then EK_IRQS that all lead to the port's handler. */
#ifndef EK_IRQS
#define EK_IRQS 0
#endif

    .syntax unified
    .section .vectors, "a", %progbits
    .balign 1024 /* VTOR: the size of the largest table, as a power of two */
    .global ek_vectors
ek_vectors:
    .word   __stack_top
    .word   ek_reset_handler
    .rept   14
    .word   ek_fault_handler
    .endr
    .rept   EK_IRQS
    .word   ek_port_irq
    .endr

/* Keeps what tells where the fault was, then takes the whole stack: nothing goes back from here.
 * ek_fault(stack pointer, EXC_RETURN, lr and pc of the frame, or 0 where the frame lies outside the stack) */
    .text
    .thumb
    .section .text.ek_fault_handler, "ax", %progbits
    .global ek_fault_handler
    .type   ek_fault_handler, %function
ek_fault_handler:
    cpsid   i
    mrs     r0, msp
    mov     r1, lr
    movs    r2, #0
    movs    r3, #0
    ldr     r4, =__stack_limit
    cmp     r0, r4
    blo     1f
    ldr     r4, =__stack_top - 32
    cmp     r0, r4
    bhi     1f
    ldr     r2, [r0, #20]
    ldr     r3, [r0, #24]
1:  ldr     r4, =__stack_top
    msr     msp, r4
    bl      ek_fault
    .size   ek_fault_handler, . - ek_fault_handler

    .section .text.ek_reset_handler, "ax", %progbits
    .global ek_reset_handler
    .type   ek_reset_handler, %function
ek_reset_handler:
    cpsid   i
    ldr     r0, =__stack_top
    msr     msp, r0
    bl      ek_start
    b       .
    .size   ek_reset_handler, . - ek_reset_handler
