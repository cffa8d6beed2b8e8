/* ST STM32H743: USART3, DWT cycle counter, both caches, 400 MHz from the clock that the board feeds in.
 *
 * Register facts: ST's CMSIS device header and HAL; see the sources in boards/nucleo_h743zi.toml. 400 MHz is
 * what every revision of the chip takes at voltage scale 1.
 */
#include "ek_cache.h"
#include "ek_cycles.h"
#include "ek_stm32_usart.h"

#define RCC_CR        EK_REG(0x58024400U)
#define RCC_CFGR      EK_REG(0x58024410U)
#define RCC_D1CFGR    EK_REG(0x58024418U)
#define RCC_D2CFGR    EK_REG(0x5802441CU)
#define RCC_D3CFGR    EK_REG(0x58024420U)
#define RCC_PLLCKSELR EK_REG(0x58024428U)
#define RCC_PLLCFGR   EK_REG(0x5802442CU)
#define RCC_PLL1DIVR  EK_REG(0x58024430U)
#define RCC_AHB4ENR   EK_REG(0x580244E0U)
#define RCC_APB1LENR  EK_REG(0x580244E8U)
#define PWR_CSR1      EK_REG(0x58024804U)
#define PWR_CR3       EK_REG(0x5802480CU)
#define PWR_D3CR      EK_REG(0x58024818U)
#define FLASH_ACR     EK_REG(0x52002000U)
#define GPIOD         0x58020C00U

#define SUPPLY       7UL         /* SCUEN, LDOEN, BYPASS */
#define SUPPLY_LDO   2UL         /* LDOEN */
#define VOLTAGE_OK   (1UL << 13) /* ACTVOSRDY, VOSRDY */
#define VOLTAGE_1    (3UL << 14)
#define HSE_BYPASS   ((1UL << 18) | (1UL << 16)) /* HSEBYP, HSEON */
#define HSE_READY    (1UL << 17)
#define PLL_ON       (1UL << 24)
#define PLL_READY    (1UL << 25)
#define PLL_FROM_HSE ((1UL << 4) | 2UL)         /* DIVM1 = 1 */
#define PLL_RANGES   ((1UL << 16) | (3UL << 2)) /* DIVP1EN, input of 8 to 16 MHz, wide oscillator */
#define PLL_FACTORS  ((1UL << 9) | (2UL * (EK_CLOCK_HZ / EK_CRYSTAL_HZ) - 1UL)) /* P = 2, N */
#define FLASH_TIMING ((2UL << 4) | 2UL) /* WRHIGHFREQ 2, 2 wait states: AXI at 200 MHz */
#define SW_PLL       3UL
#define SWS_PLL      (3UL << 3)

static void start_clock(void) {
    PWR_CR3 = (PWR_CR3 & ~SUPPLY) | SUPPLY_LDO;
    while ((PWR_CSR1 & VOLTAGE_OK) == 0U) {
    }
    PWR_D3CR |= VOLTAGE_1;
    while ((PWR_D3CR & VOLTAGE_OK) == 0U) {
    }
    RCC_CR |= HSE_BYPASS;
    while ((RCC_CR & HSE_READY) == 0U) {
    }
    RCC_PLLCKSELR = PLL_FROM_HSE;
    RCC_PLLCFGR = PLL_RANGES;
    RCC_PLL1DIVR = PLL_FACTORS;
    RCC_CR |= PLL_ON;
    while ((RCC_CR & PLL_READY) == 0U) {
    }
    FLASH_ACR = FLASH_TIMING;
    while (FLASH_ACR != FLASH_TIMING) {
    }
    RCC_D1CFGR = (4UL << 4) | 8UL; /* HPRE: AXI and AHB at half the core's clock; APB3 at half of that */
    RCC_D2CFGR = (4UL << 8) | (4UL << 4);
    RCC_D3CFGR = 4UL << 4;
    RCC_CFGR = SW_PLL;
    while ((RCC_CFGR & (7UL << 3)) != SWS_PLL) {
    }
}

void ek_port_init(void) {
    start_clock();
    ek_cache_start();
    RCC_AHB4ENR |= 1UL << 3;   /* GPIOD */
    RCC_APB1LENR |= 1UL << 18; /* USART3 */
    (void)RCC_APB1LENR;        /* the clock is on two cycles after the write */
    ek_stm32_pin(GPIOD, 8, 7);
    ek_stm32_pin(GPIOD, 9, 7);
    ek_dwt_init();
    ek_stm32_usart_init(EK_CLOCK_HZ / 4U);
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
