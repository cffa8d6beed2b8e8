/* What RP2040 and RP2350 share: resets, clocks from a crystal of 12 MHz, pins 0 and 1 as UART0.
 *
 * The port defines the addresses EK_RESETS, EK_CLOCKS, EK_XOSC, EK_PLL_SYS, EK_PINS and EK_PADS and the reset
 * bits EK_RESET_PINS, EK_RESET_PADS, EK_RESET_PLL and EK_RESET_UART first. At +0x2000 of a register its bits
 * are set, at +0x3000 cleared. Register facts: pico-sdk; see the sources in boards/rpi_pico.toml and
 * rpi_pico2.toml.
 */
#ifndef EK_RP2_H
#define EK_RP2_H

#include "ek_pl011.h"

#define EK_SET(address)   EK_REG((address) + 0x2000U)
#define EK_CLEAR(address) EK_REG((address) + 0x3000U)

#define EK_XOSC_HZ       12000000U
#define EK_XOSC_1_15_MHZ 0xAA0U
#define EK_XOSC_ENABLE   (0xFABUL << 12)
#define EK_XOSC_STARTUP  47U /* 1 ms in 256ths of a crystal's period */
#define EK_XOSC_STABLE   (1UL << 31)

#define EK_PLL_LOCK    (1UL << 31)
#define EK_PLL_POWER   ((1UL << 5) | 1UL) /* VCOPD, PD: off while set */
#define EK_PLL_POSTDIV (1UL << 3)         /* POSTDIVPD */
#define EK_VCO_FACTOR  125U               /* 1500 MHz */

#define EK_CLK_REF_CTRL     (EK_CLOCKS + 0x30U)
#define EK_CLK_REF_SELECTED (EK_CLOCKS + 0x38U)
#define EK_CLK_SYS_CTRL     (EK_CLOCKS + 0x3CU)
#define EK_CLK_SYS_SELECTED (EK_CLOCKS + 0x44U)
#define EK_CLK_PERI_CTRL    (EK_CLOCKS + 0x48U)

#define EK_PAD_UART 0x5AU /* input on, 4 mA, pulled up, Schmitt trigger; on RP2350 no longer isolated */
#define EK_PIN_UART 2U

/* Resets blocks, then lets them go. */
static inline void ek_rp2_restart(uint32_t blocks) {
    EK_SET(EK_RESETS) = blocks;
    EK_CLEAR(EK_RESETS) = blocks;
    while ((EK_REG(EK_RESETS + 8U) & blocks) != blocks) {
    }
}

/* The core and the peripherals from the PLL: 1500 MHz divided by `first` and by 2. */
static inline void ek_rp2_clock(uint32_t first) {
    EK_REG(EK_XOSC + 0x0CU) = EK_XOSC_STARTUP;
    EK_REG(EK_XOSC) = EK_XOSC_ENABLE | EK_XOSC_1_15_MHZ;
    while ((EK_REG(EK_XOSC + 4U) & EK_XOSC_STABLE) == 0U) {
    }
    EK_CLEAR(EK_CLK_SYS_CTRL) = 1U; /* the core leaves the PLL, if it was on it */
    while (EK_REG(EK_CLK_SYS_SELECTED) != 1U) {
    }
    EK_REG(EK_CLK_REF_CTRL) = 2U; /* crystal */
    while (EK_REG(EK_CLK_REF_SELECTED) != 4U) {
    }
    ek_rp2_restart(EK_RESET_PLL);
    EK_REG(EK_PLL_SYS) = 1U; /* reference divided by 1 */
    EK_REG(EK_PLL_SYS + 8U) = EK_VCO_FACTOR;
    EK_CLEAR(EK_PLL_SYS + 4U) = EK_PLL_POWER;
    while ((EK_REG(EK_PLL_SYS) & EK_PLL_LOCK) == 0U) {
    }
    EK_REG(EK_PLL_SYS + 0x0CU) = (first << 16) | (2UL << 12);
    EK_CLEAR(EK_PLL_SYS + 4U) = EK_PLL_POSTDIV;
    EK_REG(EK_CLK_SYS_CTRL) = 0; /* the auxiliary source is the PLL */
    EK_SET(EK_CLK_SYS_CTRL) = 1U;
    while (EK_REG(EK_CLK_SYS_SELECTED) != 2U) {
    }
    EK_REG(EK_CLK_PERI_CTRL) = 1UL << 11; /* on, from the core's clock */
}

static inline void ek_rp2_console(void) {
    ek_rp2_restart(EK_RESET_PINS | EK_RESET_PADS | EK_RESET_UART);
    for (uint32_t pin = 0; pin < 2U; pin++) {
        EK_REG(EK_PADS + 4U + 4U * pin) = EK_PAD_UART;
        EK_REG(EK_PINS + 4U + 8U * pin) = EK_PIN_UART;
    }
    ek_pl011_init(EK_CLOCK_HZ, 0);
}

#endif
