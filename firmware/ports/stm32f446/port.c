/* ST STM32F446: USART, DWT cycle counter, 168 MHz from the clock that the board feeds in.
 *
 * Register facts: ST's CMSIS device header; see the sources in boards/nucleo_f446re.toml. 168 MHz is the most
 * that the core takes without its over-drive.
 */
#include "ek_cycles.h"
#include "ek_stm32_usart.h"

#define RCC_CR      EK_REG(0x40023800U)
#define RCC_PLLCFGR EK_REG(0x40023804U)
#define RCC_CFGR    EK_REG(0x40023808U)
#define RCC_AHB1ENR EK_REG(0x40023830U)
#define RCC_APB1ENR EK_REG(0x40023840U)
#define FLASH_ACR   EK_REG(0x40023C00U)
#define PWR_CR      EK_REG(0x40007000U)

#define HSE_BYPASS   ((1UL << 18) | (1UL << 16)) /* HSEBYP, HSEON */
#define HSE_READY    (1UL << 17)
#define PLL_ON       (1UL << 24)
#define PLL_READY    (1UL << 25)
#define PLL_FROM_HSE (1UL << 22)
#define PLL_MHZ      (EK_CLOCK_HZ / 1000000U)
/* The input divided to 1 MHz, times 2 N, divided by 2 (P); Q and R, which nothing uses, as at reset. */
#define PLL_FACTORS                                                                                          \
    ((2UL << 28) | (4UL << 24) | PLL_FROM_HSE | (2UL * PLL_MHZ << 6) | (EK_CRYSTAL_HZ / 1000000U))
#define BUSES        ((4UL << 13) | (5UL << 10)) /* APB2 / 2, APB1 / 4 */
#define FLASH_CACHED ((7UL << 8) | 5UL)          /* data cache, instruction cache, prefetch; 5 wait states */
#define GPIOA        0x40020000U

static void start_clock(void) {
    RCC_APB1ENR |= 1UL << 28; /* PWREN */
    PWR_CR |= 3UL << 14;      /* VOS: scale 1 */
    RCC_CR |= HSE_BYPASS;
    while ((RCC_CR & HSE_READY) == 0U) {
    }
    RCC_PLLCFGR = PLL_FACTORS;
    RCC_CR |= PLL_ON;
    while ((RCC_CR & PLL_READY) == 0U) {
    }
    FLASH_ACR = FLASH_CACHED;
    while ((FLASH_ACR & 15U) != 5U) {
    }
    RCC_CFGR = BUSES;
    RCC_CFGR = BUSES | 2U; /* SW: PLL */
    while ((RCC_CFGR & (3UL << 2)) != (2UL << 2)) {
    }
}

void ek_port_init(void) {
    start_clock();
    RCC_AHB1ENR |= 1UL;       /* GPIOA */
    RCC_APB1ENR |= 1UL << 17; /* USART2 */
    (void)RCC_APB1ENR;        /* the clock is on two cycles after the write */
    ek_stm32_pin(GPIOA, 2, 7);
    ek_stm32_pin(GPIOA, 3, 7);
    ek_dwt_init();
    ek_stm32_usart_init(EK_CLOCK_HZ / 4U);
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
