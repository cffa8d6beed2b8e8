#include "ek_div_s8.h"

#include "ek_fixedpoint.h"
#include "ek_requantize.h"
#include "ek_walk_s8.h"

/* dividend / divisor, scaled; source: DivElementwise of TensorFlow Lite. Not for a dividend or divisor of 0.
 */
static int32_t quotient(const ek_div_s8_params_t *p, int32_t dividend, int32_t divisor) {
    const int32_t numerator = divisor < 0 ? -dividend : dividend;
    const uint32_t denominator = (uint32_t)(divisor < 0 ? -divisor : divisor);
    const int32_t zeros = ek_leading_zeros(denominator);
    const int32_t reciprocal = ek_reciprocal((int32_t)((denominator << zeros) - 0x80000000U));
    const int32_t headroom = ek_leading_zeros((uint32_t)(numerator < 0 ? ~numerator : numerator)) - 1;
    const int32_t unscaled = ek_multiply_high(ek_shift_left(numerator, headroom), reciprocal);
    const int32_t right = 31 - zeros + headroom - p->shift;
    return right > 31 ? 0 : ek_divide_by_power(ek_multiply_high(unscaled, p->multiplier), right);
}

static int8_t divide(const void *params, int32_t x1, int32_t x2) {
    const ek_div_s8_params_t *p = (const ek_div_s8_params_t *)params;
    const int32_t dividend = x1 - p->zero_point1;
    const int32_t divisor = x2 - p->zero_point2;
    int32_t value = 0;
    if (dividend != 0) {
        value = divisor != 0 ? quotient(p, dividend, divisor) : dividend < 0 ? -512 : 512;
    }
    return (int8_t)(ek_clamp(value, p->low, p->high) + p->output_zero_point);
}

void ek_div_s8(const ek_div_s8_params_t *p, const int8_t *input1, const int8_t *input2, int8_t *output) {
    ek_walk_s8(&p->walk, input1, input2, output, divide, p);
}
