/* The image's first bytes, where the core starts, and what every trap leads to. */
    .option arch, +zicsr
    .section .vectors, "ax", %progbits
    .global ek_reset_handler
    .type   ek_reset_handler, @function
ek_reset_handler:
    csrw    mie, zero
    csrci   mstatus, 8
    la      t0, ek_fault_handler
    csrw    mtvec, t0
    la      sp, __stack_top
    la      tp, __thread_start
    call    ek_start
1:  j       1b
    .size   ek_reset_handler, . - ek_reset_handler

/* Keeps what tells where the fault was, then takes the whole stack: nothing goes back from here.
 * ek_fault(stack pointer, return address) */
    .text
    .section .text.ek_fault_handler, "ax", %progbits
    .balign 4
    .global ek_fault_handler
    .type   ek_fault_handler, @function
ek_fault_handler:
    mv      a0, sp
    mv      a1, ra
    la      sp, __stack_top
    call    ek_fault
    .size   ek_fault_handler, . - ek_fault_handler
