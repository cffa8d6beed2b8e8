/* What all Cortex-M ports share: registers of the core, startup, faults, stack, reset. */
#ifndef EK_CORTEX_M_H
#define EK_CORTEX_M_H

#include <stdint.h>

/* A device register at `address`. */
#define EK_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define EK_SCB_VTOR       EK_REG(0xE000ED08U)
#define EK_SCB_AIRCR      EK_REG(0xE000ED0CU)
#define EK_SCB_CCR        EK_REG(0xE000ED14U)
#define EK_SCB_CFSR       EK_REG(0xE000ED28U)
#define EK_SCB_HFSR       EK_REG(0xE000ED2CU)
#define EK_SCB_MMFAR      EK_REG(0xE000ED34U)
#define EK_SCB_BFAR       EK_REG(0xE000ED38U)
#define EK_SCB_CPACR      EK_REG(0xE000ED88U)
#define EK_MPU_TYPE       EK_REG(0xE000ED90U)
#define EK_MPU_CTRL       EK_REG(0xE000ED94U)
#define EK_MPU_RBAR       EK_REG(0xE000ED9CU)
#define EK_MPU_RASR       EK_REG(0xE000EDA0U)
#define EK_NVIC_ISER(irq) EK_REG(0xE000E100U + 4U * ((irq) / 32U))
#define EK_NVIC_ICER(irq) EK_REG(0xE000E180U + 4U * ((irq) / 32U))
#define EK_NVIC_ICPR(irq) EK_REG(0xE000E280U + 4U * ((irq) / 32U))
#define EK_IRQ_BIT(irq)   (1UL << ((irq) % 32U))

static inline void ek_barrier(void) {
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* Sleeps until an enabled interrupt is pending, masked or not. */
static inline void ek_wait_for_interrupt(void) {
    __asm__ volatile("dsb\n\twfi" ::: "memory");
}

/* What a port may define beyond ek_port.h: */

/* Called before variables are set up: memories that are off at reset, caches. The stack works already. */
void ek_port_early(void);

/* Any external interrupt; a port that enables one in the NVIC with interrupts unmasked defines it. */
void ek_port_irq(void);

#endif
