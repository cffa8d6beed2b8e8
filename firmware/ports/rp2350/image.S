/* The block by which the boot ROM knows an image (IMAGE_DEF): it lies in the first 4 KB, here right behind the vector
 * table, and says: executable, secure, Arm, RP2350. Facts: pico-sdk, boot/picobin.h. */
    .section .vectors.behind, "a", %progbits
    .balign 4
    .global ek_image_definition
ek_image_definition:
    .word   0xFFFFDED3          /* first marker */
    .byte   0x42, 1             /* item IMAGE_TYPE, one word */
    .hword  0x1021              /* RP2350, Arm, secure, executable */
    .byte   0xFF                /* last item */
    .hword  1                   /* one word before it */
    .byte   0
    .word   0                   /* the next block is this one */
    .word   0xAB123579          /* last marker */
