/* Vector table: the architecture's sixteen entries, then EK_IRQS that all lead to the port's handler. */
#ifndef EK_IRQS
#define EK_IRQS 0
#endif

    .syntax unified
    .section .vectors, "a", %progbits
    .balign 128
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

/* Keeps what tells where the fault was, and takes a stack that is surely whole. */
    .text
    .thumb
    .section .text.ek_fault_handler, "ax", %progbits
    .global ek_fault_handler
    .type   ek_fault_handler, %function
ek_fault_handler:
    cpsid   i
    mrs     r0, msp
    mov     r1, lr
    ldr     r2, =__stack_top
    msr     msp, r2
    mrs     r2, ipsr
    b       ek_fault
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
