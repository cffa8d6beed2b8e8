#include "toy.h"

#ifdef EK_TRACE
#include "ek_trace.h"
#endif

#define INPUTS 1500U
#define SCORES 8U
#define SUMS   2U

/* The outputs overwrite the input: the arena is shared, as in generated code. */
ek_status_t toy_init(toy_t *model, void *arena, size_t arena_size) {
    if (arena_size < TOY_ARENA_SIZE) {
        return EK_ERROR_ARENA_SIZE;
    }
    model->arena = arena;
    return toy_reset(model);
}

ek_status_t toy_reset(toy_t *model) {
    model->state = 0;
    return EK_OK;
}

ek_status_t toy_invoke(toy_t *model) {
    const int8_t *input = toy_input(model);
#ifdef EK_TRACE
    ek_trace(0, 0, input, INPUTS);
#endif
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (uint32_t i = 0; i < INPUTS; i++) {
        hash = (hash ^ (uint8_t)input[i]) * 16777619U;
    }
#ifdef TOY_STATEFUL
    hash += model->state;
    model->state = hash;
#endif
    for (uint32_t i = 0; i < SCORES; i++) {
        model->arena[i] = (uint8_t)(hash >> (3U * i));
    }
    int32_t *sums = (int32_t *)(void *)(model->arena + SCORES);
    for (uint32_t i = 0; i < SUMS; i++) {
        sums[i] = (int32_t)(hash * (i + 1U));
    }
#ifdef EK_TRACE
    ek_trace(2, 0, model->arena, SCORES);
    ek_trace(2, SCORES - 2U, model->arena + SCORES - 2U, 2U + sizeof sums[0]); /* two bytes again */
    ek_trace(2, SCORES + 4U, &sums[1], sizeof sums[1]);
    ek_trace(3, 4, sums, sizeof sums[0]); /* behind a gap */
    ek_trace(4, 0, sums, sizeof sums[0]); /* there is no such node */
#endif
    return EK_OK;
}

int8_t *toy_input(const toy_t *model) {
    return (int8_t *)model->arena;
}

const int8_t *toy_output_scores(const toy_t *model) {
    return (const int8_t *)model->arena;
}

const int32_t *toy_output_sums(const toy_t *model) {
    return (const int32_t *)(const void *)(model->arena + SCORES);
}
